//! The tool `skill`: how good the forecasts of a ticker were on held-out days.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::{Field, Horizon, Score};
use stockops_core::report::skill_words;

use super::arguments::OfTicker;
use super::desk_tool::{DeskTool, boxed};
use super::number::share;
use super::view::View;
use super::{Tool, ToolFault};

/// How good forecasts were on days that nothing was learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillAnswer {
    /// Whose forecasts.
    pub ticker: String,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// First judged day.
    pub first_day: Option<NaiveDate>,
    /// Last judged day.
    pub last_day: Option<NaiveDate>,
    /// By field, at the next session and the last; empty where too few days were held out.
    pub rows: Vec<SkillRow>,
    /// The same in words.
    pub skill_in_words: String,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// How good the forecasts of one field were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillRow {
    /// open, high, low, close, volume or range.
    pub field: String,
    /// Sessions ahead.
    pub sessions_ahead: usize,
    /// 1 - RMSE / RMSE of "tomorrow equals today", as a fraction.
    pub skill_vs_persistence: Option<f64>,
    /// The same against the best simple rule; below 0.01 there is no skill.
    pub skill_vs_best_rule: Option<f64>,
    /// Which rule that is.
    pub best_rule: Option<String>,
    /// Share of outcomes inside of the 90 % interval: to be 0.9.
    pub coverage_90: Option<f64>,
    /// Of the close: share of right directions.
    pub direction_accuracy: Option<f64>,
    /// Its 95 % interval; where it holds 0.5, that is chance.
    pub direction_interval_95: Option<[f64; 2]>,
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "How good the forecasts of a ticker were on held-out days: skill over simple rules by field and horizon, coverage of the 90 % interval, accuracy of direction. Ask it before you call a forecast reliable.",
        view,
        answer,
    })
}

const NAME: &str = "skill";

fn answer(view: &View, question: OfTicker) -> Result<SkillAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let judged = || {
        let (bars, notes) = view.bars(&ticker)?;
        Ok((view.desk.evaluation(&bars)?, notes))
    };
    let (evaluation, notes) = judged().map_err(|error| ToolFault::of(NAME, &error))?;
    Ok(told(ticker.to_string(), &evaluation, notes))
}

fn told(ticker: String, evaluation: &Evaluation, notes: Vec<String>) -> SkillAnswer {
    let ends = |(field, rows): (&Field, &std::collections::BTreeMap<Horizon, Score>)| {
        let ends = rows.iter().take(1).chain(rows.iter().skip(1).last());
        ends.map(|(horizon, score)| row(*field, *horizon, score)).collect::<Vec<_>>()
    };
    SkillAnswer {
        ticker,
        forecasts: evaluation.forecasts,
        first_day: evaluation.first_day,
        last_day: evaluation.last_day,
        rows: evaluation.fields.iter().flat_map(ends).collect(),
        skill_in_words: skill_words(evaluation),
        notes,
    }
}

fn row(field: Field, horizon: Horizon, score: &Score) -> SkillRow {
    SkillRow {
        field: field.to_string(),
        sessions_ahead: horizon.sessions(),
        skill_vs_persistence: score.skill_vs_persistence.map(share),
        skill_vs_best_rule: score.skill_vs_best_rule.map(share),
        best_rule: score.best_rule.map(|rule| rule.to_string()),
        coverage_90: score.coverage_90.map(share),
        direction_accuracy: score.direction.map(|direction| share(direction.accuracy)),
        direction_interval_95: score.direction.map(|direction| direction.interval.map(share)),
    }
}
