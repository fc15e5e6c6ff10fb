//! Drift: prices move on as they did on average, everything else stays.

use super::SimpleRule;
use super::persistence::Persistence;
use crate::dataset::Past;
use crate::forecast::Field;
use crate::market::Bar;

#[derive(Debug)]
pub(super) struct Drift;

impl SimpleRule for Drift {
    fn forecast(&self, history: Past<'_>, field: Field, horizon: usize) -> Option<f64> {
        let start = Persistence.forecast(history, field, horizon)?;
        if !field.is_price() {
            return Some(start);
        }
        // An open is a night away from the close before it, and the days' moves are taken to be made after it.
        let moves = if field == Field::Open { horizon } else { horizon + 1 };
        Some(start + daily_move(history.bars()) * moves as f64)
    }
}

/// Mean daily log move of all days; 0 where there is one day only.
fn daily_move(history: &[Bar]) -> f64 {
    match history {
        [first, .., last] => (last.close / first.close).ln() / (history.len() - 1) as f64,
        _ => 0.0,
    }
}
