//! `Client`: requests to a server of Qdrant, and what its refusals mean.

use std::fmt::Display;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http::{self, Body, Broken, Rules};

/// A cache that is slow is no cache.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);

/// Most bytes of an answer: a page of whole reports.
const MOST_BYTES: usize = 64 << 20;

/// Most characters that are shown of a refusal.
const SHOWN: usize = 300;

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// Ends with a slash.
    url: Url,
}

impl Client {
    pub(super) fn new(url: &str, key: Option<&str>) -> Result<Self> {
        let error = |problem: String| Error::Store { what: "the address of Qdrant".into(), problem };
        let url = http::address(&format!("{}/", url.trim_end_matches('/'))).ok_or_else(|| error(wanted(url)))?;
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let key = http::secret(key).ok_or_else(|| error("its key has characters that no header takes".into()))?;
            headers.insert("api-key", key);
        }
        let rules = Rules { headers, connect: Some(CONNECT), whole: Some(ANSWER), ..Rules::default() };
        let http = http::client(&url, rules).map_err(error)?;
        Ok(Self { http, url })
    }

    /// The address without a password.
    pub(super) fn address(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>> {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Option<Value>> {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Option<Value>> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// The `result` of an answer; `None` where there is nothing at `path`: no collection.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Option<Value>> {
        let url = self.url.join(path).map_err(|error| self.error(error))?;
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        if status == 404 {
            return Ok(None);
        }
        let body = Body::new(answer, MOST_BYTES).all().await.map_err(|broken| match broken {
            Broken::TooLong(most) => self.error(format!("its answer has more than {most} bytes")),
            Broken::Off(error) => self.unreachable(&error),
        })?;
        if !status.is_success() {
            return Err(self.refused(status.as_u16(), &String::from_utf8_lossy(&body)));
        }
        let answer: Value =
            serde_json::from_slice(&body).map_err(|error| self.error(format!("its answer is no JSON ({error})")))?;
        Ok(Some(answer["result"].clone()))
    }

    fn refused(&self, status: u16, text: &str) -> Error {
        let told = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|answer| Some(answer["status"]["error"].as_str()?.to_owned()));
        let told: String = told.unwrap_or_else(|| text.to_owned()).chars().take(SHOWN).collect();
        let next = match status {
            401 | 403 => "give its key",
            400 if told.contains("dim") => "an embedding model of another width needs a collection of its own",
            400..500 => "see what the server says",
            _ => "try again, or go without the cache",
        };
        self.error(format!("it refused ({status}): {told}; {next}"))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Error {
        let what = if error.is_timeout() { "it takes too long" } else { "nobody answers" };
        self.error(format!(
            "{what}; start the server, fix the address, or go without it: answers are then kept in a file"
        ))
    }

    pub(super) fn error(&self, problem: impl Display) -> Error {
        Error::Store {
            what: format!("the cache of answers in Qdrant at {}", self.address()),
            problem: problem.to_string(),
        }
    }
}

fn wanted(got: &str) -> String {
    format!("it is to be a URL such as http://127.0.0.1:6333, got {got}")
}
