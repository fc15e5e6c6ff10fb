//! The answer of `report`.

use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::Forecast;
use stockops_core::evaluation::Evaluation;

use super::{Answer, trust};
use crate::tools::Trust;

/// A whole report on a ticker.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct ReportAnswer {
    ticker: String,
    /// The version that forecast.
    model_version: Option<String>,
    /// The report in Markdown: forecast with intervals, risk, skill, drift and where it comes from.
    markdown: String,
    /// Where the chart of the forecast can be read as a resource.
    chart: String,
    trust: Trust,
}

impl ReportAnswer {
    pub(in crate::mcp) fn answer(
        markdown: String,
        forecast: &Forecast,
        evaluation: &Evaluation,
        chart: String,
    ) -> Answer {
        let answer = Self {
            ticker: forecast.ticker.to_string(),
            model_version: forecast.model_version.clone(),
            markdown: markdown.clone(),
            chart,
            trust: trust(evaluation),
        };
        Answer::new(markdown, &answer)
    }
}
