//! `Outage`: why an online store did not do what it was asked, and what to do about it.

use std::fmt;
use std::time::Duration;

/// Why an online store did not do what it was asked, sorted by what the caller can do.
///
/// Nothing is lost in any case: every row is in the offline store, and materialising again brings what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outage {
    /// It could not be reached, or the connection broke. Materialise again when it is back.
    Offline {
        /// What the network said.
        problem: String,
    },
    /// It did not answer in time. Materialise again later.
    Slow {
        /// The limit.
        after: Duration,
    },
    /// It does not let us in. Look at user, password and what the user may do.
    Forbidden {
        /// Its words.
        message: String,
    },
    /// It has no room. Give it more memory.
    Full {
        /// Its words.
        message: String,
    },
    /// It is there and does not serve now: it loads its data, or is a replica.
    NotNow {
        /// Its words.
        message: String,
    },
    /// It refused what it was sent.
    Rejected {
        /// Its words.
        message: String,
    },
    /// It holds something that is no row of features.
    Unreadable {
        /// What, and where.
        what: String,
    },
}

impl Outage {
    /// A stable word for programs: `offline`, `slow`, `forbidden`, `full`, `not_now`, `rejected` or `unreadable`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Offline { .. } => "offline",
            Self::Slow { .. } => "slow",
            Self::Forbidden { .. } => "forbidden",
            Self::Full { .. } => "full",
            Self::NotNow { .. } => "not_now",
            Self::Rejected { .. } => "rejected",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AGAIN: &str = "the offline store has every row: materialise again";
        match self {
            Self::Offline { problem } => write!(f, "it could not be reached ({problem}); {AGAIN} when it is back"),
            Self::Slow { after } => write!(f, "it did not answer in {} s; {AGAIN} later", after.as_secs_f64()),
            Self::Forbidden { message } => {
                write!(f, "it does not let us in ({message}); check user, password and what the user may do")
            }
            Self::Full { message } => write!(f, "it has no room ({message}); give it more memory, then {AGAIN}"),
            Self::NotNow { message } => {
                write!(f, "it does not serve now ({message}); name the server that takes writes, or wait; {AGAIN} then")
            }
            Self::Rejected { message } => write!(f, "it refused: {message}"),
            Self::Unreadable { what } => {
                write!(f, "{what}; look at who else writes there, or choose another project or database")
            }
        }
    }
}
