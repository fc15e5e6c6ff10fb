//! `Fact`: one value, what it is of, and where it comes from.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// First price of a session.
    Open,
    /// Highest price of a session.
    High,
    /// Lowest price of a session.
    Low,
    /// Last price of a session.
    Close,
    /// Shares of a session.
    Volume,
    /// Width of a session, high over low less 1.
    Range,
    /// Change of the close since another.
    Return,
    /// Relative strength index, 0 to 100.
    Rsi14,
    /// Moving average convergence divergence, in the currency.
    Macd,
    /// A moving average of closes.
    Average,
    /// Volatility of a year, as a share.
    Volatility,
    /// Loss that is not exceeded.
    ValueAtRisk,
    /// Mean loss of the cases beyond.
    ExpectedShortfall,
    /// Chance of something.
    Probability,
    /// Skill over a simple rule.
    Skill,
    /// Share of outcomes within an interval.
    Coverage,
    /// Days, forecasts or rows that were counted.
    Count,
    /// A score of drift.
    Drift,
    /// Share of forecasts whose direction was right.
    Accuracy,
    /// How many times another value it is: 1.2 is a fifth more.
    Ratio,
    /// A price or a width that is asked about.
    Threshold,
    /// A day.
    Day,
    /// A name or a verdict in a word.
    Word,
}

/// A value with its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// In the currency of the ticker.
    Price(f64),
    /// Shares or contracts.
    Shares(f64),
    /// A share as a fraction: 0.05 is 5 %.
    Fraction(f64),
    /// A plain number, such as an index from 0 to 100.
    Number(f64),
    /// Things that were counted.
    Count(u64),
    /// A day.
    Day(NaiveDate),
    /// A word.
    Word(String),
}

/// Where a value comes from; who follows it finds the value again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// Such as `bars of yahoo`, `forecast of GOOG@3`, `drift report`, `headline of Finnhub`.
    pub source: String,
    /// First and last day of what it was computed from.
    pub window: Option<[NaiveDate; 2]>,
    /// When that was fetched or made.
    pub fetched: DateTime<Utc>,
    /// What to read there: of bars what is computed over the window, such as `Close`, `RSI14` or `return`; in a document its
    /// JSON pointer, such as `/predictions/next_week/high`. Empty where there is nothing to follow.
    #[serde(default)]
    pub path: String,
}

/// One value that a report may say.
///
/// Its id is a word for slots and for the report's JSON, such as `close_h5`, `close_h5_90_low` or `last_close`. Ids are
/// unique in a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// The word.
    pub id: String,
    /// What it is, in words that a report may use: `close forecast for 2026-01-09`.
    pub words: String,
    /// What is measured.
    pub quantity: Quantity,
    /// The value.
    pub value: Value,
    /// The day that it is of; none for what is of a window or of no day.
    pub day: Option<NaiveDate>,
    /// Sessions ahead, 1 for the next; none for what is known.
    pub horizon: Option<usize>,
    /// Level of the interval or of the loss in percent; none where there is none.
    pub level: Option<u32>,
    /// Which end of an interval: `low` or `high`; none for what is no end.
    pub end: Option<String>,
    /// Of which quantity a move, a skill, a coverage or a chance is: the move of the close, the skill at volume.
    #[serde(default)]
    pub of: Option<Quantity>,
    /// Sessions that it looks back over: 14 for `rsi_14`, 5 for `return_5`.
    #[serde(default)]
    pub span: Option<usize>,
    /// What it is held against: a rule such as `persistence`, a price or a width.
    #[serde(default)]
    pub against: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Fact {
    /// A value of no day, horizon or level; the others are set by name.
    pub fn new(
        id: impl Into<String>,
        words: impl Into<String>,
        quantity: Quantity,
        value: Value,
        origin: Origin,
    ) -> Self {
        let (id, words) = (id.into(), words.into());
        let (day, horizon, level, end, of, span, against) = (None, None, None, None, None, None, None);
        Self { id, words, quantity, value, day, horizon, level, end, of, span, against, origin }
    }

    /// Its value as a number; none for a day or a word.
    pub fn number(&self) -> Option<f64> {
        self.value.number()
    }
}

impl Value {
    /// The number of it, in its own unit; none for a day or a word.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Price(value) | Self::Shares(value) | Self::Fraction(value) | Self::Number(value) => Some(*value),
            Self::Count(count) => Some(*count as f64),
            Self::Day(_) | Self::Word(_) => None,
        }
    }
}
