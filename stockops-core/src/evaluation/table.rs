//! `judge`: from cases to the table of scores that a training and a backtest share.

mod cell;
mod errors;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Rules;
use super::metrics::rmse;
use super::walk_volatility;
use crate::dataset::{Logged, Past};
use crate::forecast::{Case, Field, FieldTable, Horizon, MIN_JUDGED, Rule};
use cell::{Sample, score};

pub use errors::{DayError, day_errors};

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
/// Rules are fitted for each fold on what was known at its first forecast. The best rule is chosen once, on those days of
/// the first fold's `before` that end before the first judged day, by rules fitted on what was known before these; where
/// there are none, on the judged days, which favours the rules. A cell stands where at least [`MIN_JUDGED`] forecasts can
/// be judged.
pub fn judge(folds: &[Fold<'_>]) -> FieldTable {
    let prepared: Vec<Prepared<'_>> = folds.iter().filter_map(|fold| Prepared::of(fold.test)).collect();
    let Some(first) = prepared.first() else { return FieldTable::new() };
    let before = before(folds, first);
    let earlier = Prepared::of(&before);
    let of_field = |field: Field| {
        let samples = joined(prepared.iter().map(|fold| fold.samples(field)));
        let earlier = earlier.as_ref().map(|earlier| earlier.samples(field));
        let cell = |(horizon, samples): (usize, &Vec<Sample<'_>>)| {
            let best = best_rule(samples, earlier.as_ref().map_or(samples, |earlier| &earlier[horizon]));
            let enough = samples.len() >= MIN_JUDGED;
            enough.then(|| (Horizon::at(horizon), score(field, horizon, samples, best)))
        };
        let rows: BTreeMap<_, _> = samples.iter().enumerate().filter_map(cell).collect();
        (!rows.is_empty()).then_some((field, rows))
    };
    Field::ALL.into_iter().filter_map(of_field).collect()
}

/// Cases of one fold with the rules as they were fitted at its first.
struct Prepared<'a> {
    cases: &'a [Case<'a>],
    rules: Rules,
    horizons: usize,
    /// The longest history; the others are its beginnings.
    longest: Logged<'a>,
    /// The same bars as they would have been on ordinary days: each is changed once.
    ordinary: Logged<'a>,
}

impl<'a> Prepared<'a> {
    fn of(cases: &'a [Case<'a>]) -> Option<Self> {
        let (first, last) = (cases.first()?, cases.last()?);
        let horizons = first.actual.len();
        let rules = Rules::fit(first.history, first.days.clone(), horizons);
        let ordinary = rules.ordinary(last.history);
        Some(Self { cases, rules, horizons, longest: Logged::of(last.history), ordinary: Logged::of(ordinary) })
    }

    /// For each horizon, the days on which the field is known.
    fn samples(&self, field: Field) -> Vec<Vec<Sample<'a>>> {
        let mut samples: Vec<Vec<Sample<'a>>> = (0..self.horizons).map(|_| Vec::new()).collect();
        let ordinary = self.ordinary.whole();
        for case in self.cases {
            let days: Vec<NaiveDate> = case.actual.iter().map(|bar| bar.date).collect();
            let known = self.longest.past(case.history);
            let forecasts = if self.longest.begins_with(case.history) {
                self.rules.forecasts(known, ordinary.first(known.len()), &days, field)
            } else {
                // Bars of another series, or of a copy, are changed anew.
                self.rules.forecasts(known, Past::of(&self.rules.recent_ordinary(case.history)), &days, field)
            };
            let walk = (field == Field::Close).then(|| walk_volatility(case.history)).flatten();
            for (horizon, samples) in samples.iter_mut().enumerate() {
                let Some(actual) = case.actual(field, horizon) else { continue };
                let rules =
                    forecasts.iter().filter_map(|(rule, ahead)| Some((*rule, actual - ahead[horizon]?))).collect();
                samples.push(Sample { case, actual, rules, scale: self.rules.scale(field, horizon), walk });
            }
        }
        samples
    }
}

/// Samples of all folds, horizon by horizon.
fn joined<'a>(mut folds: impl Iterator<Item = Vec<Vec<Sample<'a>>>>) -> Vec<Vec<Sample<'a>>> {
    let mut all = folds.next().unwrap_or_default();
    for fold in folds {
        all.iter_mut().zip(fold).for_each(|(all, own)| all.extend(own));
    }
    all
}

/// Cases of the first fold that end before the first judged day.
fn before<'a>(folds: &[Fold<'a>], first: &Prepared<'_>) -> Vec<Case<'a>> {
    let day = first.cases[0].actual.first().map(|bar| bar.date);
    let earlier = |case: &&Case<'_>| case.actual.last().map(|bar| bar.date) < day;
    folds[0].before.iter().filter(earlier).cloned().collect()
}

/// The candidate with the least RMSE on `earlier` days, of those that can forecast all days.
fn best_rule(samples: &[Sample<'_>], earlier: &[Sample<'_>]) -> Option<Rule> {
    let error = |rule: Rule| Some((rule, rmse(&Sample::errors_of(earlier, rule)?)?));
    let able = Rule::CANDIDATES.iter().copied().filter(|rule| Sample::errors_of(samples, *rule).is_some());
    able.filter_map(error).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(rule, _)| rule)
}

#[cfg(test)]
mod tests;
