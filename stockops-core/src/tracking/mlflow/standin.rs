//! A server on this machine that plays MLflow as 3.17 answers, with what goes wrong on the way to one. `tests/mlflow.sh` holds the
//! same tests against the real one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The answer of each write is lost, after it was done.
    LostWrites,
    /// The answer of each second write is lost, after it was done.
    LostSecondWrites,
    Forbidden,
    NoApi,
    /// It has runs and no registry, as some servers.
    NoRegistry,
    Page,
    Broken,
    Silent,
}

#[derive(Debug, Default)]
struct State {
    experiments: BTreeMap<String, String>,
    runs: BTreeMap<String, Value>,
    points: BTreeMap<String, Vec<Value>>,
    files: BTreeMap<String, Vec<u8>>,
    /// Versions by model, none where one was deleted.
    models: BTreeMap<String, Vec<Option<Value>>>,
    /// Version by model and name.
    aliases: BTreeMap<(String, String), String>,
    /// A model of which no version is taken.
    refused: String,
    /// Header lines of authorization that came.
    logins: Vec<String>,
    writes: usize,
}

/// The server; it ends with the test.
#[derive(Debug)]
pub(super) struct Standin {
    pub(super) uri: String,
    state: Arc<Mutex<State>>,
    fault: Arc<Mutex<Fault>>,
    requests: Arc<AtomicUsize>,
}

impl Standin {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let one =
            Self { uri, state: Arc::default(), fault: Arc::new(Mutex::new(Fault::None)), requests: Arc::default() };
        let (state, fault, requests) = (one.state.clone(), one.fault.clone(), one.requests.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, fault, requests) = (state.clone(), fault.clone(), requests.clone());
                std::thread::spawn(move || {
                    requests.fetch_add(1, Ordering::Relaxed);
                    let _ = served(stream, &state, *fault.lock().unwrap());
                });
            }
        });
        one
    }

    pub(super) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn runs(&self) -> Vec<Value> {
        self.state().runs.values().cloned().collect()
    }

    pub(super) fn points(&self) -> usize {
        self.state().points.values().map(Vec::len).sum()
    }

    pub(super) fn files(&self) -> Vec<String> {
        self.state().files.keys().cloned().collect()
    }

    /// Names of a model, each with the bytes and our name of its version.
    pub(super) fn named(&self, model: &str) -> BTreeMap<String, (String, Vec<u8>)> {
        let state = self.state();
        let of_model = state.aliases.iter().filter(|((of, _), _)| of == model);
        let what = |number: &String| {
            let version = state.version(model, number).unwrap();
            let path = version["source"].as_str().unwrap().trim_start_matches("mlflow-artifacts:/");
            let path = format!("{path}/bundle.safetensors");
            (super::wire::read_words(&version["tags"])["stockops.version"].clone(), state.files[&path].clone())
        };
        of_model.map(|((_, alias), number)| (alias.clone(), what(number))).collect()
    }

    /// Our names of the versions of a model, in the order of theirs.
    pub(super) fn versions(&self, model: &str) -> Vec<String> {
        let state = self.state();
        let name = |version: &Value| super::wire::read_words(&version["tags"])["stockops.version"].clone();
        state.models.get(model).into_iter().flatten().flatten().map(name).collect()
    }

    /// Somebody else gives a version a name.
    pub(super) fn give_name(&self, model: &str, alias: &str, number: &str) {
        self.state().aliases.insert((model.into(), alias.into()), number.into());
    }

    pub(super) fn logins(&self) -> Vec<String> {
        self.state().logins.clone()
    }

    /// Somebody deletes the run that began first.
    pub(super) fn delete_first_run(&self) {
        self.state().runs.pop_first();
    }

    /// Take no version of a model, as where its name is too long.
    pub(super) fn refuse(&self, model: &str) {
        self.state().refused = model.into();
    }

    pub(super) fn delete_experiment(&self, name: &str) {
        self.state().experiments.insert(name.into(), "deleted".into());
    }
}

/// One request and its answer; the connection is closed.
fn served(mut stream: TcpStream, state: &Mutex<State>, fault: Fault) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => state.lock().unwrap().logins.push(value.trim().into()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let forbidden = json!({"message": "Invalid Host header - possible DNS rebinding attack detected"});
    let (status, answer) = match fault {
        Fault::Silent => {
            std::thread::sleep(std::time::Duration::from_secs(3));
            return Ok(());
        }
        Fault::Forbidden => (403, forbidden.to_string().into_bytes()),
        Fault::NoRegistry if target.contains("registered-models") || target.contains("model-versions") => {
            (404, b"<html>Not Found</html>".to_vec())
        }
        Fault::NoApi => (404, b"<html>Not Found</html>".to_vec()),
        Fault::Page => (200, b"<html><body>Sign in</body></html>".to_vec()),
        Fault::Broken => (503, b"upstream".to_vec()),
        _ => answered(&mut state.lock().unwrap(), &method, &target, &body),
    };
    let is_write = method != "GET" && !target.contains("/search");
    if is_write {
        state.lock().unwrap().writes += 1;
    }
    let is_lost = fault == Fault::LostWrites
        || fault == Fault::LostSecondWrites && state.lock().unwrap().writes.is_multiple_of(2);
    if is_write && is_lost {
        return Ok(());
    }
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len())?;
    stream.write_all(&answer)
}

fn answered(state: &mut State, method: &str, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Some(path) = path.strip_prefix("/api/2.0/mlflow-artifacts/artifacts/") {
        return match method {
            "PUT" => {
                state.files.insert(path.into(), body.to_vec());
                (200, b"{}".to_vec())
            }
            _ => (200, state.files[path].clone()),
        };
    }
    let query: BTreeMap<&str, String> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name, plain(value))).collect();
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let of =
        |name: &str| query.get(name).cloned().unwrap_or_else(|| asked[name].as_str().unwrap_or_default().to_owned());
    let answer = match path.strip_prefix("/api/2.0/mlflow/").unwrap_or_default() {
        "experiments/get-by-name" => state.experiment(&of("experiment_name")),
        "experiments/create" => state.create_experiment(&of("name")),
        "runs/create" => state.create_run(&asked),
        "runs/search" => state.search(&asked),
        "runs/get" => state.run(&of("run_id")).map(|run| json!({"run": run})),
        "runs/log-batch" => state.log(&of("run_id"), &asked),
        "runs/update" => state.update(&of("run_id"), &asked),
        "metrics/get-history" => state.history(&of("run_id"), &of("metric_key"), &of("page_token")),
        "artifacts/list" => Ok(state.list(&of("run_id"))),
        "registered-models/get" => state.model(&of("name")),
        "registered-models/create" => state.create_model(&of("name")),
        "registered-models/alias" => state.alias(method, [of("name"), of("alias"), of("version")]),
        "model-versions/search" => state.search_versions(&of("filter")),
        "model-versions/create" => state.create_version(&of("name"), asked),
        "model-versions/get" => state.with_aliases(&of("name"), &of("version")),
        "model-versions/delete" => state.delete_version(&of("name"), &of("version")),
        _ => Err((404, "ENDPOINT_NOT_FOUND", "no such endpoint".into())),
    };
    match answer {
        Ok(answer) => (200, answer.to_string().into_bytes()),
        Err((status, code, message)) => {
            (status, json!({"error_code": code, "message": message}).to_string().into_bytes())
        }
    }
}

type Answer = Result<Value, (u16, &'static str, String)>;

fn gone(what: &str, name: &str) -> (u16, &'static str, String) {
    (404, "RESOURCE_DOES_NOT_EXIST", format!("{what} with id={name} not found"))
}

impl State {
    fn experiment(&self, name: &str) -> Answer {
        let id = self.experiments.get(name).ok_or_else(|| gone("Experiment", name))?;
        let stage = if id == "deleted" { "deleted" } else { "active" };
        Ok(json!({"experiment": {"experiment_id": id, "name": name, "lifecycle_stage": stage}}))
    }

    fn create_experiment(&mut self, name: &str) -> Answer {
        if self.experiments.contains_key(name) {
            return Err((400, "RESOURCE_ALREADY_EXISTS", format!("Experiment '{name}' already exists.")));
        }
        let id = (self.experiments.len() + 1).to_string();
        self.experiments.insert(name.into(), id.clone());
        Ok(json!({"experiment_id": id}))
    }

    fn create_run(&mut self, asked: &Value) -> Answer {
        let id = format!("{:032x}", self.runs.len() + 1);
        let experiment = asked["experiment_id"].as_str().unwrap();
        let run = json!({
            "info": {
                "run_id": id,
                "run_name": asked["run_name"],
                "status": "RUNNING",
                "start_time": asked["start_time"],
                "artifact_uri": format!("mlflow-artifacts:/{experiment}/{id}/artifacts"),
            },
            "data": {"params": [], "tags": asked["tags"], "metrics": []},
        });
        self.runs.insert(id, run.clone());
        Ok(json!({"run": run}))
    }

    fn run(&self, id: &str) -> Answer {
        self.runs.get(id).cloned().ok_or_else(|| gone("Run", id))
    }

    fn search(&self, asked: &Value) -> Answer {
        let filter = asked["filter"].as_str().unwrap_or_default();
        let wanted = filter.rsplit('\'').nth(1).unwrap_or_default();
        let has = |run: &Value| run["data"]["tags"].as_array().unwrap().iter().any(|tag| tag["value"] == wanted);
        let found: Vec<&Value> = self.runs.values().filter(|run| filter.is_empty() || has(run)).collect();
        // Two runs a page, so that pages are turned.
        let first: usize = asked["page_token"].as_str().unwrap_or_default().parse().unwrap_or(0);
        let next = if first + 2 < found.len() { (first + 2).to_string() } else { String::new() };
        let page: Vec<&Value> = found.into_iter().skip(first).take(2).collect();
        Ok(json!({"runs": page, "next_page_token": next}))
    }

    fn log(&mut self, id: &str, asked: &Value) -> Answer {
        self.run(id)?;
        let list = |name: &str| asked[name].as_array().cloned().unwrap_or_default();
        if list("metrics").len() > 1000 || list("params").len() > 100 || list("tags").len() > 100 {
            return Err((400, "INVALID_PARAMETER_VALUE", "too many entities in one batch".into()));
        }
        let run = self.runs.get_mut(id).unwrap();
        for param in list("params") {
            let known = entry(&mut run["data"]["params"], &param["key"]);
            if !known.is_null() && known["value"] != param["value"] {
                let message = format!("Changing param values is not allowed: {}", param["key"]);
                return Err((400, "INVALID_PARAMETER_VALUE", message));
            }
            *known = param;
        }
        for tag in list("tags") {
            *entry(&mut run["data"]["tags"], &tag["key"]) = tag.clone();
        }
        let points = self.points.entry(id.into()).or_default();
        for metric in list("metrics") {
            // The key of MLflow's table of metrics: the same row again is ignored.
            if !points.contains(&metric) {
                points.push(metric.clone());
            }
            *entry(&mut run["data"]["metrics"], &metric["key"]) = metric.clone();
        }
        Ok(json!({}))
    }

    fn update(&mut self, id: &str, asked: &Value) -> Answer {
        self.run(id)?;
        let run = self.runs.get_mut(id).unwrap();
        run["info"]["status"] = asked["status"].clone();
        run["info"]["end_time"] = asked["end_time"].clone();
        Ok(json!({"run_info": run["info"]}))
    }

    fn history(&self, id: &str, metric: &str, token: &str) -> Answer {
        let of_metric = |point: &&Value| point["key"] == metric;
        let all: Vec<&Value> = self.points.get(id).into_iter().flatten().filter(of_metric).collect();
        let first: usize = token.parse().unwrap_or(0);
        let next = if first + 700 < all.len() { (first + 700).to_string() } else { String::new() };
        Ok(json!({"metrics": all.into_iter().skip(first).take(700).collect::<Vec<_>>(), "next_page_token": next}))
    }

    fn list(&self, id: &str) -> Value {
        let inside = format!("/{id}/artifacts/");
        let names =
            self.files.keys().filter_map(|path| path.split_once(&inside)).map(|(_, name)| json!({"path": name}));
        json!({"files": names.collect::<Vec<_>>()})
    }
}

/// The registry.
impl State {
    fn model(&self, name: &str) -> Answer {
        self.models.get(name).ok_or_else(|| gone("Registered Model", name))?;
        Ok(json!({"registered_model": {"name": name}}))
    }

    fn create_model(&mut self, name: &str) -> Answer {
        if self.models.contains_key(name) {
            return Err((400, "RESOURCE_ALREADY_EXISTS", format!("Registered Model (name={name}) already exists.")));
        }
        self.models.insert(name.into(), Vec::new());
        self.model(name)
    }

    fn version(&self, name: &str, number: &str) -> Result<&Value, (u16, &'static str, String)> {
        let place: usize = number.parse().unwrap();
        let found = self.models.get(name).and_then(|versions| versions.get(place - 1)?.as_ref());
        found.ok_or_else(|| gone("Model Version", &format!("{name} {number}")))
    }

    fn create_version(&mut self, name: &str, asked: Value) -> Answer {
        self.model(name)?;
        if name == self.refused {
            return Err((400, "INVALID_PARAMETER_VALUE", format!("no version of {name} is taken")));
        }
        let versions = self.models.get_mut(name).unwrap();
        let mut version = asked;
        version["version"] = json!((versions.len() + 1).to_string());
        versions.push(Some(version.clone()));
        Ok(json!({"model_version": version}))
    }

    fn with_aliases(&self, name: &str, number: &str) -> Answer {
        let mut version = self.version(name, number)?.clone();
        let names = self.aliases.iter().filter(|((of, _), held)| of == name && *held == number);
        version["aliases"] = names.map(|((_, alias), _)| json!(alias)).collect();
        Ok(json!({"model_version": version}))
    }

    fn delete_version(&mut self, name: &str, number: &str) -> Answer {
        self.version(name, number)?;
        assert!(
            self.aliases.iter().all(|((of, _), held)| of != name || held != number),
            "a name would outlive its version"
        );
        self.models.get_mut(name).unwrap()[number.parse::<usize>().unwrap() - 1] = None;
        Ok(json!({}))
    }

    /// Names stand in no answer of a search.
    fn search_versions(&self, filter: &str) -> Answer {
        let words: Vec<&str> = filter.split('\'').collect();
        // A quote in a word ends the word.
        if words.len() != 5 {
            return Err((400, "INVALID_PARAMETER_VALUE", format!("Invalid filter '{filter}'")));
        }
        let has = |version: &&Value| super::wire::read_words(&version["tags"]).values().any(|value| value == words[3]);
        let found: Vec<&Value> = self.models.get(words[1]).into_iter().flatten().flatten().filter(has).collect();
        Ok(json!({"model_versions": found}))
    }

    fn alias(&mut self, method: &str, [name, alias, version]: [String; 3]) -> Answer {
        let key = (name.clone(), alias.clone());
        match method {
            "GET" => {
                let none = || (400, "INVALID_PARAMETER_VALUE", format!("Registered model alias {alias} not found."));
                let number = self.aliases.get(&key).ok_or_else(none)?;
                self.with_aliases(&name, number)
            }
            "DELETE" => {
                self.aliases.remove(&key);
                Ok(json!({}))
            }
            _ => {
                self.version(&name, &version)?;
                self.aliases.insert(key, version);
                Ok(json!({}))
            }
        }
    }
}

/// The entry of `key` in a list of keys and values; a new one is null.
fn entry<'a>(list: &'a mut Value, key: &Value) -> &'a mut Value {
    let list = list.as_array_mut().unwrap();
    let place = list.iter().position(|one| one["key"] == *key).unwrap_or_else(|| {
        list.push(Value::Null);
        list.len() - 1
    });
    &mut list[place]
}

/// A word of a query without its percent signs.
fn plain(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' && rest.len() >= 2 {
            let digits = std::str::from_utf8(&rest[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(if first == b'+' { b' ' } else { first });
        }
    }
    String::from_utf8(bytes).unwrap()
}
