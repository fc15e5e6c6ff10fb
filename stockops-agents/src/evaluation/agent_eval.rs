//! `AgentEval`: what is said of a report.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;
use stockops_core::forecast::Stance;

use super::Judgement;
use crate::verdict::Confidence;

/// What is to be made of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationStatus"))]
pub enum Status {
    /// The overall score is above 0.6, and relevance, trustworthiness and recommendation were scored.
    Trustworthy,
    /// Anything else.
    Questionable,
}

/// What a report said, so that it can be held against what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Stated"))]
pub struct Said {
    /// Its stance.
    pub stance: Stance,
    /// How far it trusted that.
    pub confidence: Confidence,
    /// Sessions ahead.
    pub sessions: usize,
    /// 80 % interval of the move of the close until then, as fractions.
    pub move_80: [f64; 2],
}

/// The scores of a report, each from 0 to 1, by the contract's names. A score that nothing is known for is missing (`null`),
/// and is not 0.
///
/// | score | 1 | 0 |
/// | --- | --- | --- |
/// | relevance | names its ticker, and states last close, forecast, interval and record | names it not; a quarter for each of the four |
/// | trustworthiness | every claim is a fact | one is not, or nothing can be checked |
/// | recommendation | stance in the text, and stance, action and confidence are the verdict's | another stance; a half for action, a half for confidence |
/// | coherence | every analyst has the stance of the report | all have the opposite one; a half for neutral against a direction |
/// | accuracy | the stance is that of the forecast's 80 % interval | it is another |
/// | recency | every session that was over is in it | 1 / (1 + n) where n are missing |
/// | calibration | see [`Calibration`](super::Calibration) | |
///
/// `overall_score` is the harmonic mean of those that are there, so that one 0 makes it 0: nothing else makes up for a false
/// number. The judgement of a language model is in none of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentEval {
    /// Whose report.
    pub ticker: Ticker,
    /// When the report was made.
    pub timestamp: DateTime<Utc>,
    /// Last day of the bars.
    pub last_bar: NaiveDate,
    /// Whether it replays a past day: then it says nothing of how good reports are.
    pub replayed: bool,
    /// Whether it is about its ticker.
    pub relevance: Option<f64>,
    /// Whether it is true.
    pub trustworthiness: Option<f64>,
    /// Whether it concludes something, in its text and in its JSON.
    pub has_recommendation: bool,
    /// Whether it concludes what the facts allow.
    pub recommendation: Option<f64>,
    /// Whether those who wrote agree.
    pub coherence: Option<f64>,
    /// Whether the stance is that of the forecast.
    pub accuracy: Option<f64>,
    /// Whether it is of the newest bars.
    pub recency: Option<f64>,
    /// Whether earlier reports were right as often as they said.
    pub calibration: Option<f64>,
    /// All of them.
    pub overall_score: Option<f64>,
    /// `Trustworthy` or `Questionable`.
    pub status: Status,
    /// Seconds that the report took.
    pub duration: Option<f64>,
    /// How the text begins.
    pub preview: String,
    /// What made a score less than 1, in a line each.
    pub findings: Vec<String>,
    /// What it said; `None` where no interval or no stance was stated.
    pub said: Option<Said>,
    /// What a language model thinks of it, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<Judgement>,
}

/// One line: the status, the overall score, and what made it less than 1.
impl fmt::Display for AgentEval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.status)?;
        if let Some(score) = self.overall_score {
            write!(f, ", {score:.2} of 1")?;
        }
        if !self.findings.is_empty() {
            write!(f, ": {}", self.findings.join("; "))?;
        }
        Ok(())
    }
}
