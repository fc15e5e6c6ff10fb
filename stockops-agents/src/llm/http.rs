//! `Server`: one POST to a server of models, with tries, pauses, limits, and errors that hold no key.

use std::time::Duration;

use futures_util::stream::{self, Stream};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::draft::malformed;
use super::settings::{Key, LlmSettings, refused};
use crate::error::{ModelFault, Result};
use crate::http::{self, Body, Broken, Rules};

/// Most bytes of an answer.
const MOST_BYTES: usize = 4 << 20;
/// Most characters of a server's words in an error.
const MOST_WORDS: usize = 300;
/// Before the second try; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(500);

/// A server, and how long to wait for it.
#[derive(Debug)]
pub(crate) struct Server {
    client: Client,
    base: Url,
    key: Option<Key>,
    silence: Duration,
    whole: Duration,
    tries: u32,
}

impl Server {
    /// The server of `settings`. A base address without a path gets `path`.
    pub(crate) fn new(settings: &LlmSettings, path: &str) -> Result<Self> {
        let base = base(&settings.url, path)?;
        if !(1..=3).contains(&settings.tries) {
            return Err(refused("tries", "1 to 3", &settings.tries.to_string()));
        }
        for (field, time) in [("connect", settings.connect), ("silence", settings.silence), ("whole", settings.whole)] {
            if time.is_zero() {
                return Err(refused(field, "longer than 0 s", "0 s"));
            }
        }
        let client = client(&base, settings)?;
        let LlmSettings { key, silence, whole, tries, .. } = settings.clone();
        Ok(Self { client, base, key, silence, whole, tries })
    }

    /// Longest time of a call.
    pub(crate) fn whole(&self) -> Duration {
        self.whole
    }

    /// Do `call` within the longest time.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T, ModelFault>>) -> Result<T, ModelFault> {
        timeout(self.whole, call).await.unwrap_or(Err(ModelFault::TimedOut(self.whole)))
    }

    /// Send `body`, again where it was not taken, and give the answer's beginning. `until` is the end of the whole call.
    pub(crate) async fn post(&self, path: &str, body: &Value, until: Instant) -> Result<Reply, ModelFault> {
        let mut tried = 1;
        loop {
            let fault = match self.post_once(path, body).await {
                Err(fault) if tried < self.tries && is_worth_another(&fault) => fault,
                ended => return ended,
            };
            let pause = pause(&fault, tried);
            if Instant::now() + pause >= until {
                return Err(fault);
            }
            tokio::time::sleep(pause).await;
            tried += 1;
        }
    }

    async fn post_once(&self, path: &str, body: &Value) -> Result<Reply, ModelFault> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let sent = timeout(self.silence, self.client.post(url).json(body).send()).await;
        let response = sent
            .map_err(|_| ModelFault::TimedOut(self.silence))?
            .map_err(|error| ModelFault::Unreachable(http::cause(&error)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let reply = Reply::new(response, self.silence);
        if status.is_success() {
            return Ok(reply);
        }
        if matches!(status.as_u16(), 429 | 503) {
            return Err(ModelFault::Busy(http::asked_pause(&headers)));
        }
        Err(ModelFault::Refused { status: status.as_u16(), reason: self.reason(status, &headers, reply).await })
    }

    /// Why it refused, in its own words and without the key.
    async fn reason(&self, status: StatusCode, headers: &HeaderMap, reply: Reply) -> String {
        if status.is_redirection() {
            let to = headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("another address");
            return self.shown(&format!("it sends on to {to}, where nothing is sent: name that address"));
        }
        let body = reply.body().await.unwrap_or_default();
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        let said = json.as_ref().and_then(error_words);
        self.shown(&said.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned()))
    }

    /// `words` on one line, cut to a readable length, without the key.
    pub(crate) fn shown(&self, words: &str) -> String {
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = self.key.iter().fold(line, |line, key| line.replace(key.secret(), "(the key)"));
        if line.is_empty() { "it says nothing".into() } else { line.chars().take(MOST_WORDS).collect() }
    }
}

/// An answer that has begun.
#[derive(Debug)]
pub(crate) struct Reply {
    kind: String,
    body: Body,
    silence: Duration,
}

impl Reply {
    fn new(response: Response, silence: Duration) -> Self {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self { kind, body: Body::new(response, MOST_BYTES), silence }
    }

    /// What it says that it is, such as `application/json`; empty where it says nothing.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The next piece; none at the end.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, ModelFault> {
        let piece = timeout(self.silence, self.body.piece()).await.map_err(|_| ModelFault::TimedOut(self.silence))?;
        piece.map_err(|broken| match broken {
            Broken::TooLong(most) => malformed(format!("it is longer than {most} bytes")),
            Broken::Off(error) => malformed(format!("it broke off: {}", http::cause(&error))),
        })
    }

    /// All of it.
    pub(crate) async fn body(mut self) -> Result<Vec<u8>, ModelFault> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend(piece);
        }
        Ok(body)
    }

    /// Piece by piece.
    pub(crate) fn pieces(self) -> impl Stream<Item = Result<Vec<u8>, ModelFault>> {
        stream::try_unfold(self, |mut reply| async { Ok(reply.piece().await?.map(|piece| (piece, reply))) })
    }
}

/// The words of an error in its usual forms: `{"error": {"message": ...}}`, `{"error": "..."}`, `{"message": ...}`.
pub(crate) fn error_words(reply: &Value) -> Option<String> {
    let error = reply.get("error").filter(|error| !error.is_null());
    let words = error.and_then(|error| error.get("message").or(Some(error))).or_else(|| reply.get("message"))?;
    Some(words.as_str().map_or_else(|| words.to_string(), str::to_owned))
}

fn base(url: &str, path: &str) -> Result<Url> {
    let rule = "an address such as http://localhost:11434/v1";
    let mut base = http::address(url).ok_or_else(|| refused("url", rule, url))?;
    if http::has_password(&base) || base.query().is_some() {
        return Err(refused("url", "an address without a name, a password or a query", "one with"));
    }
    if base.path() == "/" {
        base.set_path(path);
    }
    base.set_fragment(None);
    Ok(base)
}

fn client(base: &Url, settings: &LlmSettings) -> Result<Client> {
    let mut headers = HeaderMap::new();
    if let Some(key) = &settings.key {
        let rule = "made of characters that a header can hold";
        let value = http::secret(&format!("Bearer {}", key.secret()));
        headers.insert(AUTHORIZATION, value.ok_or_else(|| refused("key", rule, "one that is not"))?);
    }
    let rules = Rules { headers, connect: Some(settings.connect), ..Rules::default() };
    http::client(base, rules).map_err(|why| refused("url", "reachable from this machine", &why))
}

/// Whether the server may take at once what it has just refused. Who was slow is not asked again: it would be slower.
fn is_worth_another(fault: &ModelFault) -> bool {
    match fault {
        ModelFault::Unreachable(_) | ModelFault::Busy(_) => true,
        ModelFault::Refused { status, .. } => matches!(status, 500 | 502 | 504),
        _ => false,
    }
}

fn pause(fault: &ModelFault, tried: u32) -> Duration {
    match fault {
        ModelFault::Busy(Some(asked)) => *asked,
        _ => PAUSE * 2_u32.pow(tried - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_a_pause_that_is_asked_for_counts() {
        let gone = ModelFault::Unreachable("gone".into());
        assert_eq!((pause(&gone, 1), pause(&gone, 2)), (PAUSE, PAUSE * 2));
        assert_eq!(pause(&ModelFault::Busy(Some(Duration::from_secs(7))), 2), Duration::from_secs(7));
        assert_eq!(pause(&ModelFault::Busy(None), 2), PAUSE * 2);
    }

    #[test]
    fn the_words_of_an_error_are_found_in_its_usual_forms() {
        for (body, words) in [
            (r#"{"error": {"message": "no"}}"#, Some("no")),
            (r#"{"error": "no"}"#, Some("no")),
            (r#"{"object": "error", "message": "no"}"#, Some("no")),
            (r#"{"error": null, "choices": []}"#, None),
            (r#"{"error": {"code": 7}}"#, Some(r#"{"code":7}"#)),
        ] {
            assert_eq!(error_words(&serde_json::from_str(body).unwrap()).as_deref(), words, "{body}");
        }
    }
}
