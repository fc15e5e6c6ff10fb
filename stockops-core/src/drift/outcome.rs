//! `Outcome`: one forecast of one session beside what came; `TrackRecord`: those of one forecaster.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evaluation::Rules;
use crate::forecast::{Case, Field, Rule};
use crate::market::Calendar;

/// Errors below this, in log units, are rounding: the rule made none.
pub(super) const LEAST_ERROR: f64 = 1e-9;

/// The rule that skill is measured against; a mean has nothing to learn from a history.
static RULE: LazyLock<Rules> = LazyLock::new(|| Rules::fit(&[], Calendar::default(), 1));

/// Place of the 90 % interval among those of a case.
const NINETY: usize = 1;

/// How a forecast of one session turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The session that was forecast.
    pub day: NaiveDate,
    /// Sessions ahead, from 1.
    pub horizon: usize,
    /// Field by field; without volume on days of unknown volume.
    pub fields: BTreeMap<Field, FieldOutcome>,
    /// Whether the forecast was made afterwards, by the same model from what was known then.
    #[serde(default)]
    pub replayed: bool,
}

/// How one field of it turned out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldOutcome {
    /// What came less what was forecast, as [`Field`] measures it.
    pub error: f64,
    /// What came less the mean of the 20 days before the forecast.
    pub rule_error: f64,
    /// Whether the 90 % interval held what came; `None` where there was no interval.
    pub covered: Option<bool>,
}

/// What a forecaster has done so far.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRecord {
    /// Last day that the forecaster saw; outcomes up to it only tell how errors usually spread.
    pub since: NaiveDate,
    /// Its outcomes, by day. Only those one session ahead are watched, since those of more overlap.
    pub outcomes: Vec<Outcome>,
}

impl Outcome {
    /// Score `case` at `horizon`, from 1; `None` where the case does not reach so far.
    pub fn of(case: &Case<'_>, horizon: usize) -> Option<Self> {
        Self::with(case, horizon, |field, actual| {
            let [low, high] = case.spread(field, horizon - 1)?.intervals[NINETY];
            Some(low <= actual && actual <= high)
        })
    }

    /// Score `case` at `horizon`, from 1, where `covered` says whether the 90 % interval of a field held its value.
    pub fn with(case: &Case<'_>, horizon: usize, covered: impl Fn(Field, f64) -> Option<bool>) -> Option<Self> {
        let place = horizon.checked_sub(1)?;
        let day = case.actual.get(place)?.date;
        case.predicted.get(place)?;
        let of_field = |field: Field| {
            let actual = case.actual(field, place)?;
            let rule_error = actual - RULE.forecast(Rule::Mean20, case.history, field, place)?;
            let covered = covered(field, actual);
            Some((field, FieldOutcome { error: case.error(field, place)?, rule_error, covered }))
        };
        Some(Self { day, horizon, fields: Field::ALL.into_iter().filter_map(of_field).collect(), replayed: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::{Distribution, Spread};
    use crate::market::Bar;
    use crate::testing::day;

    fn bar(i: u64, close: f64, volume: f64) -> Bar {
        Bar { date: day(i), open: close, high: close * 1.02, low: close, close, volume }
    }

    /// Closes stand at 100 for 30 days; 110 and 130 come where 105 and 120 were forecast.
    fn scored(horizon: usize, volume: f64, held: Option<bool>) -> Option<Outcome> {
        let known: Vec<Bar> = (0..30).map(|i| bar(i, 100.0, 1e6)).collect();
        let actual = [bar(30, 110.0, volume), bar(31, 130.0, volume)];
        let predicted = vec![bar(30, 105.0, 1e6), bar(31, 120.0, 1e6)];
        let case = Case { history: &known, actual: &actual, predicted, unit: 0.02, ..Case::default() };
        Outcome::with(&case, horizon, |_, _| held)
    }

    #[test]
    fn errors_are_what_came_less_what_was_said_by_the_model_and_by_the_mean() {
        let outcome = scored(2, 2e6, Some(false)).unwrap();
        assert_eq!((outcome.day, outcome.horizon, outcome.replayed), (day(31), 2, false));
        let close = outcome.fields[&Field::Close];
        // The mean of 20 days of the close is the last close.
        assert!((close.error - (130.0f64 / 120.0).ln()).abs() < 1e-12 && close.covered == Some(false));
        assert!((close.rule_error - 1.3f64.ln()).abs() < 1e-12);
        assert!((outcome.fields[&Field::Volume].rule_error - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn beyond_the_case_there_is_no_outcome_and_no_volume_where_it_is_unknown() {
        assert_eq!(scored(0, 1e6, None), None);
        assert_eq!(scored(3, 1e6, None), None);
        let outcome = scored(1, 0.0, None).unwrap();
        assert!(!outcome.fields.contains_key(&Field::Volume) && outcome.fields.contains_key(&Field::Range));
    }

    #[test]
    fn the_90_percent_interval_is_the_one_that_counts() {
        let known: Vec<Bar> = (0..30).map(|i| bar(i, 100.0, 1e6)).collect();
        let actual = [bar(30, 110.0, 1e6)];
        let move_up = 1.1f64.ln();
        let covered = |intervals: [[f64; 2]; 3]| {
            let shape = std::sync::Arc::new(crate::forecast::Shape::new(vec![-1.0, 1.0]).unwrap());
            let distribution = Distribution { location: 0.0, scale: 1.0, shape };
            let spreads = BTreeMap::from([(Field::Close, vec![Spread { distribution, intervals }])]);
            let case = Case {
                history: &known,
                actual: &actual,
                predicted: vec![bar(30, 100.0, 1e6)],
                unit: 0.02,
                spreads,
                ..Case::default()
            };
            Outcome::of(&case, 1).unwrap().fields[&Field::Close].covered
        };
        assert_eq!(covered([[0.0, 0.0], [0.0, move_up], [0.0, 0.0]]), Some(true));
        assert_eq!(covered([[0.0, 1.0], [0.0, 0.09], [0.0, 1.0]]), Some(false));
        assert_eq!(covered([[0.0, 1.0], [0.096, 1.0], [0.0, 1.0]]), Some(false));
    }
}
