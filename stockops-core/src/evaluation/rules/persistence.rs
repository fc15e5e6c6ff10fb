//! Persistence: tomorrow equals today.

use super::SimpleRule;
use crate::dataset::Past;
use crate::forecast::Field;

#[derive(Debug)]
pub(super) struct Persistence;

impl SimpleRule for Persistence {
    fn forecast(&self, history: Past<'_>, field: Field, _: usize) -> Option<f64> {
        let close = history.bars().last()?.close;
        match field {
            // Today's open is older than today's close.
            Field::Open => Some(0.0),
            _ => history.bars().iter().rev().find_map(|bar| field.value(bar, close)),
        }
    }

    fn forecasts(&self, history: Past<'_>, field: Field, horizons: usize) -> Vec<Option<f64>> {
        vec![self.forecast(history, field, 0); horizons]
    }
}
