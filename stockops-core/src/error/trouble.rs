//! `Trouble`: why a source on the network gave no bars, and what to do about it.

use std::fmt;
use std::time::Duration;

/// Why a source on the network gave nothing, sorted by what the caller can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// It was asked too often. Wait; the source is not asked before the time is over.
    RateLimited {
        /// How long.
        wait: Duration,
    },
    /// It does not answer this address or region. Give files.
    Blocked {
        /// Status of HTTP.
        status: u16,
    },
    /// It answered with something that is no JSON, such as a page of consent.
    NotJson {
        /// What it begins with.
        begins: String,
    },
    /// The answer ended in the middle, or its parts do not fit.
    Half {
        /// What does not fit.
        problem: String,
    },
    /// The answer did not come in time.
    Slow {
        /// The limit.
        after: Duration,
    },
    /// It could not be reached.
    Offline {
        /// What the network said.
        problem: String,
    },
    /// It failed by itself.
    Server {
        /// Status of HTTP.
        status: u16,
    },
    /// It refused in words of its own, or answered something else than was asked.
    Refused {
        /// Its words.
        problem: String,
    },
}

impl Trouble {
    /// A stable word for programs: `rate_limited`, `blocked`, `not_json`, `half_answer`, `slow`, `offline`, `server` or
    /// `refused`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Blocked { .. } => "blocked",
            Self::NotJson { .. } => "not_json",
            Self::Half { .. } => "half_answer",
            Self::Slow { .. } => "slow",
            Self::Offline { .. } => "offline",
            Self::Server { .. } => "server",
            Self::Refused { .. } => "refused",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FILES: &str = "give bars as files meanwhile";
        match self {
            Self::RateLimited { wait } => {
                let seconds = wait.as_secs_f64().ceil();
                write!(f, "asked too often; try again in {seconds} s, or {FILES}")
            }
            Self::Blocked { status } => {
                write!(
                    f,
                    "it does not answer this address or region (HTTP {status}); give bars as files, or another address of the source"
                )
            }
            Self::NotJson { begins } => {
                write!(
                    f,
                    "a page came in the place of JSON, as one of consent or of a proxy (it begins `{begins}`); open the source in a browser from here, or {FILES}"
                )
            }
            Self::Half { problem } => write!(f, "half an answer: {problem}; try again, or {FILES}"),
            Self::Slow { after } => {
                write!(f, "no whole answer in {} s; try again, or {FILES}", after.as_secs_f64())
            }
            Self::Offline { problem } => {
                write!(f, "it could not be reached ({problem}); look at the connection, or {FILES}")
            }
            Self::Server { status } => write!(f, "it failed by itself (HTTP {status}); try again later, or {FILES}"),
            Self::Refused { problem } => write!(f, "it answered: {problem}; {FILES}"),
        }
    }
}
