//! `Work`: what a job does, and what it is called.

use serde::{Deserialize, Serialize};
use stockops_agents::analyze::Request;
use stockops_core::Ticker;
use stockops_core::service::{MonitorRequest, TrainChild, TrainParent};

use crate::queue::Lane;

/// The alias of trainings of the parent.
pub const PARENT: &str = "parent_training";

/// The alias of the nightly round.
pub(super) const NIGHTLY: &str = "nightly";

/// What a job does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "request", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Work {
    /// Train a parent.
    TrainParent(TrainParent),
    /// Train a child of the parent, then forecast its ticker.
    TrainChild(TrainChild),
    /// Look at the drift of a ticker, and train where it is asked to and the policy says so.
    Monitor(MonitorRequest),
    /// Write a report. It is its owner's alone.
    Analyze(Request),
    /// Look at the drift of many tickers, each in a job of its own.
    Nightly {
        /// Which beside those that have a version.
        tickers: Vec<Ticker>,
        /// Train where the policy says so.
        retrain: bool,
    },
}

impl Work {
    /// The name that it shares with the same work before and after.
    pub fn alias(&self) -> String {
        match self {
            Self::TrainParent(_) => PARENT.into(),
            Self::TrainChild(request) => format!("{}_training", request.ticker),
            Self::Monitor(request) => format!("{}_monitor", request.ticker),
            Self::Analyze(request) => format!("{}_report", request.ticker),
            Self::Nightly { .. } => NIGHTLY.into(),
        }
    }

    /// Whose ticker; `None` for the nightly round.
    pub fn ticker(&self) -> Option<&Ticker> {
        match self {
            Self::TrainParent(request) => request.tickers.first(),
            Self::TrainChild(request) => Some(&request.ticker),
            Self::Monitor(request) => Some(&request.ticker),
            Self::Analyze(request) => Some(&request.ticker),
            Self::Nightly { .. } => None,
        }
    }

    /// Its word, as in JSON: `train_parent`, `train_child`, `monitor`, `analyze`, `nightly`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TrainParent(_) => "train_parent",
            Self::TrainChild(_) => "train_child",
            Self::Monitor(_) => "monitor",
            Self::Analyze(_) => "analyze",
            Self::Nightly { .. } => "nightly",
        }
    }

    /// Whether only its owner may see it.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Analyze(_))
    }

    /// Which work goes first.
    pub(super) fn lane(&self) -> Lane {
        if matches!(self, Self::Nightly { .. }) { Lane::Nightly } else { Lane::Interactive }
    }
}

/// The aliases that a name may mean.
pub(super) fn aliases(name: &str) -> Vec<String> {
    if name == "parent" {
        return vec![PARENT.into()];
    }
    let ticker = Ticker::new(name).ok().map(|ticker| format!("{ticker}_training"));
    std::iter::once(name.to_owned()).chain(ticker).collect()
}
