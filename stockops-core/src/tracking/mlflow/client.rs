//! `Client`: one request to a server of MLflow and its answer, with what goes wrong sorted.

use std::time::Duration;

use serde_json::Value;

use super::address::Address;
use crate::error::{Error, Refusal, Result};

/// The most bytes of an answer.
const MAX_ANSWER: u64 = 1 << 30;
/// Characters of an answer that an error shows.
const SHOWN: usize = 200;

/// What is sent with a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    Json(&'a Value),
    Bytes(&'a [u8]),
    /// What is to be taken away.
    Delete(&'a Value),
}

/// Requests to one server. Connections are kept, and each request has a limit of time.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    address: Address,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(address: Address, timeout: Duration) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // A redirect would lose the body of a POST.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self { agent: agent.into(), address, timeout }
    }

    pub(super) fn with_timeout(self, timeout: Duration) -> Self {
        Self::new(self.address, timeout)
    }

    /// Where the server is.
    pub(super) fn place(&self) -> &str {
        self.address.base()
    }

    /// Ask for JSON.
    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.json(path, &self.get_bytes(path, query)?)
    }

    /// Ask for bytes.
    pub(super) fn get_bytes(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<u8>> {
        let request = self.agent.get(self.address.of(path)).query_pairs(query.iter().copied());
        let request =
            self.address.headers().iter().fold(request, |request, (name, value)| request.header(*name, value));
        self.answer(path, request.call())
    }

    /// Send something, and read what comes back.
    pub(super) fn send(&self, path: &str, body: Body<'_>) -> Result<Value> {
        let address = self.address.of(path);
        let (request, bytes, kind) = match body {
            Body::Json(value) => (self.agent.post(address), value.to_string().into_bytes(), "application/json"),
            Body::Bytes(bytes) => (self.agent.put(address), bytes.to_vec(), "application/octet-stream"),
            Body::Delete(value) => {
                (self.agent.delete(address).force_send_body(), value.to_string().into_bytes(), "application/json")
            }
        };
        let request =
            self.address.headers().iter().fold(request, |request, (name, value)| request.header(*name, value));
        let answer = self.answer(path, request.content_type(kind).send(&bytes[..]))?;
        self.json(path, &answer)
    }

    /// The body of an answer that is no error.
    fn answer(
        &self,
        path: &str,
        answer: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Vec<u8>> {
        let mut answer = answer.map_err(|error| self.refused(self.lost(&error)))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let body = body.map_err(|error| self.refused(self.lost(&error)))?;
        if (200..300).contains(&status) { Ok(body) } else { Err(self.refused(refusal(status, path, &body))) }
    }

    fn json(&self, path: &str, bytes: &[u8]) -> Result<Value> {
        // An upload is answered with `{}` or with nothing.
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        let no_json = |_| self.refused(Refusal::NotJson { begins: format!("{path}: {}", shown(bytes)) });
        serde_json::from_slice(bytes).map_err(no_json)
    }

    fn lost(&self, error: &ureq::Error) -> Refusal {
        match error {
            ureq::Error::Timeout(_) => Refusal::Slow { after: self.timeout },
            other => Refusal::Offline { problem: other.to_string() },
        }
    }

    /// The error of this server.
    pub(super) fn refused(&self, refusal: Refusal) -> Error {
        Error::Tracker { server: self.place().to_owned(), refusal }
    }
}

/// What an answer that is an error says.
fn refusal(status: u16, path: &str, body: &[u8]) -> Refusal {
    let said: Option<Value> = serde_json::from_slice(body).ok();
    let code = said.as_ref().and_then(|said| said["error_code"].as_str()).unwrap_or_default();
    let message = said.as_ref().and_then(|said| said["message"].as_str()).map_or_else(|| shown(body), str::to_owned);
    match status {
        401 | 403 => Refusal::Forbidden { status, message },
        404 if code == "RESOURCE_DOES_NOT_EXIST" => Refusal::Gone { message },
        404 | 405 => Refusal::NoApi { path: path.to_owned() },
        500.. => Refusal::Broken { status },
        _ if message.is_empty() => Refusal::Rejected { status, message: "without a word".into() },
        _ => Refusal::Rejected { status, message },
    }
}

/// The beginning of an answer, on one line.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect()
}
