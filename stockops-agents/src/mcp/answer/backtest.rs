//! The answer of `backtest`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::forecast::{Field, Horizon, Score};
use stockops_core::pipeline::Backtest;
use stockops_core::report::BacktestReport;

use super::{Answer, noted, paragraphs};
use crate::tools::number::share;

/// What a walk over the past says about a model.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct BacktestAnswer {
    ticker: String,
    /// How the child comes from its parent.
    strategy: String,
    /// First day that was forecast.
    first_day: NaiveDate,
    /// Last day that was forecast.
    last_day: NaiveDate,
    judged_forecasts: usize,
    /// Stretches that were judged, each by a model that saw no day of it.
    folds: usize,
    /// All fields and horizons.
    scores: Vec<ScoreRow>,
    /// What holds, in a sentence.
    verdict: String,
    /// What a reader has to know.
    notes: Vec<String>,
}

/// How one quantity was forecast so many sessions ahead; errors are on the log scale.
#[derive(Debug, Serialize, JsonSchema)]
struct ScoreRow {
    /// open, high, low, close, volume or range.
    field: String,
    /// 1 for the next session.
    sessions_ahead: usize,
    rmse: f64,
    /// 1 less the error over that of "tomorrow equals today".
    skill_vs_persistence: Option<f64>,
    /// The same over the best simple rule: below 0.01 there is none.
    skill: Option<f64>,
    best_rule: Option<String>,
    /// p-value of the difference to the best rule.
    p: Option<f64>,
    /// Share of outcomes inside of the 80 % interval.
    coverage_80: Option<f64>,
    /// Share of outcomes inside of the 90 % interval.
    coverage_90: Option<f64>,
}

impl BacktestAnswer {
    pub(in crate::mcp) fn answer(done: &Backtest) -> Answer {
        let report = BacktestReport(done);
        let rows = done
            .fields
            .iter()
            .flat_map(|(field, scores)| scores.iter().map(|(horizon, score)| ScoreRow::of(*field, *horizon, score)));
        let answer = Self {
            ticker: done.ticker.to_string(),
            strategy: done.strategy.to_string(),
            first_day: done.first_day,
            last_day: done.last_day,
            judged_forecasts: done.forecasts,
            folds: done.folds.len(),
            scores: rows.collect(),
            verdict: report.verdict(),
            notes: done.notes.clone(),
        };
        let words = paragraphs([report.head(), report.table().to_string(), report.verdict(), noted(&done.notes)]);
        Answer::new(words, &answer)
    }
}

impl ScoreRow {
    fn of(field: Field, horizon: Horizon, score: &Score) -> Self {
        Self {
            field: field.to_string(),
            sessions_ahead: horizon.sessions(),
            rmse: score.rmse,
            skill_vs_persistence: score.skill_vs_persistence.map(share),
            skill: score.skill_vs_best_rule.map(share),
            best_rule: score.best_rule.map(|rule| rule.to_string()),
            p: score.dm_p.map(share),
            coverage_80: score.coverage_80.map(share),
            coverage_90: score.coverage_90.map(share),
        }
    }
}
