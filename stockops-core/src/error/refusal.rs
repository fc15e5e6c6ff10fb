//! `Refusal`: why a server of runs did not do what it was asked, and what to do about it.

use std::fmt;
use std::time::Duration;

/// Why a server of runs did not do what it was asked, sorted by what the caller can do. A training goes on in each case, and its
/// run is at home.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It could not be reached, or its answer was lost. Send again later.
    Offline {
        /// What the network said.
        problem: String,
    },
    /// Its answer did not come in time. Send again later.
    Slow {
        /// The limit.
        after: Duration,
    },
    /// It does not let us in. Look at user, token and the hosts that it allows.
    Forbidden {
        /// Status of HTTP: 401 or 403.
        status: u16,
        /// Its words.
        message: String,
    },
    /// It has no such part: another kind of server, or one without a registry.
    NoApi {
        /// What was asked for.
        path: String,
    },
    /// It keeps files elsewhere, and does not take them itself.
    NoArtifacts {
        /// Where.
        uri: String,
    },
    /// What was there is gone: an experiment, a run or a version that somebody deleted.
    Gone {
        /// Its words.
        message: String,
    },
    /// It refused what it was sent.
    Rejected {
        /// Status of HTTP.
        status: u16,
        /// Its words.
        message: String,
    },
    /// It failed by itself. Send again later.
    Broken {
        /// Status of HTTP.
        status: u16,
    },
    /// It answered with something that is no JSON.
    NotJson {
        /// What it begins with.
        begins: String,
    },
}

impl Refusal {
    /// A stable word for programs: `offline`, `slow`, `forbidden`, `no_api`, `no_artifacts`, `gone`, `rejected`, `server` or `not_json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Offline { .. } => "offline",
            Self::Slow { .. } => "slow",
            Self::Forbidden { .. } => "forbidden",
            Self::NoApi { .. } => "no_api",
            Self::NoArtifacts { .. } => "no_artifacts",
            Self::Gone { .. } => "gone",
            Self::Rejected { .. } => "rejected",
            Self::Broken { .. } => "server",
            Self::NotJson { .. } => "not_json",
        }
    }

    /// Whether it is about the server as a whole, so that another run has the same fate now.
    pub fn is_of_server(&self) -> bool {
        !matches!(self, Self::NoArtifacts { .. } | Self::Gone { .. } | Self::Rejected { .. })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline { problem } => write!(f, "it could not be reached ({problem}); send the runs again later"),
            Self::Slow { after } => {
                write!(f, "it did not answer in {} s; send the runs again later", after.as_secs_f64())
            }
            Self::Forbidden { status, message } => write!(
                f,
                "it does not let us in (HTTP {status}: {message}); check user and token, and that it allows this host and port"
            ),
            Self::NoApi { path } => {
                write!(f, "it has no {path} (HTTP 404); check the address, and whether it serves this part of MLflow")
            }
            Self::NoArtifacts { uri } => {
                write!(f, "it keeps files at {uri} and takes none itself; start it so that it serves artifacts")
            }
            Self::Gone { message } => write!(f, "{message}; restore it there, or choose another"),
            Self::Rejected { status, message } => write!(f, "it refused (HTTP {status}): {message}"),
            Self::Broken { status } => write!(f, "it failed by itself (HTTP {status}); send the runs again later"),
            Self::NotJson { begins } => {
                write!(f, "a page came in the place of JSON (it begins `{begins}`); check the address")
            }
        }
    }
}
