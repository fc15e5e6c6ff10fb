//! Concept drift: the forecaster's own record, watched day by day.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::cusum::{COVERAGE_ALARM, Cusum, SKILL_ALARM, coverage_step, skill_step};
use crate::forecast::Field;

/// Forecasts from which the spread of losses is learned.
pub const BASELINE: usize = 60;

/// Most of them.
const BASELINE_MOST: usize = 250;

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
/// The spread of losses comes from outcomes up to `since` (of the calibration days), or where there are fewer than 60 from
/// the first 60 after, and then the chart begins after those.
pub(super) fn points(outcomes: &[&Outcome], since: NaiveDate, promise: Promise, field: Field) -> Vec<Point> {
    let after = outcomes.partition_point(|outcome| outcome.day <= since);
    let run = |threshold: f64, steps: &mut dyn Iterator<Item = (NaiveDate, f64)>| {
        let mut chart = Cusum::new(threshold);
        let points = steps.map(|(day, step)| {
            chart.push(step);
            Point { day, chart }
        });
        points.collect()
    };
    let fields = |outcomes: &'_ [&Outcome]| -> Vec<(NaiveDate, super::FieldOutcome)> {
        outcomes.iter().filter_map(|outcome| Some((outcome.day, *outcome.fields.get(&field)?))).collect()
    };
    let own = fields(&outcomes[after..]);
    match promise {
        Promise::Coverage => {
            let steps = own.iter().filter_map(|(day, outcome)| Some((*day, coverage_step(outcome.covered?))));
            run(COVERAGE_ALARM, &mut steps.into_iter())
        }
        Promise::Skill => {
            let before = fields(&outcomes[..after]);
            let enough = before.len() >= BASELINE;
            let (baseline, own) = match enough {
                true => (&before[before.len().saturating_sub(BASELINE_MOST)..], &own[..]),
                false if own.len() > BASELINE => own.split_at(BASELINE),
                false => return Vec::new(),
            };
            let difference = |outcome: &super::FieldOutcome| outcome.error.powi(2) - outcome.rule_error.powi(2);
            let spread = deviation(baseline.iter().map(|(_, outcome)| difference(outcome)));
            if spread <= 0.0 {
                return Vec::new();
            }
            run(SKILL_ALARM, &mut own.iter().map(|(day, outcome)| (*day, skill_step(difference(outcome), spread))))
        }
    }
}

/// Root mean square: a spread about no difference.
fn deviation(values: impl Iterator<Item = f64>) -> f64 {
    let (count, squares) = values.fold((0.0, 0.0), |(count, squares), value| (count + 1.0, squares + value * value));
    (squares / f64::max(count, 1.0)).sqrt()
}
