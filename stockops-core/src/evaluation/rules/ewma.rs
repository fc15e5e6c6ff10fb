//! Ewma: volume and range are as they were on average, recent days first.

use super::SimpleRule;
use crate::dataset::Past;
use crate::evaluation::ewma::{DECAY, decayed_mean};
use crate::forecast::Field;

#[derive(Debug)]
pub(super) struct Ewma;

impl SimpleRule for Ewma {
    fn forecast(&self, history: Past<'_>, field: Field, _: usize) -> Option<f64> {
        if field.is_price() {
            return None;
        }
        decayed_mean(history.logs().rev().map(|day| field.of_logs(day)), DECAY)
    }

    fn forecasts(&self, history: Past<'_>, field: Field, horizons: usize) -> Vec<Option<f64>> {
        vec![self.forecast(history, field, 0); horizons]
    }
}
