//! What can go wrong between a question and a report.

use std::time::Duration;

use stockops_core::Ticker;

/// The result of this crate's calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bars, forecasts, drift or a graph: what the core says.
    #[error(transparent)]
    Core(#[from] stockops_core::Error),
    /// A language model gave no answer that can be used.
    #[error("{model}: {fault}")]
    Model {
        /// Its name.
        model: String,
        /// What went wrong.
        fault: ModelFault,
    },
    /// A source of news gave nothing that can be used.
    #[error("news of {ticker} from {source_name}: {problem}")]
    News {
        /// Which source.
        source_name: String,
        /// Whose news.
        ticker: String,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// A store of answers, or what turns text into vectors, cannot be used.
    #[error("{what}: {problem}")]
    Store {
        /// Which.
        what: String,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// A setting is outside its range. Fix the setting.
    #[error("`{field}` must be {rule}, got {got}")]
    Config {
        /// Its name.
        field: &'static str,
        /// The rule in words.
        rule: &'static str,
        /// What was given.
        got: String,
    },
}

impl Error {
    /// It in words for a report, which others read: without a path of this machine.
    pub(crate) fn without_path(&self) -> String {
        match self {
            Self::Core(error) => error.without_path(),
            // `the cache of answers in FOLDER`
            Self::Store { what, problem } => format!("{}: {problem}", what.split(" in ").next().unwrap_or(what)),
            error => error.to_string(),
        }
    }

    /// A source of news that gave nothing that can be used.
    pub(crate) fn of_news(source: &str, ticker: &Ticker, problem: String) -> Self {
        Self::News { source_name: source.into(), ticker: ticker.to_string(), problem }
    }
}

/// Why a language model gave no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFault {
    /// Nobody answers at the address.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// It is busy or asks to wait.
    #[error("it is busy{}", .0.map(|wait| format!("; try again in {} s", wait.as_secs())).unwrap_or_default())]
    Busy(Option<Duration>),
    /// It refused the request.
    #[error("it refused ({status}): {reason}")]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// What it said, cut to a readable length.
        reason: String,
    },
    /// It cut the prompt: it counted fewer tokens than were sent.
    #[error("it read {read} of some {sent} tokens of the prompt (context_truncated)")]
    ContextTruncated {
        /// Tokens that it says it read.
        read: u64,
        /// Tokens that were sent, estimated from below.
        sent: u64,
    },
    /// The answer is empty, cut, or not in the form that was asked for.
    #[error("its answer cannot be used: {0}")]
    Malformed(String),
    /// The budget of the run is spent.
    #[error("the budget of {limit} tokens is spent")]
    OverBudget {
        /// The budget.
        limit: u64,
    },
    /// The money of the run is spent.
    #[error("the budget of {} in money is spent", *.millionths as f64 / 1e6)]
    OverCost {
        /// The budget, in millionths of the currency.
        millionths: u64,
    },
}

impl ModelFault {
    /// Whether the same request may get an answer when it is asked again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::TimedOut(_) | Self::Busy(_) | Self::Malformed(_))
            || matches!(self, Self::Refused { status, .. } if *status >= 500)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_no_folder() {
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let full = stockops_core::Error::Storage { action: "write", path: "/home/anna/reports".into(), source };
        let cache = Error::Store {
            what: "the cache of answers in /home/anna/answers.sqlite".into(),
            problem: "it is locked".into(),
        };
        for (error, words) in
            [(Error::from(full), "the storage could not write it"), (cache, "the cache of answers: it is locked")]
        {
            let text = error.without_path();
            assert!(text.starts_with(words) && !text.contains('/'), "{text}");
        }
    }
}
