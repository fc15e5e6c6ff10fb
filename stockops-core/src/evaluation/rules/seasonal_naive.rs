//! SeasonalNaive: a day is as the same weekday of the last known week was.

use super::SimpleRule;
use crate::forecast::Field;
use crate::market::Bar;

/// Sessions of a week.
const WEEK: usize = 5;

#[derive(Debug)]
pub(super) struct SeasonalNaive;

impl SimpleRule for SeasonalNaive {
    fn forecast(&self, history: &[Bar], field: Field, horizon: usize) -> Option<f64> {
        // The session ahead less as many whole weeks as it takes to come to a day that is known.
        let back = WEEK - 1 - horizon % WEEK;
        let day = history.len().checked_sub(1 + back)?;
        match field {
            Field::Open | Field::Close => Some(0.0),
            Field::High | Field::Low => field.value(&history[day], history.get(day.checked_sub(1)?)?.close),
            Field::Volume | Field::Range => field.value(&history[day], 1.0),
        }
    }
}
