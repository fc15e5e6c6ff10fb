//! `DayErrors`: how one day of a past forecast missed, and what it looked like, so that like days can be drawn again.

use serde::{Deserialize, Serialize};

use super::units::Units;
use crate::dataset::{log_range, position};
use crate::forecast::{Case, Field};

/// One day of a past forecast: errors in units, and where in its range the day opened and closed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct DayErrors(
    /// Error of the day's own move of the close, in forecast log ranges of the day.
    pub(crate) f32,
    /// Error of the log range, in its unit.
    pub(crate) f32,
    /// Error of the log volume, in its unit; 0 where it is unknown.
    pub(crate) f32,
    /// Place of the open in the range, from -1/2 to 1/2.
    pub(crate) f32,
    /// Place of the close.
    pub(crate) f32,
);

impl DayErrors {
    /// The days of `case`, whose errors have these `units`.
    pub(crate) fn of(case: &Case<'_>, units: &Units) -> Vec<Self> {
        let day = |horizon: usize| {
            let (actual, predicted) = (&case.actual[horizon], &case.predicted[horizon]);
            let before = horizon.checked_sub(1);
            let from = |bars: &[crate::market::Bar]| before.map_or(case.last_close(), |before| bars[before].close);
            let moved = (actual.close / from(case.actual)).ln() - (predicted.close / from(&case.predicted)).ln();
            let error = |field: Field| case.error(field, horizon).unwrap_or(0.0) / units.of_field(field, horizon);
            let cells = [
                moved / log_range(predicted),
                error(Field::Range),
                error(Field::Volume),
                position(actual, actual.open),
                position(actual, actual.close),
            ];
            // Three digits are finer than any use of a sample.
            let [close, range, volume, opened, closed] = cells.map(|cell| ((cell * 1e3).round() / 1e3) as f32);
            Self(close, range, volume, opened, closed)
        };
        (0..case.predicted.len()).map(day).collect()
    }
}
