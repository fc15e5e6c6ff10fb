//! `DayError`: one forecast of one field, beside what came and what the rules said.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{Fold, Prepared};
use crate::forecast::{Case, Field, Horizon, Rule};

/// The error of one forecast of one field at one horizon.
///
/// All numbers stand on the log scale of the [`Field`]; errors are actual less forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayError {
    /// The last day that was known when the forecast was made.
    pub made: NaiveDate,
    /// The day that was forecast.
    pub day: NaiveDate,
    /// What was forecast.
    pub field: Field,
    /// How far ahead.
    pub horizon: Horizon,
    /// What came.
    pub actual: f64,
    /// The error of the model.
    pub error: f64,
    /// The errors of the rules that had a forecast, fitted on what was known before the fold.
    pub rules: BTreeMap<Rule, f64>,
}

/// The errors of all forecasts of `folds`, field by field, then horizon by horizon, in order of time.
pub fn day_errors(folds: &[Fold<'_>]) -> Vec<DayError> {
    let prepared: Vec<Prepared<'_>> = folds.iter().filter_map(|fold| Prepared::of(fold.test)).collect();
    let horizons = prepared.iter().map(|fold| fold.horizons).max().unwrap_or_default();
    let mut errors = Vec::new();
    for field in Field::ALL {
        let samples: Vec<_> = prepared.iter().map(|fold| fold.samples(field)).collect();
        for horizon in 0..horizons {
            let of_horizon = samples.iter().filter_map(|samples| samples.get(horizon)).flatten();
            errors.extend(of_horizon.filter_map(|sample| {
                let case: &Case<'_> = sample.case;
                Some(DayError {
                    made: case.history.last()?.date,
                    day: case.actual.get(horizon)?.date,
                    field,
                    horizon: Horizon::at(horizon),
                    actual: sample.actual,
                    error: case.error(field, horizon)?,
                    rules: sample.rules.clone(),
                })
            }));
        }
    }
    errors
}
