//! `RogersSatchell`: the volatility of a day from its four prices, whatever the drift.

use super::Period;
use super::window::{Window, mean};
use crate::market::Bar;

/// Volatility by Rogers and Satchell, per day and as a logarithm: the root of the mean over the last `period` days of
/// `ln(high / close) ln(high / open) + ln(low / close) ln(low / open)`.
///
/// A drift within the day does not change it, unlike [`GarmanKlass`](super::GarmanKlass); it does not see the night. A day that
/// runs from its low to its high gives 0, as one without range does; no term is below 0. `lookback` is `period - 1`.
///
/// Source: Rogers and Satchell (1991), as TTR's `volatility` has it.
#[derive(Debug, Clone)]
pub struct RogersSatchell {
    window: Window,
    lookback: usize,
}

impl RogersSatchell {
    /// A volatility of nothing yet.
    pub fn new(period: Period) -> Self {
        Self { window: Window::new(period), lookback: period.get() - 1 }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next bar; the volatility once there are enough.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        self.window.push(variance(bar)).map(|variances| mean(variances).sqrt())
    }
}

/// The variance of one day.
pub(super) fn variance(bar: &Bar) -> f64 {
    let Bar { open, high, low, close, .. } = bar;
    (high / close).ln() * (high / open).ln() + (low / close).ln() * (low / open).ln()
}

/// [`RogersSatchell`] over `bars`, shape `(rows)` in and out; NaN in the first `period - 1` rows.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::{Period, rogers_satchell};
///
/// let up = Bar { date: Default::default(), open: 10.0, high: 12.0, low: 10.0, close: 12.0, volume: 0.0 };
/// assert_eq!(rogers_satchell(&[up], Period::new(1)?), [0.0]); // all of it was drift
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn rogers_satchell(bars: &[Bar], period: Period) -> Vec<f64> {
    let mut step = RogersSatchell::new(period);
    bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect()
}
