//! Bars as the numbers that drift is looked for in: none of them depends on the level of prices.

use chrono::NaiveDate;

use crate::dataset::{USUAL_DAYS, log_range, usual_range};
use crate::market::Bar;

/// One session that has the usual width of 20 days before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) day: NaiveDate,
    /// log(Close / last Close).
    pub(super) log_return: f64,
    /// The same in usual widths of a day: over the geometric mean of log(High / Low) of the 20 days before.
    pub(super) usual_return: f64,
    /// log of log(High / Low).
    pub(super) log_range: f64,
    /// log(Volume); `None` where it is unknown.
    pub(super) log_volume: Option<f64>,
}

/// The rows of `bars`, one for each bar after the first 20.
pub(super) fn rows(bars: &[Bar]) -> Vec<Row> {
    let row = |i: usize| {
        let log_return = (bars[i].close / bars[i - 1].close).ln();
        Row {
            day: bars[i].date,
            log_return,
            usual_return: log_return / usual_range(&bars[..i]),
            log_range: log_range(&bars[i]).ln(),
            log_volume: (bars[i].volume > 0.0).then(|| bars[i].volume.ln()),
        }
    };
    (USUAL_DAYS..bars.len()).map(row).collect()
}
