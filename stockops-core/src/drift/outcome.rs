//! `Outcome`: one forecast of one session beside what came.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evaluation::Rules;
use crate::forecast::{Case, Field, Rule};

/// The rule that skill is measured against; a mean has nothing to learn from a history.
static RULE: LazyLock<Rules> = LazyLock::new(|| Rules::fit(&[], 1));

/// Place of the 90 % interval among those of a case.
const NINETY: usize = 1;

/// How a forecast of one session turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
pub struct FieldOutcome {
    /// What came less what was forecast, as [`Field`] measures it.
    pub error: f64,
    /// What came less the mean of the 20 days before the forecast.
    pub rule_error: f64,
    /// Whether the 90 % interval held what came; `None` where there was no interval.
    pub covered: Option<bool>,
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
