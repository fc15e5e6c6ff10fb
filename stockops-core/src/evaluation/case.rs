//! `Case`: one forecast of the past beside the bars that came.

use super::Field;
use crate::market::Bar;

/// A forecast made at the close of one day, and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Case<'a> {
    /// All bars up to and with the day of the forecast.
    pub known: &'a [Bar],
    /// The bars that came, one for each horizon.
    pub actual: &'a [Bar],
    /// The bars that were forecast, one for each horizon.
    pub predicted: Vec<Bar>,
}

impl Case<'_> {
    /// Close of the day of the forecast.
    pub fn last_close(&self) -> f64 {
        self.known[self.known.len() - 1].close
    }

    /// What came minus what was forecast, `horizon` from 0; `None` where the volume is unknown.
    pub fn error(&self, field: Field, horizon: usize) -> Option<f64> {
        let last = self.last_close();
        Some(self.actual(field, horizon)? - field.value(&self.predicted[horizon], last)?)
    }

    /// What came, `horizon` from 0.
    pub fn actual(&self, field: Field, horizon: usize) -> Option<f64> {
        field.value(&self.actual[horizon], self.last_close())
    }
}
