//! `Case`: one forecast of the past beside the bars that came.

use std::collections::BTreeMap;

use super::{Distribution, Field};
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
    /// Usual log width of a day when the forecast was made, [`usual_range`](crate::dataset::usual_range) of `known`: its
    /// volatility.
    pub unit: f64,
    /// What was said beyond the point, one for each horizon; no field where nothing was calibrated.
    pub spreads: BTreeMap<Field, Vec<Spread>>,
}

/// How a forecast of one field at one horizon is spread around its point, on the field's log scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The distribution that was forecast.
    pub distribution: Distribution,
    /// Intervals that are to hold 80, 90 and 95 % of outcomes, each [low end, high end], as they were stated that day.
    pub intervals: [[f64; 2]; 3],
}

impl Case<'_> {
    /// Close of the day of the forecast.
    pub fn last_close(&self) -> f64 {
        self.known[self.known.len() - 1].close
    }

    /// What came minus what was forecast, `horizon` from 0; `None` where the volume is unknown.
    pub fn error(&self, field: Field, horizon: usize) -> Option<f64> {
        Some(self.actual(field, horizon)? - self.predicted(field, horizon)?)
    }

    /// What came, `horizon` from 0.
    pub fn actual(&self, field: Field, horizon: usize) -> Option<f64> {
        field.value(&self.actual[horizon], self.last_close())
    }

    /// What was forecast, `horizon` from 0.
    pub fn predicted(&self, field: Field, horizon: usize) -> Option<f64> {
        field.value(&self.predicted[horizon], self.last_close())
    }

    /// How the forecast of `field` at `horizon`, from 0, is spread; `None` where nothing was calibrated.
    pub fn spread(&self, field: Field, horizon: usize) -> Option<&Spread> {
        self.spreads.get(&field)?.get(horizon)
    }
}
