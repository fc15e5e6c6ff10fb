//! From cases to scores: the one place where forecasts are judged.

mod cell;

use std::collections::BTreeMap;

use super::metrics::rmse;
use super::{Case, Field, FieldTable, MIN_JUDGED, Rule, Rules};
use cell::{Sample, score};

/// Forecasts of one stretch of days, by one model.
#[derive(Debug, Clone, Copy)]
pub struct Fold<'a> {
    /// The judged forecasts, in order of time.
    pub test: &'a [Case<'a>],
    /// Forecasts of days before them, on which the best rule is chosen; their predictions are not looked at, and there may
    /// be none.
    pub before: &'a [Case<'a>],
}

/// Judge all folds together, in order of time.
///
/// Rules are fitted for each fold on what was known at its first forecast. The best rule is chosen once, on those
/// days of the first fold's `before` that end before the first judged day, by rules fitted on what was known before these;
/// where there are none, on the judged days, which favours the rules. A cell stands where at least [`MIN_JUDGED`] forecasts can be judged.
pub fn judge(folds: &[Fold<'_>]) -> FieldTable {
    let judged: Vec<Judged<'_>> = folds.iter().filter_map(|fold| Judged::of(fold.test)).collect();
    let Some(first) = judged.first() else { return FieldTable::new() };
    let before = before(folds, first);
    let chosen_on = Judged::of(&before).map_or_else(|| judged.clone(), |before| vec![before]);
    let horizons = first.cases[0].predicted.len();
    let cell = |field: Field, horizon: usize| {
        let samples: Vec<Sample<'_>> = judged.iter().flat_map(|fold| fold.samples(field, horizon)).collect();
        if samples.len() < MIN_JUDGED {
            return None;
        }
        let earlier: Vec<Sample<'_>> = chosen_on.iter().flat_map(|fold| fold.samples(field, horizon)).collect();
        Some((format!("h{}", horizon + 1), score(field, horizon, &samples, best_rule(&samples, &earlier))))
    };
    let of_field = |field: Field| {
        let rows: BTreeMap<_, _> = (0..horizons).filter_map(|horizon| cell(field, horizon)).collect();
        (!rows.is_empty()).then_some((field, rows))
    };
    Field::ALL.into_iter().filter_map(of_field).collect()
}

/// Cases of one fold with the rules as they were fitted at its first.
#[derive(Clone)]
struct Judged<'a> {
    cases: &'a [Case<'a>],
    rules: Rules,
}

impl<'a> Judged<'a> {
    fn of(cases: &'a [Case<'a>]) -> Option<Self> {
        let first = cases.first()?;
        Some(Self { cases, rules: Rules::fit(first.known, first.actual.len()) })
    }

    /// Days on which the field is known.
    fn samples(&self, field: Field, horizon: usize) -> impl Iterator<Item = Sample<'a>> {
        let scale = self.rules.scale(field, horizon);
        self.cases.iter().filter_map(move |case| {
            let actual = case.actual(field, horizon)?;
            let forecasts = Rule::ALL.map(|rule| self.rules.forecast(rule, case.known, field, horizon));
            let rules = forecasts.map(|forecast| forecast.map(|forecast| actual - forecast));
            Some(Sample { case, actual, rules, scale })
        })
    }
}

/// Cases of the first fold that end before the first judged day.
fn before<'a>(folds: &[Fold<'a>], first: &Judged<'_>) -> Vec<Case<'a>> {
    let day = first.cases[0].actual.first().map(|bar| bar.date);
    let earlier = |case: &&Case<'_>| case.actual.last().map(|bar| bar.date) < day;
    folds[0].before.iter().filter(earlier).cloned().collect()
}

/// The candidate with the least RMSE on `earlier` days, of those that can forecast all days.
fn best_rule(samples: &[Sample<'_>], earlier: &[Sample<'_>]) -> Option<Rule> {
    let error = |rule: Rule| Some((rule, rmse(&Sample::errors_of(earlier, rule)?)?));
    let able = Rule::CANDIDATES.into_iter().filter(|rule| Sample::errors_of(samples, *rule).is_some());
    able.filter_map(error).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(rule, _)| rule)
}

#[cfg(test)]
mod tests;
