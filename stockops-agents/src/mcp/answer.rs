//! Answers: objects with a fixed shape, each with the same in words.

mod backtest;
mod bars;
mod drift;
mod forecast;
mod models;
mod report;
mod risk;
mod task;
mod training;
mod trust;

use serde::Serialize;
use serde_json::Value;

pub(super) use backtest::BacktestAnswer;
pub(super) use bars::BarsAnswer;
pub(super) use drift::DriftAnswer;
pub(super) use forecast::ForecastAnswer;
pub(super) use models::ModelsAnswer;
pub(super) use report::ReportAnswer;
pub(super) use risk::RiskAnswer;
pub(super) use task::{Longer, State, TaskAnswer};
pub(super) use training::TrainingAnswer;
use trust::{how_far, trust};

/// What a tool answers: words for people, and the same as JSON.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) words: String,
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn new(words: String, json: &impl Serialize) -> Self {
        Self { words, json: serde_json::json!(json) }
    }
}

/// Paragraphs one under the other; empty ones are left out.
fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The notes of a forecast, one a line.
fn noted(notes: &[String]) -> String {
    notes.iter().map(|note| format!("note: {note}")).collect::<Vec<_>>().join("\n")
}
