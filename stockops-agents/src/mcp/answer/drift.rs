//! The answer of `drift`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::report::drift_words;

use super::{Answer, how_far, paragraphs, trust};
use crate::tools::{DriftTest, Trust};

/// Whether market and model are as they were.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct DriftAnswer {
    ticker: String,
    /// Last day of the bars.
    as_of: Option<NaiveDate>,
    /// Healthy, Degraded (the bars are unusual), Critical (the model lost coverage or skill, or the bars are broken); null where
    /// too little is known.
    health: Option<String>,
    /// The verdict in a sentence or two.
    summary: String,
    /// The version that is watched.
    model_version: Option<String>,
    /// Forecasts of the past that the tests of the model saw.
    scored_forecasts: usize,
    tests: Vec<DriftTest>,
    /// Whether a training is advised.
    retrain: bool,
    /// Why or why not.
    retrain_reason: String,
    trust: Trust,
}

impl DriftAnswer {
    pub(in crate::mcp) fn answer(report: &DriftReport, evaluation: &Evaluation) -> Answer {
        let answer = Self {
            ticker: report.ticker.to_string(),
            as_of: report.as_of,
            health: report.health.map(|health| health.to_string()),
            summary: report.summary.clone(),
            model_version: report.model_version.clone(),
            scored_forecasts: report.scored,
            tests: report.tests.iter().map(DriftTest::of).collect(),
            retrain: report.retrain.wanted,
            retrain_reason: report.retrain.reason.clone(),
            trust: trust(evaluation),
        };
        Answer::new(paragraphs([drift_words(report), how_far(&answer.trust, evaluation)]), &answer)
    }
}
