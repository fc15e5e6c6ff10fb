//! Bars as the numbers that drift is looked for in: none of them depends on the level of prices.

use chrono::NaiveDate;

use crate::dataset::log_range;
use crate::market::Bar;

pub(super) use crate::dataset::USUAL_DAYS;

/// One session, from the second of a series on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) day: NaiveDate,
    /// log(Close / last Close).
    pub(super) log_return: f64,
    /// The same in usual widths of a day: over the geometric mean range of the 20 days before.
    pub(super) usual_return: f64,
    /// log of log(High / Low).
    pub(super) log_range: f64,
    /// log(Volume); `None` where it is unknown.
    pub(super) log_volume: Option<f64>,
}

/// The rows of `bars`, one for each bar after the first 20.
pub(super) fn rows(bars: &[Bar]) -> Vec<Row> {
    let ranges: Vec<f64> = bars.iter().map(|bar| log_range(bar).ln()).collect();
    let row = |i: usize| {
        let usual = ranges[i - USUAL_DAYS..i].iter().sum::<f64>() / USUAL_DAYS as f64;
        let log_return = (bars[i].close / bars[i - 1].close).ln();
        Row {
            day: bars[i].date,
            log_return,
            usual_return: log_return / usual.exp(),
            log_range: ranges[i],
            log_volume: (bars[i].volume > 0.0).then(|| bars[i].volume.ln()),
        }
    };
    (USUAL_DAYS..bars.len()).map(row).collect()
}

/// Sums over the first rows of a column, so that a window's mean and variance are two subtractions.
#[derive(Debug)]
pub(super) struct Sums {
    /// Count, sum and sum of squares of the values before each place.
    before: Vec<[f64; 3]>,
}

impl Sums {
    /// Of a column in which unknown values are `None`.
    pub(super) fn of(values: impl Iterator<Item = Option<f64>>) -> Self {
        let mut before = vec![[0.0; 3]];
        let mut total = [0.0; 3];
        for value in values {
            if let Some(value) = value {
                total = [total[0] + 1.0, total[1] + value, total[2] + value * value];
            }
            before.push(total);
        }
        Self { before }
    }

    /// Mean of the known values at `from..to`; `None` where fewer than half are known.
    pub(super) fn mean(&self, from: usize, to: usize) -> Option<f64> {
        let [count, sum, _] = self.between(from, to);
        (count > 0.0 && 2.0 * count >= (to - from) as f64).then(|| sum / count)
    }

    /// Mean square about the mean.
    pub(super) fn variance(&self, from: usize, to: usize) -> f64 {
        let [count, sum, squares] = self.between(from, to);
        (squares / count - (sum / count).powi(2)).max(0.0)
    }

    fn between(&self, from: usize, to: usize) -> [f64; 3] {
        std::array::from_fn(|i| self.before[to][i] - self.before[from][i])
    }
}
