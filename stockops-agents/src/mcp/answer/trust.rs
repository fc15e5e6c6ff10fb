//! `Stated` and `Trust`: a number beside its interval and its skill, and what was seen on held-out days.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::Forecast;
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::{Field, Horizon, IntervalDay, Score};
use stockops_core::report::{skill_table, skill_words};

/// A number that is forecast, with its interval and its skill; quote it only with both.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct Stated {
    /// Middle of the forecast.
    value: f64,
    /// Holds 80 % of outcomes where it is right, [low, high]; null where nothing could be calibrated.
    interval_80: Option<[f64; 2]>,
    /// Holds 90 % of outcomes where it is right, [low, high]; null where nothing could be calibrated.
    interval_90: Option<[f64; 2]>,
    /// 1 less the error over that of the best simple rule on held-out days: at or below 0 the rule is as good or better; null
    /// where nothing could be held out.
    skill: Option<f64>,
    /// The simple rule that the skill is over.
    best_rule: Option<String>,
}

impl Stated {
    /// `value` of `field`, `at` sessions after the next one.
    pub(super) fn of(forecast: &Forecast, field: Field, at: usize, value: f64) -> Self {
        let interval = |level: &str| forecast.intervals.get(level)?.get(at).map(|day| ends(day, field));
        let skill = forecast.skill.as_ref().and_then(|skill| skill.get(&field)?.get(&Horizon::at(at)));
        Self {
            value,
            interval_80: interval("80"),
            interval_90: interval("90"),
            skill: skill.map(|skill| skill.vs_best_rule),
            best_rule: skill.map(|skill| skill.best_rule.to_string()),
        }
    }
}

fn ends(day: &IntervalDay, field: Field) -> [f64; 2] {
    match field {
        Field::Open => day.open,
        Field::High => day.high,
        Field::Low => day.low,
        Field::Close => day.close,
        Field::Volume => day.volume,
        Field::Range => day.range,
    }
}

/// How far to trust what is said here: what the same model did on held-out days.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct Trust {
    /// In words.
    words: String,
    /// Forecasts that were judged; 0 where nothing could be held out, and then no skill is claimed.
    judged_forecasts: usize,
    /// First judged day.
    first_day: Option<NaiveDate>,
    /// Last judged day.
    last_day: Option<NaiveDate>,
    /// Skill and coverage of close, volume and range, at the next session and at the last one.
    skill: Vec<SkillRow>,
}

/// How one quantity was forecast so many sessions ahead.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct SkillRow {
    /// close, volume or range (width of a day from low to high).
    field: String,
    /// 1 for the next session.
    sessions_ahead: usize,
    /// 1 less the error over that of "tomorrow equals today": below 0 that rule is better.
    vs_persistence: Option<f64>,
    /// The same over the best simple rule.
    vs_best_rule: Option<f64>,
    /// The best simple rule.
    best_rule: Option<String>,
    /// p-value of the difference to the best rule (Diebold and Mariano).
    p: Option<f64>,
    /// Share of outcomes inside of the 90 % interval; it is to be 0.9.
    coverage_90: Option<f64>,
}

impl Trust {
    pub(super) fn of(evaluation: &Evaluation) -> Self {
        let rows = Field::JUDGED.into_iter().flat_map(|field| {
            let scores = evaluation.fields.get(&field);
            let ends = scores.into_iter().flat_map(|scores| {
                let last = scores.last_key_value().filter(|(horizon, _)| **horizon != Horizon::NEXT);
                scores.first_key_value().into_iter().chain(last)
            });
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

    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// The words, and the table where there is one.
    pub(super) fn paragraph(&self, evaluation: &Evaluation) -> String {
        let table = evaluation.skill.as_ref().map(|skill| format!("\n{}", skill_table(skill))).unwrap_or_default();
        format!("How far to trust it. {}{table}", self.words)
    }
}

impl SkillRow {
    pub(super) fn of(field: Field, horizon: Horizon, score: &Score) -> Self {
        Self {
            field: field.to_string(),
            sessions_ahead: horizon.sessions(),
            vs_persistence: score.skill_vs_persistence,
            vs_best_rule: score.skill_vs_best_rule,
            best_rule: score.best_rule.map(|rule| rule.to_string()),
            p: score.dm_p,
            coverage_90: score.coverage_90,
        }
    }
}
