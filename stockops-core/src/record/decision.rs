//! `Decision`: what the monitor did and why.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::market::Ticker;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetrainVerdict"))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There was no reason to train.
    Keep,
    /// There was one, but not yet: confirmation, cool-down or budget.
    Wait,
    /// There was one, and the caller did not allow training.
    Recommend,
    /// A challenger was trained, and passed the gate: it forecasts now.
    Swap,
    /// A challenger was trained, and did not pass the gate.
    Reject,
    /// A challenger could not be trained.
    Fail,
    /// Someone made the champion before champion again.
    Rollback,
}

impl Verdict {
    /// Whether something was trained, or tried to be: this counts for cool-down and budget.
    pub fn is_training(self) -> bool {
        matches!(self, Self::Swap | Self::Reject | Self::Fail)
    }
}

/// One decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// On whom.
    pub ticker: Ticker,
    /// Last day of the bars that it was made on.
    pub day: NaiveDate,
    /// What.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Version that forecast at that time.
    pub version: Option<String>,
    /// Version that was trained.
    pub challenger: Option<String>,
}

impl Decision {
    /// A decision without versions.
    pub fn new(ticker: Ticker, day: NaiveDate, verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { ticker, day, verdict, reason: reason.into(), version: None, challenger: None }
    }
}
