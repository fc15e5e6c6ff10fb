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
    /// Where it comes from.
    pub origin: Origin,
}
