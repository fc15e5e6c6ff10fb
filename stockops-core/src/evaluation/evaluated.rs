//! `Evaluation`: what a model did on days that nothing was learned from.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Fold, Legacy, judge};
use crate::forecast::{Case, Field, FieldTable, Horizon, MIN_JUDGED, SkillTable, skill_of};

/// What a model did on days that nothing was learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// Skill by field and horizon; `None` where there is too little held out to say, see `note`.
    pub skill: Option<SkillTable>,
    /// All scores by field and horizon; empty where nothing could be judged.
    #[serde(default)]
    pub fields: FieldTable,
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
        let judged = |case: Option<&Case<'_>>| case.and_then(|case| case.actual.first()).map(|bar| bar.date);
        let last = test.last().and_then(|case| case.actual.last()).map(|bar| bar.date);
        let fields = judge(&[Fold { test, before }]);
        Self {
            skill: Some(skill_of(&fields)),
            fields,
            forecasts: test.len(),
            first_day: judged(test.first()),
            last_day: last,
            note,
            legacy: None,
        }
    }

    /// Skill at `horizon` over the rule that turned out to be the best of all on the held-out days, which nobody
    /// knew beforehand; `None` where nothing was judged.
    pub fn skill_over_every_rule(&self, field: Field, horizon: Horizon) -> Option<f64> {
        if let Some(score) = self.fields.get(&field).and_then(|rows| rows.get(&horizon)) {
            return score.against_hardest().map(|(_, skill)| skill);
        }
        // Bundles of before do not hold the errors of all rules.
        let skill = self.skill.as_ref()?.get(&field)?.get(&horizon)?;
        Some(skill.vs_persistence.min(skill.vs_best_rule))
    }

    /// Nothing could be held out, for the reason `note`.
    pub fn none(note: String) -> Self {
        let fields = FieldTable::new();
        Self { skill: None, fields, forecasts: 0, first_day: None, last_day: None, note, legacy: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Rule;
    use crate::market::Bar;
    use crate::testing::day;
    use approx::assert_relative_eq;

    fn bar(i: u64, close: f64) -> Bar {
        Bar { date: day(i), open: close, high: close * 1.1, low: close, close, volume: 100.0 }
    }

    /// A doubling each day, forecast with a multiple of the truth.
    fn cases(bars: &[Bar], off: f64) -> Vec<Case<'_>> {
        let at = |origin: usize| Case {
            history: &bars[..=origin],
            actual: &bars[origin + 1..origin + 2],
            predicted: vec![bar(origin as u64 + 1, bars[origin + 1].close * off)],
            unit: 0.1,
            ..Case::default()
        };
        (0..bars.len() - 1).map(at).collect()
    }

    #[test]
    fn skill_is_one_minus_the_ratio_of_root_mean_squares() {
        let bars: Vec<Bar> = (0..26).map(|i| bar(i, 2f64.powi(i as i32))).collect();
        let all = cases(&bars, 2f64.sqrt());
        let evaluation = Evaluation::of(&all, &[], "test".into());
        let close = evaluation.skill.clone().unwrap()[&Field::Close][&Horizon::NEXT];
        // Errors are ln(2)/2 each, persistence's are ln(2): half.
        assert_relative_eq!(close.vs_persistence, 0.5, epsilon = 1e-12);
        assert_eq!(close.best_rule, Rule::Persistence);
        assert_eq!(evaluation.skill_over_every_rule(Field::Range, Horizon::at(8)), None);
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
        let bars: Vec<Bar> = (0..21).map(|i| bar(i, 10.0)).collect();
        assert_eq!(Evaluation::of(&cases(&bars, 1.1), &[], "held out".into()).forecasts, 20);
    }

    #[test]
    fn what_older_bundles_hold_is_still_read() {
        let old = r#"{"skill":{"close":{"h1":{"vs_persistence":0.1,"vs_best_rule":-0.1,"best_rule":"mean_20"}}},
            "forecasts":30,"first_day":null,"last_day":null,"note":"","legacy":null}"#;
        let read: Evaluation = serde_json::from_str(old).unwrap();
        assert_eq!(read.skill_over_every_rule(Field::Close, Horizon::NEXT), Some(-0.1));
        assert!(read.fields.is_empty() && read.skill.unwrap()[&Field::Close][&Horizon::NEXT].best_rule == Rule::Mean20);
    }

    #[test]
    fn without_a_test_nothing_is_claimed() {
        assert_eq!(Evaluation::of(&[], &[], "too short".into()), Evaluation::none("too short".into()));
    }
}
