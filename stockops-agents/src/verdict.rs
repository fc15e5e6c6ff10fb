//! `Verdict`: stance, action and confidence, computed from facts and never read out of prose.

mod rule;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::forecast::Stance;

pub use rule::MIN_SKILL;

/// What the document calls it for who holds or might.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Action {
    /// Where the stance is bullish.
    Buy,
    /// Where it is bearish.
    Sell,
    /// Where it is neutral.
    Hold,
}

/// How far to trust the stance, from skill and interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Confidence {
    /// Nothing shows that it holds.
    Low,
    /// Some skill, and intervals that held.
    Medium,
    /// Skill over every simple rule, and intervals that held.
    High,
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The 80 % interval of the move until the last session holds 0.
    IntervalHoldsZero,
    /// It lies above 0.
    IntervalAboveZero,
    /// It lies below 0.
    IntervalBelowZero,
    /// The forecast of the close has no skill over the best simple rule on held-out days.
    NoSkill,
    /// It has some.
    Skill,
    /// The 90 % interval of the close held fewer or more outcomes than it should.
    CoverageOff,
    /// The model or the market has drifted.
    Drifted,
    /// Nothing was calibrated or held out: too short a history.
    NoData,
    /// The record holds days after the last bar of the report: it was not known then.
    LaterRecord,
}

/// What a report concludes. [`Verdict::of`] has the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// `BULLISH`, `BEARISH` or `NEUTRAL`: the contract's `recommendation`.
    pub stance: Stance,
    /// `Buy`, `Sell` or `Hold`.
    pub action: Action,
    /// `High`, `Medium` or `Low`.
    pub confidence: Confidence,
    /// Why, in the order of weight.
    pub reasons: Vec<ReasonCode>,
}

impl Verdict {
    /// The stance in capitals, the contract's `recommendation`.
    pub fn stance_word(&self) -> &'static str {
        match self.stance {
            Stance::Bullish => "BULLISH",
            Stance::Bearish => "BEARISH",
            Stance::Neutral => "NEUTRAL",
        }
    }
}

impl From<Stance> for Action {
    fn from(stance: Stance) -> Self {
        match stance {
            Stance::Bullish => Self::Buy,
            Stance::Bearish => Self::Sell,
            Stance::Neutral => Self::Hold,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buy => "Buy",
            Self::Sell => "Sell",
            Self::Hold => "Hold",
        })
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        })
    }
}
