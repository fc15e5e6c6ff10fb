//! `Web`: one place on the network that is asked for JSON, with limits of its own.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;

use super::clean::line;
use crate::error::{Error, Result};
use crate::http::{self, Body, Broken, Rules};

/// How a source on the network is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Tries of a call, where the source is busy, fails or does not answer in time; at least 1. Default 3.
    pub tries: u32,
    /// The first pause between tries, doubled each time. Default half a second.
    pub pause: Duration,
    /// The longest pause that a source may ask for; where it wants a longer one the call fails. Default 5 s.
    pub longest_pause: Duration,
    /// Time for a whole answer. Default 10 s.
    pub timeout: Duration,
    /// Bytes of an answer. Default 4 MiB.
    pub max_bytes: usize,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            tries: 3,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            max_bytes: 4 << 20,
        }
    }
}

/// Redirects within the place that are followed.
const REDIRECTS: usize = 3;
/// Places that serve pages answer who looks like a browser.
const NAME: &str = concat!("Mozilla/5.0 (compatible; stockops/", env!("CARGO_PKG_VERSION"), ")");

/// One place.
#[derive(Clone)]
pub(super) struct Web {
    client: Client,
    base: Url,
    access: Access,
    /// Values of headers that are never shown.
    hidden: Vec<String>,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// Why a call failed, and whether the same may succeed a little later.
struct Failed {
    problem: String,
    may_pass: bool,
    /// The pause that the source asks for.
    wait: Option<Duration>,
}

impl Web {
    /// The place `base`, such as `https://finnhub.io`; `headers` go with each call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for what is no address of the web.
    pub(super) fn new(field: &'static str, base: &str, headers: HeaderMap, access: Access) -> Result<Self> {
        let rule = "an address of the web without a password";
        let url = http::address(base).ok_or_else(|| Error::Config { field, rule, got: line(base, 80) })?;
        if http::has_password(&url) {
            return Err(Error::Config { field, rule, got: url.scheme().into() });
        }
        let secret = headers.values().filter(|value| value.is_sensitive());
        let hidden = secret.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
        let rules =
            Rules { headers, user_agent: NAME, whole: Some(access.timeout), redirects: REDIRECTS, connect: None };
        let client = http::client(&url, rules);
        let client = client.map_err(|got| Error::Config { field, rule: "a place that can be asked", got })?;
        Ok(Self { client, base: url, access, hidden })
    }

    /// The JSON at `path` with `query`; the problem in words, without the address.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, String> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| "it has no path".to_string())?.pop_if_empty().extend(path);
        let (mut pause, mut left) = (self.access.pause, self.access.tries.max(1));
        loop {
            let failed = match self.call(url.clone(), query).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            left -= 1;
            let wait = failed.wait.unwrap_or(pause);
            if left == 0 || !failed.may_pass || wait > self.access.longest_pause {
                return Err(failed.problem);
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
    }

    async fn call(&self, url: Url, query: &[(&str, &str)]) -> Result<Value, Failed> {
        let answered = self.client.get(url).query(query).send().await;
        let response = answered.map_err(|error| Failed::passing(told(error)))?;
        refused(&response)?;
        let body = Body::new(response, self.access.max_bytes).all().await.map_err(|broken| match broken {
            Broken::TooLong(most) => Failed::lasting(format!("its answer has more than {most} bytes")),
            Broken::Off(error) => Failed::passing(told(error)),
        })?;
        serde_json::from_slice(&body).map_err(|_| {
            let begins = self.said(&String::from_utf8_lossy(&body), 60);
            Failed::lasting(format!("it answered with something that is no JSON and begins with `{begins}`"))
        })
    }

    /// What the place said, as a line without its markup and without the key, should it repeat it.
    pub(super) fn said(&self, text: &str, limit: usize) -> String {
        let shown = self.hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "(key)"));
        line(&shown, limit)
    }
}

impl Failed {
    fn passing(problem: String) -> Self {
        Self { problem, may_pass: true, wait: None }
    }

    fn lasting(problem: String) -> Self {
        Self { problem, may_pass: false, wait: None }
    }
}

/// What a status other than success says.
fn refused(response: &Response) -> Result<(), Failed> {
    let status = response.status();
    let wait = http::asked_pause(response.headers());
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Failed::lasting(format!("it refused ({}); check the key and what it allows", status.as_u16())))
        }
        StatusCode::TOO_MANY_REQUESTS => {
            Err(Failed { wait, ..Failed::passing("it was asked too often (429); try again later".into()) })
        }
        status if status.is_server_error() => {
            Err(Failed { wait, ..Failed::passing(format!("it failed by itself ({})", status.as_u16())) })
        }
        status if status.is_redirection() && response.headers().contains_key(LOCATION) => {
            Err(Failed::lasting("it sends elsewhere, which is not followed".into()))
        }
        status if !status.is_success() => Err(Failed::lasting(format!("it answered with status {}", status.as_u16()))),
        _ => Ok(()),
    }
}

/// What the network said, without the address.
fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    if error.is_connect() {
        return "it cannot be reached".into();
    }
    format!("the connection broke off ({})", error.without_url())
}
