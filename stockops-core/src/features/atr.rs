//! `Atr`: the average true range.

use super::Period;
use super::wilder::Wilder;
use crate::market::Bar;

/// Average true range, in units of price: Wilder's mean of
/// `max(high, previous close) - min(low, previous close)`.
///
/// The first bar has no previous close and gives no range; the first value, at row `period`, is the plain mean of the
/// `period` ranges up to it, and later ones take one part in `period` of each new range. So `lookback` is `period`.
///
/// Source: Wilder (1978), seeded as TA-Lib does.
#[derive(Debug, Clone)]
pub struct Atr {
    previous_close: Option<f64>,
    mean: Wilder,
    lookback: usize,
}

impl Atr {
    /// A range of nothing yet.
    pub fn new(period: Period) -> Self {
        Self { previous_close: None, mean: Wilder::new(period), lookback: period.get() }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next bar; the average range once there are enough.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        let previous = self.previous_close.replace(bar.close)?;
        self.mean.push(bar.high.max(previous) - bar.low.min(previous))
    }
}

/// [`Atr`] over `bars`, shape `(rows)` in and out; NaN in the first `period` rows.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::{Period, atr};
///
/// let bar = Bar { date: Default::default(), open: 9.0, high: 11.0, low: 9.0, close: 10.0, volume: 0.0 };
/// let gap = Bar { open: 14.0, high: 15.0, low: 13.0, close: 14.0, ..bar };
/// let ranges = atr(&[bar, bar, gap], Period::new(2)?);
/// assert_eq!(ranges[2], 3.5); // the mean of 2 and of the gap's 15 - 10
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn atr(bars: &[Bar], period: Period) -> Vec<f64> {
    let mut step = Atr::new(period);
    bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect()
}
