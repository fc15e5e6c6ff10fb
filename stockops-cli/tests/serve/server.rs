//! `Server`: `stockops serve` on a free port, ended when it is dropped.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    key: Option<String>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    /// Serve `home`; `words` are flags beside it, `variables` the environment.
    pub(crate) fn start(home: &Path, words: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(home).args(["serve", "--port", "0", "--home", "."]).args(words.split_whitespace());
        for name in ["STOCKOPS_API_KEY", "STOCKOPS_ADMIN_KEY", "STOCKOPS_REDIS_URL", "STOCKOPS_LLM_URL"] {
            command.env_remove(name);
        }
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9/").envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it served: {seen}");
            if let Some((_, rest)) = line.split_once("serving on http://") {
                break rest.split(',').next().unwrap().to_owned();
            }
            seen += &line;
        };
        // Whoever writes to a pipe that nobody reads stops at some time.
        std::thread::spawn(move || {
            let mut rest = Vec::new();
            let _ = lines.read_to_end(&mut rest);
        });
        let key = variables.iter().find(|(name, _)| *name == "STOCKOPS_API_KEY").map(|(_, key)| (*key).to_owned());
        Self { child, address, key }
    }

    /// The same server for who has another key, or none.
    pub(crate) fn ask(&self, method: &str, path: &str, key: Option<&str>, body: Option<&[u8]>) -> Answer {
        let kind = if path.starts_with("/bars") { "application/octet-stream" } else { "application/json" };
        self.send(method, path, &[("content-type", kind)], key, body)
    }

    /// A request with headers of its own.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        key: Option<&str>,
        body: Option<&[u8]>,
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        // A body that nobody reads, as that of a GET, may end a connection before the answer is read.
        let body = body.filter(|_| !matches!(method, "GET" | "DELETE"));
        let request = request.body(body.unwrap_or_default().to_vec()).unwrap();
        let mut answer = agent().run(request).unwrap();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        Answer {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            body: answer.body_mut().read_to_string().unwrap(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, self.key.as_deref(), None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, self.key.as_deref(), Some(body.to_string().as_bytes()))
    }

    /// The events of a task after number `after`, until `enough` says so or the stream ends: number, kind and data of each.
    pub(crate) fn events(
        &self,
        task: &str,
        after: u64,
        mut enough: impl FnMut(&str) -> bool,
    ) -> Vec<(u64, String, Value)> {
        let mut request = agent().get(format!("http://{}/events/{task}", self.address));
        request = request.header("last-event-id", after.to_string());
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key);
        }
        let answer = request.call().unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let (mut told, mut number, mut kind) = (Vec::new(), 0, String::new());
        for line in BufReader::new(answer.into_body().into_reader()).lines() {
            let line = line.unwrap();
            match line.split_once(": ") {
                Some(("id", id)) => number = id.parse().unwrap(),
                Some(("event", word)) => kind = word.to_owned(),
                Some(("data", data)) => {
                    told.push((number, kind.clone(), serde_json::from_str(data).unwrap()));
                    if enough(&kind) {
                        break;
                    }
                }
                _ => {}
            }
        }
        told
    }

    /// Wait until the task has ended; how.
    pub(crate) fn ended(&self, task: &str) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.get(&format!("/status/{task}")).json();
            if status["status"] != "running" {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "{status}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// End it as an operator does, and wait.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    /// End it as a crash does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Statuses are answers, not errors.
fn agent() -> ureq::Agent {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120)));
    config.allow_non_standard_methods(true).build().into()
}
