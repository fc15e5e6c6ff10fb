//! Ewma: volume and range are as they were on average, recent days first.

use super::SimpleRule;
use crate::evaluation::ewma::{DECAY, decayed_mean};
use crate::forecast::Field;
use crate::market::Bar;

#[derive(Debug)]
pub(super) struct Ewma;

impl SimpleRule for Ewma {
    fn forecast(&self, history: &[Bar], field: Field, _: usize) -> Option<f64> {
        if field.is_price() {
            return None;
        }
        decayed_mean(history.iter().rev().map(|bar| field.value(bar, 1.0)), DECAY)
    }

    fn forecasts(&self, history: &[Bar], field: Field, horizons: usize) -> Vec<Option<f64>> {
        vec![self.forecast(history, field, 0); horizons]
    }
}
