//! `DriftReport`: the contract's keys, and each test with its numbers and plain words beside them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Health, LegacyDrift, Reference, Shift};
use crate::market::Ticker;

/// Whether there was enough to say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftStatus"))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The tests were made.
    Ok,
    /// There were too few rows; `reason` says how many are needed.
    Skipped,
}

/// What a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftKind"))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The bars: is the market as it usually is?
    Data,
    /// The forecaster's record: is the model as good as it promised?
    Concept,
}

/// Where a statistic lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftDirection"))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Above the usual.
    Up,
    /// Below the usual.
    Down,
}

/// One test in numbers and words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftTest"))]
pub struct TestReport {
    /// Such as `range` or `coverage_close`.
    pub name: String,
    /// Bars or record.
    pub kind: Kind,
    /// The column that it looks at.
    pub field: String,
    /// Its value; `None` where it could not be made, and `words` says why.
    pub statistic: Option<f64>,
    /// The value from which on it alarms, on the side of the statistic.
    pub threshold: Option<f64>,
    /// Share of usual days that are as far out; `None` for a test of the record, which has a rate of false alarms instead.
    pub p: Option<f64>,
    /// On which side of the usual.
    pub direction: Option<Direction>,
    /// Whether it alarms.
    pub alarm: bool,
    /// First day of its alarm; for a test of the bars the first within the last 250 sessions.
    pub since: Option<NaiveDate>,
    /// The same in a sentence.
    pub words: String,
}

impl TestReport {
    /// A test that could not be made, for the reason `words`.
    pub(super) fn untested(name: String, kind: Kind, field: impl Into<String>, words: String) -> Self {
        let (statistic, threshold, p) = (None, None, None);
        let (direction, alarm, since) = (None, false, None);
        Self { name, kind, field: field.into(), statistic, threshold, p, direction, alarm, since, words }
    }
}

/// Whether to train again, and why or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retrain {
    /// Whether to.
    pub wanted: bool,
    /// In a sentence.
    pub reason: String,
}

/// One day of the past, as the monitor saw it; for the chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftDay"))]
pub struct TrailDay {
    /// The day.
    pub day: NaiveDate,
    /// Verdict of that day.
    pub health: Health,
    /// Largest distance from the usual of the tests of the bars, over the level of alarm: it begins at 1.
    pub data: f64,
    /// Largest sum of the charts of the record over its threshold: alarm begins at 1; `None` without scores.
    pub concept: Option<f64>,
}

/// Where what is usual was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DriftReference"))]
pub struct Source {
    /// Whose history.
    pub ticker: Ticker,
    /// First day of it.
    pub first_day: NaiveDate,
    /// Last day of it.
    pub last_day: NaiveDate,
    /// Days in it.
    pub days: usize,
    /// Distance from the usual at which alarm begins, see [`Reference`].
    pub alarm_level: f64,
}

impl From<&Reference> for Source {
    fn from(reference: &Reference) -> Self {
        Self {
            ticker: reference.ticker.clone(),
            first_day: reference.first_day,
            last_day: reference.last_day,
            days: reference.days,
            alarm_level: reference.alarm_level(),
        }
    }
}

/// What the monitor says about a ticker on a day.
///
/// `health` is Critical where the model has lost coverage or skill or the bars are broken, Degraded where the bars alone
/// are unusual, else Healthy. `drift_score`, `volatility_index` and `feature_metrics` are the contract's numbers; they decide
/// nothing, and `legacy.health` is what the contract's rule makes of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DriftReport {
    /// Whose report.
    pub ticker: Ticker,
    /// Whether there was enough to say anything.
    pub status: Status,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// When it was made, RFC 3339 in UTC.
    pub timestamp: String,
    /// Last day of the bars.
    pub as_of: Option<NaiveDate>,
    /// The verdict; `None` where it was skipped.
    pub health: Option<Health>,
    /// The report in a sentence or two.
    pub summary: String,
    /// The contract's score.
    pub drift_score: Option<f64>,
    /// The contract's index.
    pub volatility_index: Option<f64>,
    /// The contract's shifts by column.
    pub feature_metrics: BTreeMap<String, Shift>,
    /// All tests, of the bars and of the record.
    pub tests: Vec<TestReport>,
    /// The contract's rule.
    pub legacy: Option<LegacyDrift>,
    /// Whether to train again, and why.
    pub retrain: Retrain,
    /// Where what is usual was learned.
    pub reference: Option<Source>,
    /// Scored forecasts that the tests of the record saw.
    pub scored: usize,
    /// Those of them that were replayed.
    pub replayed: usize,
    /// Version that is watched, such as `GOOG@3`.
    #[serde(default)]
    pub model_version: Option<String>,
    /// The days before, oldest first.
    #[serde(default)]
    pub trail: Vec<TrailDay>,
}

impl DriftReport {
    /// A report that there is nothing to report.
    pub fn skipped(ticker: Ticker, as_of: Option<NaiveDate>, timestamp: String, reason: String) -> Self {
        Self {
            ticker,
            status: Status::Skipped,
            timestamp,
            as_of,
            health: None,
            summary: format!("Not tested: {reason}."),
            drift_score: None,
            volatility_index: None,
            feature_metrics: BTreeMap::new(),
            tests: Vec::new(),
            legacy: None,
            retrain: Retrain { wanted: false, reason: "nothing was tested".into() },
            reference: None,
            scored: 0,
            replayed: 0,
            model_version: None,
            trail: Vec::new(),
            reason: Some(reason),
        }
    }

    /// Tests of `kind` that alarm.
    pub fn alarms(&self, kind: Kind) -> impl Iterator<Item = &TestReport> {
        self.tests.iter().filter(move |test| test.kind == kind && test.alarm)
    }

    /// First day on which a promise of the model has been broken without a break since.
    pub fn lost_since(&self) -> Option<NaiveDate> {
        self.alarms(Kind::Concept).filter_map(|test| test.since).min()
    }
}
