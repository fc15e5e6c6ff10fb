//! SeasonalNaive: a day is as the same weekday of the last known week was.

use super::SimpleRule;
use crate::dataset::Past;
use crate::forecast::Field;

/// Sessions of a week.
const WEEK: usize = 5;

#[derive(Debug)]
pub(super) struct SeasonalNaive;

impl SimpleRule for SeasonalNaive {
    fn forecast(&self, history: Past<'_>, field: Field, horizon: usize) -> Option<f64> {
        // The session ahead less as many whole weeks as it takes to come to a day that is known.
        let back = WEEK - 1 - horizon % WEEK;
        let (bars, day) = (history.bars(), history.len().checked_sub(1 + back)?);
        match field {
            Field::Open | Field::Close => Some(0.0),
            Field::High | Field::Low => field.value(&bars[day], bars.get(day.checked_sub(1)?)?.close),
            Field::Volume | Field::Range => field.value(&bars[day], 1.0),
        }
    }
}
