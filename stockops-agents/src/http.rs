//! The one way to the network: who may be asked, a client with its limits, and bodies that are not longer than they may be.

use std::error::Error as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder, Response, Url};

/// Where and how a client asks.
#[derive(Debug)]
pub(crate) struct Rules {
    /// They go with each request.
    pub(crate) headers: HeaderMap,
    /// Who asks.
    pub(crate) user_agent: &'static str,
    /// Longest wait for a connection.
    pub(crate) connect: Option<Duration>,
    /// Longest wait for a whole answer.
    pub(crate) whole: Option<Duration>,
    /// Redirects that are followed, all of them within the place that was named: an answer must not choose which machines
    /// are asked, and a key goes nowhere but to the address that was named.
    pub(crate) redirects: usize,
}

impl Default for Rules {
    fn default() -> Self {
        let user_agent = concat!("stockops/", env!("CARGO_PKG_VERSION"));
        Self { headers: HeaderMap::new(), user_agent, connect: None, whole: None, redirects: 0 }
    }
}

/// `text` as an address of the web; none where it is none, or has no host.
pub(crate) fn address(text: &str) -> Option<Url> {
    let url: Url = text.trim().parse().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Whether `url` holds a name or a password: what is in an address is printed.
pub(crate) fn has_password(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// `text` as a header that is never shown; none where a header cannot hold it.
pub(crate) fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A client for `base`; in words why there is none. No proxy is asked for this machine.
pub(crate) fn client(base: &Url, rules: Rules) -> Result<Client, String> {
    // An error says that the process has chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Rules { headers, user_agent, connect, whole, redirects } = rules;
    let mut client = Client::builder().default_headers(headers).user_agent(user_agent).redirect(within(redirects));
    client = connect.into_iter().fold(client, ClientBuilder::connect_timeout);
    client = whole.into_iter().fold(client, ClientBuilder::timeout);
    if base.scheme() == "http" {
        // The certificates of the machine are neither needed nor read.
        client = client.tls_certs_only([]);
    }
    if base.host_str().is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host)) {
        client = client.no_proxy();
    }
    client.build().map_err(|error| cause(&error))
}

/// Follow `most` redirects, and none to another place.
fn within(most: usize) -> Policy {
    Policy::custom(move |attempt: Attempt<'_>| {
        let first = attempt.previous().first().map(Url::origin);
        let is_within = first.is_some_and(|first| first == attempt.url().origin());
        if is_within && attempt.previous().len() <= most { attempt.follow() } else { attempt.stop() }
    })
}

/// Longest pause that is believed: a day.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// The pause that an answer asks for, as seconds or as a date; a day at most, since times far off overflow what waits for them.
pub(crate) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let word = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty() {
        // More digits than fit are more than a day.
        return Some(word.parse().map_or(LONGEST_PAUSE, Duration::from_secs).min(LONGEST_PAUSE));
    }
    let until = DateTime::parse_from_rfc2822(word).ok()?;
    let pause = until.to_utc() - DateTime::<Utc>::from(std::time::SystemTime::now());
    Some(pause.to_std().unwrap_or_default().min(LONGEST_PAUSE))
}

/// The innermost reason of an error, which has no address in it.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(|cause| cause.source()) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| "the request could not be sent".to_owned(), ToString::to_string)
}

/// The body of an answer, of `most` bytes at most.
#[derive(Debug)]
pub(crate) struct Body {
    response: Response,
    most: usize,
    read: usize,
}

/// Why a body has no next piece.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It has more than so many bytes.
    TooLong(usize),
    /// The connection failed.
    Off(reqwest::Error),
}

impl Body {
    pub(crate) fn new(response: Response, most: usize) -> Self {
        Self { response, most, read: 0 }
    }

    /// The next piece; none at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let Some(piece) = self.response.chunk().await.map_err(Broken::Off)? else { return Ok(None) };
        self.read += piece.len();
        if self.read > self.most { Err(Broken::TooLong(self.most)) } else { Ok(Some(piece.to_vec())) }
    }

    /// All of it.
    pub(crate) async fn all(mut self) -> Result<Vec<u8>, Broken> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend(piece);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_web_and_has_a_host() {
        assert!(address(" https://finnhub.io/api ").is_some());
        for text in ["", "finnhub.io", "ftp://finnhub.io", "file:///etc/passwd", "http://"] {
            assert!(address(text).is_none(), "{text}");
        }
        assert!(has_password(&address("http://name:word@localhost").unwrap()));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", secret("sk-4711").unwrap()).contains("4711"));
        assert!(secret("two\nlines").is_none());
    }

    #[test]
    fn a_pause_that_is_asked_for_is_seconds_or_a_date() {
        let asked =
            |word: &'static str| asked_pause(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(word))]));
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO), "over already");
        for far in ["Wed, 21 Oct 2099 07:28:00 GMT", "86401", "18446744073709551615", "99999999999999999999999"] {
            assert_eq!(asked(far), Some(LONGEST_PAUSE), "{far}");
        }
        assert_eq!(asked(""), None);
    }
}
