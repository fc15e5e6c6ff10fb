//! `Client`: calls over HTTP that are a good guest's: one connection, a limit of calls, patience, and limits of its own.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ureq::Agent;
use ureq::http::{HeaderMap, Response, Uri};

use crate::error::Trouble;

/// How a source on the network is asked.
///
/// | setting | default |
/// | --- | --- |
/// | calls in any stretch of time | 100 in a minute |
/// | tries of a call, where the source is busy, fails or does not answer in time | 4 |
/// | the first pause between tries, doubled each time, give or take a half | 1 s |
/// | the longest pause that is waited for; where the source wants a longer one it is an error | 30 s |
/// | time for a whole answer | 20 s |
/// | size of an answer | 32 MiB |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Courtesy {
    /// Calls in any stretch of [`per`](Self::per), at least 1.
    pub calls: usize,
    /// The stretch.
    pub per: Duration,
    /// Tries of a call, at least 1.
    pub tries: u32,
    /// The first pause between tries.
    pub pause: Duration,
    /// The longest pause that is waited for.
    pub longest_pause: Duration,
    /// Time for a whole answer.
    pub timeout: Duration,
    /// Bytes of an answer.
    pub max_bytes: u64,
}

impl Default for Courtesy {
    fn default() -> Self {
        Self {
            calls: 100,
            per: Duration::from_secs(60),
            tries: 4,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            timeout: Duration::from_secs(20),
            max_bytes: 32 << 20,
        }
    }
}

/// Redirects that are followed.
const REDIRECTS: u32 = 4;
/// How long to stay away where the source does not say it.
pub(super) const STAY_AWAY: Duration = Duration::from_secs(60);
/// Statuses by which sources say that they were asked too often; 999 is Yahoo's own.
const TOO_OFTEN: [u16; 2] = [429, 999];

/// What came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// One connection to one place.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    courtesy: Courtesy,
    /// Whoever holds it may call: so there is one call at a time, and one connection.
    gate: Mutex<Gate>,
}

#[derive(Debug, Default)]
struct Gate {
    /// When the latest calls were made, oldest first.
    calls: VecDeque<Instant>,
    /// Until then the source wants to be left alone.
    closed_until: Option<Instant>,
}

impl Client {
    /// A client of the place `base`.
    pub(super) fn new(base: &str, courtesy: Courtesy) -> Self {
        let mut config = Agent::config_builder()
            .user_agent(concat!("Mozilla/5.0 (compatible; stockops/", env!("CARGO_PKG_VERSION"), ")"))
            .timeout_global(Some(courtesy.timeout))
            .http_status_as_error(false)
            // They are followed here, where it is looked at whither they go.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .max_idle_age(courtesy.per);
        if is_here(base) {
            config = config.proxy(None);
        }
        Self { agent: config.build().new_agent(), courtesy, gate: Mutex::default() }
    }

    /// The answer to GET `url`, with tries and pauses.
    pub(super) fn get(&self, url: &str) -> Result<Answer, Trouble> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wait) = gate.closed_for() {
            return Err(Trouble::RateLimited { wait });
        }
        let (mut pause, mut left) = (self.courtesy.pause, self.courtesy.tries);
        loop {
            gate.take_turn(&self.courtesy);
            let (trouble, asked) = match self.call(url) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            left = left.saturating_sub(1);
            let wait = asked.unwrap_or_else(|| jittered(pause));
            if left == 0 || !may_pass(&trouble) || wait > self.courtesy.longest_pause {
                return Err(gate.left_alone(trouble, asked));
            }
            sleep(wait);
            pause *= 2;
        }
    }

    /// One try; where it fails, the pause that the source asks for beside the trouble.
    fn call(&self, url: &str) -> Result<Answer, (Trouble, Option<Duration>)> {
        let trouble = |error| (self.trouble(&error), None);
        let mut response = self.follow(url).map_err(|sent| match sent {
            Sent::Failed(error) => trouble(error),
            Sent::Away(problem) => (Trouble::Refused { problem }, None),
        })?;
        let status = response.status().as_u16();
        let asked = retry_after(response.headers());
        let body = self.body(&mut response);
        if TOO_OFTEN.contains(&status) || body.as_ref().is_ok_and(|body| says_too_often(body)) {
            return Err((Trouble::RateLimited { wait: asked.unwrap_or(STAY_AWAY) }, asked));
        }
        if (500..600).contains(&status) {
            return Err((Trouble::Server { status }, asked));
        }
        body.map(|body| Answer { status, body }).map_err(|trouble| (trouble, None))
    }

    /// The answer to `url`, after redirects that may be followed.
    fn follow(&self, url: &str) -> Result<Response<ureq::Body>, Sent> {
        let mut url: Uri = url.parse().map_err(|_| Sent::Away("its address is none of the web".into()))?;
        for _ in 0..=REDIRECTS {
            let asked = self.agent.get(&url).header("accept-encoding", "gzip").call();
            let response = asked.map_err(Sent::Failed)?;
            let location = response.headers().get("location").and_then(|value| value.to_str().ok());
            let Some(location) = location.filter(|_| response.status().is_redirection()) else { return Ok(response) };
            let next = joined(&url, location).ok_or_else(|| Sent::Away("it sends to what is no address".into()))?;
            if !may_follow(&url, &next) {
                return Err(Sent::Away(
                    "it sends to a place that is neither its own nor a public name over https".into(),
                ));
            }
            url = next;
        }
        Err(Sent::Away(format!("more than {REDIRECTS} redirects, as pages of consent make")))
    }

    /// The whole body, unpacked.
    fn body(&self, response: &mut Response<ureq::Body>) -> Result<Vec<u8>, Trouble> {
        let limit = self.courtesy.max_bytes;
        let packed = response.headers().get("content-encoding").is_some_and(|coding| coding == "gzip");
        let read = response.body_mut().with_config().limit(limit).read_to_vec();
        let body = read.map_err(|error| self.trouble(&error))?;
        if !packed {
            return Ok(body);
        }
        let mut text = Vec::new();
        let unpacked = flate2::read::MultiGzDecoder::new(&*body).take(limit.saturating_add(1)).read_to_end(&mut text);
        unpacked.map_err(|error| Trouble::Half { problem: format!("it cannot be unpacked: {error}") })?;
        if text.len() as u64 > limit { Err(too_large(limit)) } else { Ok(text) }
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock};
        match error {
            ureq::Error::Timeout(_) => Trouble::Slow { after: self.courtesy.timeout },
            ureq::Error::Io(error) if matches!(error.kind(), TimedOut | WouldBlock) => {
                Trouble::Slow { after: self.courtesy.timeout }
            }
            ureq::Error::BodyExceedsLimit(limit) => too_large(*limit),
            ureq::Error::Io(error)
                if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) =>
            {
                Trouble::Half { problem: format!("the connection broke off ({error})") }
            }
            ureq::Error::BodyStalled | ureq::Error::Protocol(_) => Trouble::Half { problem: error.to_string() },
            _ => Trouble::Offline { problem: error.to_string() },
        }
    }
}

impl Gate {
    /// How long the source wants to be left alone, if it does.
    fn closed_for(&self) -> Option<Duration> {
        self.closed_until?.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero())
    }

    /// Wait until another call is within the limit, and count it.
    fn take_turn(&mut self, courtesy: &Courtesy) {
        sleep(self.wait(courtesy, Instant::now()));
        self.calls.push_back(Instant::now());
        self.calls.drain(..self.calls.len().saturating_sub(courtesy.calls.max(1)));
    }

    /// How long a call at `now` has to wait.
    fn wait(&self, courtesy: &Courtesy, now: Instant) -> Duration {
        let first_of_limit = self.calls.len().checked_sub(courtesy.calls.max(1)).and_then(|i| self.calls.get(i));
        let free = first_of_limit.map(|first| first.checked_add(courtesy.per));
        // A time that no clock can tell is for ever.
        free.map_or(Duration::ZERO, |free| free.map_or(Duration::MAX, |free| free.saturating_duration_since(now)))
    }

    /// `trouble`, after which the source is left alone for a time if it was asked too often.
    fn left_alone(&mut self, trouble: Trouble, asked: Option<Duration>) -> Trouble {
        if matches!(trouble, Trouble::RateLimited { .. }) {
            self.closed_until = Instant::now().checked_add(asked.unwrap_or(STAY_AWAY));
        }
        trouble
    }
}

/// Why a call came to nothing.
enum Sent {
    Failed(ureq::Error),
    /// It was sent where it does not go.
    Away(String),
}

/// The address that `location` is, seen from `from`.
fn joined(from: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let address = match location {
        whole if has_scheme(whole) => whole.to_owned(),
        host if host.starts_with("//") => format!("{scheme}:{host}"),
        path if path.starts_with('/') => format!("{scheme}://{authority}{path}"),
        query if query.starts_with('?') => format!("{scheme}://{authority}{}{query}", from.path()),
        beside => {
            let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{beside}")
        }
    };
    let without_fragment = address.split('#').next().unwrap_or_default();
    without_fragment.parse().ok().filter(|uri: &Uri| uri.authority().is_some())
}

/// Whether it begins with a scheme, as `https://elsewhere` does and `/here?next=https://elsewhere` does not.
fn has_scheme(location: &str) -> bool {
    let is_scheme = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    location.split_once(':').is_some_and(|(before, _)| is_scheme(before))
}

/// Whether a redirect from `from` may be followed: within one host and port, and elsewhere to a public name over https alone. So no
/// answer makes this machine ask an address in numbers or a local name.
fn may_follow(from: &Uri, to: &Uri) -> bool {
    const OWN: [&str; 6] = ["localhost", "local", "internal", "lan", "home", "arpa"];
    let name = to.host().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    // The last part of an address in numbers is a number; of a name it never is.
    let ends = name.rsplit_once('.').map(|(_, last)| last);
    let is_public = ends
        .is_some_and(|last| last.chars().all(|c| c.is_ascii_alphabetic() || c == '-') && !OWN.contains(&last))
        || ends.is_some_and(|last| last.starts_with("xn--"));
    let has_user = to.authority().is_some_and(|authority| authority.as_str().contains('@'));
    let is_own = from.scheme() == to.scheme() && from.authority() == to.authority();
    !has_user && (is_own || (to.scheme_str() == Some("https") && is_public))
}

/// Whether the same call may succeed a little later.
fn may_pass(trouble: &Trouble) -> bool {
    use Trouble::{Half, RateLimited, Server, Slow};
    matches!(trouble, RateLimited { .. } | Slow { .. } | Server { .. } | Half { .. })
}

fn too_large(limit: u64) -> Trouble {
    Trouble::Refused { problem: format!("more than {limit} bytes, which are no daily bars") }
}

/// Whether a page in plain text says what status 429 says.
fn says_too_often(body: &[u8]) -> bool {
    body.len() < 200 && String::from_utf8_lossy(body).contains("Too Many Requests") && body.first() != Some(&b'{')
}

/// The pause that a source asks for, as seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let word = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = word.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(word).ok()?;
    (until.to_utc() - DateTime::<Utc>::from(std::time::SystemTime::now())).to_std().ok()
}

/// `pause`, give or take a half, so that many callers do not come back at the same time.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(pause) >> 11;
    pause.mul_f64(0.5 + random as f64 / (1_u64 << 53) as f64)
}

/// Whether `base` is this machine, which no proxy is asked for.
fn is_here(base: &str) -> bool {
    let host = base.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_beyond_the_limit_waits_until_the_first_is_old_enough() {
        let courtesy = Courtesy { calls: 3, per: Duration::from_secs(60), ..Courtesy::default() };
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        let mut gate = Gate { calls: [after(0), after(10)].into(), closed_until: None };
        assert_eq!(gate.wait(&courtesy, after(20)), Duration::ZERO);
        gate.calls.push_back(after(20));
        assert_eq!(gate.wait(&courtesy, after(21)), Duration::from_secs(39));
        assert_eq!(gate.wait(&courtesy, after(60)), Duration::ZERO);
    }

    #[test]
    fn a_redirect_goes_to_its_own_place_or_a_public_name_over_https() {
        let from: Uri = "http://127.0.0.1:8080/v8/chart/GOOG?range=max".parse().unwrap();
        let may = |location: &str| joined(&from, location).is_some_and(|to| may_follow(&from, &to));
        for own in ["/v8/other", "other?x=1", "?range=1y", "http://127.0.0.1:8080/", "//127.0.0.1:8080/x#part"] {
            assert!(may(own), "{own}");
        }
        for own in ["/login?next=https://10.0.0.7/", "?to=http://localhost/", "a/b?u=ftp://x", "a#https://elsewhere"] {
            let to = joined(&from, own).unwrap();
            assert!(may_follow(&from, &to) && to.authority() == from.authority(), "{own}");
        }
        assert_eq!(joined(&from, "?to=a://b").unwrap().to_string(), "http://127.0.0.1:8080/v8/chart/GOOG?to=a://b");
        assert!(may("https://query2.finance.yahoo.com/v8/") && may("https://consent.yahoo.com."));
        for elsewhere in [
            "http://127.0.0.1:8081/",
            "https://127.0.0.1:8080/",
            "http://localhost:8080/",
            "https://localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://10.0.0.7/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://intranet/",
            "http://finance.yahoo.com/",
            "https://yahoo.com@10.0.0.7/",
            "https://name@yahoo.com/",
            "ftp://finance.yahoo.com/",
            "file:///etc/passwd",
            "HTTP://127.0.0.1:8081/",
            "https://10.0.0.7/?u=https://query2.finance.yahoo.com/",
            "//10.0.0.7/?u=https://query2.finance.yahoo.com/",
            "mailto:somebody@yahoo.com",
            "query2.finance.yahoo.com:443/v8/",
        ] {
            assert!(!may(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn pauses_are_jittered_within_a_half() {
        let pauses: Vec<Duration> = (0..200).map(|_| jittered(Duration::from_secs(2))).collect();
        assert!(pauses.iter().all(|pause| (Duration::from_secs(1)..=Duration::from_secs(3)).contains(pause)));
        assert!(pauses.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_pause_that_is_asked_for_is_seconds_or_a_date() {
        let asked = |word: &str| retry_after(&HeaderMap::from_iter([(RETRY, word.parse().unwrap())]));
        const RETRY: ureq::http::HeaderName = ureq::http::header::RETRY_AFTER;
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT"), None, "over already");
        assert!(asked("Wed, 21 Oct 2099 07:28:00 GMT").unwrap() > Duration::from_secs(86_400));
    }
}
