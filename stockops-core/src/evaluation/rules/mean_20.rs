//! Mean20: a day is as the last 20 days were on average.

use super::{SimpleRule, last_values};
use crate::dataset::{Past, USUAL_DAYS};
use crate::evaluation::metrics::mean;
use crate::forecast::Field;

#[derive(Debug)]
pub(super) struct Mean20;

impl SimpleRule for Mean20 {
    fn forecast(&self, history: Past<'_>, field: Field, _: usize) -> Option<f64> {
        let (bars, close) = (history.bars(), history.bars().last()?.close);
        match field {
            Field::Open | Field::Close => {
                let recent = &bars[bars.len().saturating_sub(USUAL_DAYS)..];
                let prices = recent.iter().filter_map(|bar| field.value(bar, 1.0)).map(f64::exp);
                mean(prices).map(|price| (price / close).ln())
            }
            Field::High | Field::Low => {
                let recent = &bars[bars.len().saturating_sub(USUAL_DAYS + 1)..];
                mean(recent.windows(2).filter_map(|pair| field.value(&pair[1], pair[0].close)))
            }
            Field::Volume | Field::Range => mean(last_values(history, field, USUAL_DAYS).into_iter()),
        }
    }

    fn forecasts(&self, history: Past<'_>, field: Field, horizons: usize) -> Vec<Option<f64>> {
        vec![self.forecast(history, field, 0); horizons]
    }
}
