//! `Score`: one forecast of one session beside what came.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Case, Field, Rule};

/// How a forecast of one session turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The session that was forecast.
    pub day: NaiveDate,
    /// Sessions ahead, from 1.
    pub horizon: usize,
    /// Field by field; without volume on days of unknown volume.
    pub fields: BTreeMap<Field, FieldScore>,
    /// Whether the forecast was made afterwards, by the same model from what was known then.
    #[serde(default)]
    pub replayed: bool,
}

/// How one field of it turned out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FieldScore {
    /// What came less what was forecast, as [`Field`] measures it.
    pub error: f64,
    /// What came less the mean of the 20 days before the forecast.
    pub rule_error: f64,
    /// Whether the 90 % interval held what came; `None` where there was no interval.
    pub covered: Option<bool>,
}

impl Score {
    /// Score `case` at `horizon` (from 1); `covered` says whether the 90 % interval of a field held what came.
    ///
    /// `None` where the case does not reach so far.
    pub fn of(case: &Case<'_>, horizon: usize, covered: impl Fn(Field) -> Option<bool>) -> Option<Self> {
        let place = horizon.checked_sub(1)?;
        let actual = case.actual.get(place)?;
        case.predicted.get(place)?;
        let of_field = |field: Field| {
            let rule_error = case.actual(field, place)? - Rule::Mean20.forecast(case, field)?;
            let error = case.error(field, place)?;
            Some((field, FieldScore { error, rule_error, covered: covered(field) }))
        };
        let fields = Field::ALL.into_iter().filter_map(of_field).collect();
        Some(Self { day: actual.date, horizon, fields, replayed: false })
    }
}
