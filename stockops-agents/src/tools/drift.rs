//! The tool `drift`: whether market and model are as they were.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::DriftReport;
use stockops_core::drift::TestReport;
use stockops_core::report::skill_words;

use super::arguments::OfTicker;
use super::desk_tool::{DeskTool, boxed};
use super::number::decimals;
use super::view::View;
use super::{Tool, ToolFault};

/// Whether market and model are as they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftAnswer {
    /// Whose.
    pub ticker: String,
    /// Last day of the bars.
    pub as_of: Option<NaiveDate>,
    /// Healthy, Degraded or Critical; none where nothing could be tested.
    pub health: Option<String>,
    /// In a sentence or two.
    pub summary: String,
    /// Tests that alarm.
    pub alarms: Vec<DriftTest>,
    /// Tests that were made or tried.
    pub tests: usize,
    /// The contract's score, which decides nothing.
    pub drift_score: Option<f64>,
    /// The contract's index of volatility, which decides nothing.
    pub volatility_index: Option<f64>,
    /// Whether to train again.
    pub retrain: bool,
    /// Why or why not.
    pub retrain_reason: String,
    /// Forecasts of the record that were scored.
    pub scored: usize,
    /// Those of them that were replayed.
    pub replayed: usize,
    /// Version that is watched.
    pub model_version: Option<String>,
    /// How good its forecasts were on held-out days.
    pub skill_in_words: String,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// A test of drift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftTest {
    /// Its name.
    pub name: String,
    /// What it looks at.
    pub field: String,
    /// Whether it alarms.
    pub alarm: bool,
    /// First day of its alarm; null where it does not alarm or has no such day.
    pub since: Option<NaiveDate>,
    /// What it says, in a sentence.
    pub words: String,
}

impl DriftTest {
    /// The row of `test`.
    pub(crate) fn of(test: &TestReport) -> Self {
        let TestReport { name, field, alarm, since, words, .. } = test;
        Self { name: name.clone(), field: field.clone(), alarm: *alarm, since: *since, words: words.clone() }
    }
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "Whether the market of a ticker and the model that forecasts it are as they were: Healthy, Degraded or Critical, the tests that alarm, and whether to train again.",
        view,
        answer,
    })
}

const NAME: &str = "drift";

fn answer(view: &View, question: OfTicker) -> Result<DriftAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let reported = || {
        let (bars, notes) = view.bars(&ticker)?;
        Ok((view.desk.drift(&bars)?, skill_words(&view.desk.evaluation(&bars)?), notes))
    };
    let (report, words, notes) = reported().map_err(|error| ToolFault::of(NAME, &error))?;
    Ok(told(report, words, notes))
}

fn told(report: DriftReport, skill_in_words: String, notes: Vec<String>) -> DriftAnswer {
    let alarming = report.tests.iter().filter(|test| test.alarm);
    DriftAnswer {
        alarms: alarming.map(DriftTest::of).collect(),
        ticker: report.ticker.to_string(),
        as_of: report.as_of,
        health: report.health.map(|health| health.to_string()),
        summary: report.summary,
        tests: report.tests.len(),
        drift_score: report.drift_score.map(|score| decimals(score, 2)),
        volatility_index: report.volatility_index.map(|index| decimals(index, 2)),
        retrain: report.retrain.wanted,
        retrain_reason: report.retrain.reason,
        scored: report.scored,
        replayed: report.replayed,
        model_version: report.model_version,
        skill_in_words,
        notes,
    }
}
