//! Concept drift: the forecaster's own record, watched day by day.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cusum::{COVERAGE_ALARM, Cusum, SKILL_ALARM, coverage_step, skill_step};
use super::outcome::LEAST_ERROR;
use super::{FieldOutcome, Outcome};
use crate::forecast::Field;

/// Fewest forecasts from which the usual spread of losses is learned.
pub const BASELINE: usize = 60;

/// Most of them: the newest count.
pub const BASELINE_MOST: usize = 250;

/// What a chart watches in a forecaster's record at one session ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// 90 % of outcomes lie inside of the 90 % interval.
    Coverage,
    /// Squared errors are no larger than those of the 20-day mean.
    Skill,
}

/// What is watched: coverage of close, range and volume, skill of range and volume. The close has no skill to lose.
pub(super) const WATCHED: [(Promise, Field); 5] = [
    (Promise::Coverage, Field::Close),
    (Promise::Coverage, Field::Range),
    (Promise::Coverage, Field::Volume),
    (Promise::Skill, Field::Range),
    (Promise::Skill, Field::Volume),
];

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coverage => "coverage",
            Self::Skill => "skill",
        })
    }
}

/// One chart at the end of one scored day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) day: NaiveDate,
    pub(super) chart: Cusum,
}

/// The points of one chart, one for each score after `since`; empty where nothing can be watched yet.
///
/// `outcomes` are in the order of their days.
pub(super) fn points(outcomes: &[&Outcome], since: NaiveDate, promise: Promise, field: Field) -> Vec<Point> {
    // Where the rule has no error the series does not move, and nothing can be promised of it.
    let moves = |outcome: &FieldOutcome| outcome.rule_error.abs() >= LEAST_ERROR;
    let of_field = |outcome: &&Outcome| Some((outcome.day, *outcome.fields.get(&field).filter(|own| moves(own))?));
    let scores: Vec<Score> = outcomes.iter().filter_map(of_field).collect();
    let (before, after) = scores.split_at(scores.partition_point(|(day, _)| *day <= since));
    match promise {
        Promise::Coverage => {
            let step = |(day, outcome): &Score| Some((*day, coverage_step(outcome.covered?)));
            run(COVERAGE_ALARM, after.iter().filter_map(step))
        }
        Promise::Skill => {
            let Some((baseline, watched)) = baseline(before, after) else { return Vec::new() };
            let spread = root_mean_square(baseline.iter().map(|(_, outcome)| excess(outcome)));
            if spread <= 0.0 {
                return Vec::new();
            }
            run(SKILL_ALARM, watched.iter().map(|(day, outcome)| (*day, skill_step(excess(outcome), spread))))
        }
    }
}

/// How the forecast of one session turned out.
type Score = (NaiveDate, FieldOutcome);

/// The scores that tell how losses usually spread, and those that are watched.
///
/// The spread comes from scores up to `since` (of the calibration days); where there are fewer than 60 it comes from the
/// first 60 after, and the chart begins after those. `None` where there are too few of both.
fn baseline<'a>(before: &'a [Score], after: &'a [Score]) -> Option<(&'a [Score], &'a [Score])> {
    if before.len() >= BASELINE {
        return Some((&before[before.len().saturating_sub(BASELINE_MOST)..], after));
    }
    (after.len() > BASELINE).then(|| after.split_at(BASELINE))
}

/// A chart that takes one step after the other.
fn run(threshold: f64, steps: impl Iterator<Item = (NaiveDate, f64)>) -> Vec<Point> {
    let mut chart = Cusum::new(threshold);
    let point = |(day, step)| {
        chart.push(step);
        Point { day, chart }
    };
    steps.map(point).collect()
}

/// The squared error of the model less that of the rule.
fn excess(outcome: &FieldOutcome) -> f64 {
    outcome.error.powi(2) - outcome.rule_error.powi(2)
}

/// The spread of `values` about 0, since a model that is as good as the rule has no excess.
fn root_mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (count, squares) = values.fold((0.0, 0.0), |(count, squares), value| (count + 1.0, squares + value * value));
    (squares / f64::max(count, 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;
    use std::collections::BTreeMap;

    /// One outcome of range a day, with the errors of the model; those of the rule are 1.
    fn outcomes(errors: &[f64]) -> Vec<Outcome> {
        let outcome = |(i, error): (usize, &f64)| {
            let score = FieldOutcome { error: *error, rule_error: 1.0, covered: (i % 2 == 0).then_some(*error < 2.0) };
            let fields = BTreeMap::from([(Field::Range, score)]);
            Outcome { day: day(i as u64), horizon: 1, fields, replayed: false }
        };
        errors.iter().enumerate().map(outcome).collect()
    }

    fn points_of(errors: &[f64], since: u64, promise: Promise) -> Vec<Point> {
        points(&outcomes(errors).iter().collect::<Vec<_>>(), day(since), promise, Field::Range)
    }

    #[test]
    fn coverage_is_watched_from_the_first_interval_after_the_last_day_that_was_seen() {
        let points = points_of(&[9.0; 10], 3, Promise::Coverage);
        assert_eq!(points.iter().map(|point| point.day).collect::<Vec<_>>(), [day(4), day(6), day(8)]);
        assert!((points[2].chart.sum() - 3.0 * coverage_step(false)).abs() < 1e-12);
    }

    /// Squared errors of the model are 4 and 0 in turn, the rule's 1: their difference is 3 or -1, its spread sqrt(5).
    #[test]
    fn the_spread_comes_from_the_days_before_or_else_from_the_first_60_after() {
        let errors: Vec<f64> = (0..200).map(|i| if i % 2 == 0 { 2.0 } else { 0.0 }).collect();
        let enough = points_of(&errors, 59, Promise::Skill);
        assert_eq!((enough.len(), enough[0].day), (140, day(60)));
        assert!((enough[0].chart.sum() - skill_step(3.0, 5f64.sqrt())).abs() < 1e-12);
        let young = points_of(&errors, 58, Promise::Skill);
        assert_eq!((young.len(), young[0].day), (81, day(119)));
        assert!(points_of(&errors[..119], 58, Promise::Skill).is_empty());
    }

    #[test]
    fn of_a_long_past_the_newest_250_scores_tell_the_spread() {
        // Before the newest 250 the model was far off.
        let errors: Vec<f64> = (0..400).map(|i| if i < 100 { 50.0 } else { 2.0 }).collect();
        assert!((points_of(&errors, 349, Promise::Skill)[0].chart.sum() - skill_step(3.0, 3.0)).abs() < 1e-12);
    }

    #[test]
    fn losses_that_never_differ_have_no_spread_and_no_chart() {
        assert!(points_of(&[1.0; 200], 100, Promise::Skill).is_empty());
    }
}
