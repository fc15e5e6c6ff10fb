//! Skill: how much smaller a model's errors are than those of simple rules.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Case, Field, Legacy, Rule};

/// Skill at one horizon: `1 - RMSE / RMSE of the rule`, as a fraction; below 0 the rule is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HorizonSkill {
    /// Against "tomorrow equals today".
    pub vs_persistence: f64,
    /// Against the best simple rule.
    pub vs_best_rule: f64,
    /// The rule that was best on days before the test.
    pub best_rule: Rule,
}

/// Fewest forecasts that a skill is stated from.
pub const MIN_JUDGED: usize = 20;

/// Skill by field and horizon: `{close: {h1: {..}, .. h5}, ..}`.
pub type SkillTable = BTreeMap<Field, BTreeMap<String, HorizonSkill>>;

/// What a model did on days that nothing was learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Skill by field and horizon; `None` where there is too little held out to say, see `note`.
    pub skill: Option<SkillTable>,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// First judged day.
    pub first_day: Option<NaiveDate>,
    /// Last judged day.
    pub last_day: Option<NaiveDate>,
    /// Where the skill comes from, or why there is none.
    pub note: String,
    /// The original system's metrics, on training and validation rows: comparable with it, and no measure of skill.
    pub legacy: Option<Legacy>,
}

impl Evaluation {
    /// Judge `test`; the best rule is chosen on those of `before` that are of earlier days, or on `test` where there
    /// are none, which favours the rules.
    ///
    /// Nothing is stated from fewer than [`MIN_JUDGED`] forecasts.
    pub fn of(test: &[Case<'_>], before: &[Case<'_>], note: String) -> Self {
        if test.len() < MIN_JUDGED {
            let judged = test.len();
            return Self::none(if judged == 0 {
                note
            } else {
                format!("{judged} days held out: too few to state a skill")
            });
        }
        let first = test[0].actual[0].date;
        let before: Vec<Case<'_>> =
            before.iter().filter(|case| case.actual.last().is_some_and(|bar| bar.date < first)).cloned().collect();
        let judged = |case: Option<&Case<'_>>| case.and_then(|case| case.actual.first()).map(|bar| bar.date);
        let last = test.last().and_then(|case| case.actual.last()).map(|bar| bar.date);
        Self {
            skill: (!test.is_empty()).then(|| skill_table(test, if before.is_empty() { test } else { &before })),
            forecasts: test.len(),
            first_day: judged(test.first()),
            last_day: last,
            note,
            legacy: None,
        }
    }

    /// Nothing could be held out, for the reason `note`.
    pub fn none(note: String) -> Self {
        Self { skill: None, forecasts: 0, first_day: None, last_day: None, note, legacy: None }
    }
}

fn skill_table(test: &[Case<'_>], before: &[Case<'_>]) -> SkillTable {
    let horizons = test[0].predicted.len();
    let of_field = |field: Field| {
        let rows: BTreeMap<String, HorizonSkill> = (0..horizons)
            .filter_map(|horizon| Some((format!("h{}", horizon + 1), horizon_skill(test, before, field, horizon)?)))
            .collect();
        (!rows.is_empty()).then_some((field, rows))
    };
    Field::ALL.into_iter().filter_map(of_field).collect()
}

/// `None` where no volume was known on any day.
fn horizon_skill(test: &[Case<'_>], before: &[Case<'_>], field: Field, horizon: usize) -> Option<HorizonSkill> {
    let model = rmse(test.iter().filter_map(|case| case.error(field, horizon)))?;
    let rule_rmse = |cases: &[Case<'_>], rule: Rule| {
        rmse(cases.iter().filter_map(|case| Some(case.actual(field, horizon)? - rule.forecast(case, field)?)))
    };
    let before_test = |rule: &Rule| rule_rmse(before, *rule).unwrap_or(f64::INFINITY);
    let best_rule = Rule::ALL.into_iter().min_by(|a, b| before_test(a).total_cmp(&before_test(b)))?;
    let skill = |rule: Rule| rule_rmse(test, rule).filter(|rmse| *rmse > 0.0).map(|rmse| 1.0 - model / rmse);
    let (vs_persistence, vs_best_rule) = (skill(Rule::Persistence)?, skill(best_rule)?);
    Some(HorizonSkill { vs_persistence, vs_best_rule, best_rule })
}

/// Root mean square; `None` without errors.
fn rmse(errors: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = errors.fold((0.0, 0usize), |(sum, count), error| (sum + error * error, count + 1));
    (count > 0).then(|| (sum / count as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Bar;
    use crate::testing::day;
    use approx::assert_relative_eq;

    fn bar(i: u64, close: f64) -> Bar {
        Bar { date: day(i), open: close, high: close * 1.1, low: close, close, volume: 100.0 }
    }

    /// A doubling each day, forecast with a multiple of the truth.
    fn cases(bars: &[Bar], off: f64) -> Vec<Case<'_>> {
        let at = |origin: usize| Case {
            known: &bars[..=origin],
            actual: &bars[origin + 1..origin + 2],
            predicted: vec![bar(origin as u64 + 1, bars[origin + 1].close * off)],
        };
        (0..bars.len() - 1).map(at).collect()
    }

    #[test]
    fn skill_is_one_minus_the_ratio_of_root_mean_squares() {
        let bars: Vec<Bar> = (0..26).map(|i| bar(i, 2f64.powi(i as i32))).collect();
        let all = cases(&bars, 2f64.sqrt());
        let evaluation = Evaluation::of(&all, &[], "test".into());
        let close = evaluation.skill.unwrap()[&Field::Close]["h1"];
        // Errors are ln(2)/2 each, persistence's are ln(2): half.
        assert_relative_eq!(close.vs_persistence, 0.5, epsilon = 1e-12);
        assert_eq!(close.best_rule, Rule::Persistence);
        assert_eq!((evaluation.first_day, evaluation.last_day), (Some(day(1)), Some(day(25))));
    }

    #[test]
    fn days_of_unknown_volume_are_not_judged_on_volume() {
        let mut bars: Vec<Bar> = (0..24).map(|i| bar(i, 10.0)).collect();
        bars[2].volume = 0.0;
        let evaluation = Evaluation::of(&cases(&bars, 1.0), &[], String::new());
        assert!(evaluation.skill.is_some_and(|skill| !skill.contains_key(&Field::Volume)));
        bars.iter_mut().for_each(|bar| bar.volume = 0.0);
        assert!(Evaluation::of(&cases(&bars, 1.0), &[], String::new()).skill.is_some());
    }

    #[test]
    fn from_a_few_days_nothing_is_claimed() {
        let bars: Vec<Bar> = (0..20).map(|i| bar(i, 10.0)).collect();
        let evaluation = Evaluation::of(&cases(&bars, 1.1), &[], "held out".into());
        assert_eq!(evaluation, Evaluation::none("19 days held out: too few to state a skill".into()));
    }

    #[test]
    fn without_a_test_nothing_is_claimed() {
        assert_eq!(Evaluation::of(&[], &[], "too short".into()), Evaluation::none("too short".into()));
    }
}
