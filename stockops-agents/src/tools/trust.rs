//! `Trust`: how far to trust what is forecast, by what the same model did on held-out days.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::{Field, Horizon, Score};
use stockops_core::report::skill_words;

use super::number::share;

/// How far to trust what is said here: what the same model did on held-out days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// In words.
    pub words: String,
    /// Forecasts that were judged; 0 where nothing could be held out, and then no skill is claimed.
    pub judged_forecasts: usize,
    /// First judged day.
    pub first_day: Option<NaiveDate>,
    /// Last judged day.
    pub last_day: Option<NaiveDate>,
    /// Skill and coverage by field, at the next session and at the last one.
    pub skill: Vec<SkillRow>,
}

/// How one field was forecast so many sessions ahead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillRow {
    /// open, high, low, close, volume or range (width of a day from low to high).
    pub field: String,
    /// 1 for the next session.
    pub sessions_ahead: usize,
    /// 1 less the error over that of "tomorrow equals today": below 0 that rule is better.
    pub skill_vs_persistence: Option<f64>,
    /// The same over the best simple rule; below 0.01 there is no skill.
    pub skill: Option<f64>,
    /// The best simple rule.
    pub best_rule: Option<String>,
    /// p-value of the difference to the best rule (Diebold and Mariano).
    pub p: Option<f64>,
    /// Share of outcomes inside of the 90 % interval: to be 0.9.
    pub coverage_90: Option<f64>,
    /// Of the close: share of right directions.
    pub direction_accuracy: Option<f64>,
    /// Its 95 % interval; where it holds 0.5, that is chance.
    pub direction_interval_95: Option<[f64; 2]>,
}

impl Trust {
    /// What `evaluation` says of `fields`.
    pub(crate) fn of(evaluation: &Evaluation, fields: impl IntoIterator<Item = Field>) -> Self {
        let rows = fields.into_iter().flat_map(|field| {
            let scores = evaluation.fields.get(&field).into_iter();
            let ends = scores.flat_map(|scores| scores.iter().take(1).chain(scores.iter().skip(1).last()));
            ends.map(move |(horizon, score)| SkillRow::of(field, *horizon, score))
        });
        Self {
            words: skill_words(evaluation),
            judged_forecasts: evaluation.forecasts,
            first_day: evaluation.first_day,
            last_day: evaluation.last_day,
            skill: rows.collect(),
        }
    }
}

impl SkillRow {
    fn of(field: Field, horizon: Horizon, score: &Score) -> Self {
        Self {
            field: field.to_string(),
            sessions_ahead: horizon.sessions(),
            skill_vs_persistence: score.skill_vs_persistence.map(share),
            skill: score.skill_vs_best_rule.map(share),
            best_rule: score.best_rule.map(|rule| rule.to_string()),
            p: score.dm_p.map(share),
            coverage_90: score.coverage_90.map(share),
            direction_accuracy: score.direction.map(|direction| share(direction.accuracy)),
            direction_interval_95: score.direction.map(|direction| direction.interval.map(share)),
        }
    }
}
