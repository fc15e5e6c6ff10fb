//! `GarmanKlass`: the volatility of a day from its four prices.

use super::Period;
use super::window::{Window, mean};
use crate::market::Bar;

/// Volatility by Garman and Klass, per day and as a logarithm: the root of the mean over the last `period` days of
/// `ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2`.
///
/// It is seven times as efficient as the close alone where prices walk without drift, and it does not see the night. A day
/// without range gives 0; no term is below 0, since open and close lie within high and low. `lookback` is `period - 1`.
///
/// Source: Garman and Klass (1980), in the short form that TTR's `volatility` has.
#[derive(Debug, Clone)]
pub struct GarmanKlass {
    window: Window,
    lookback: usize,
}

impl GarmanKlass {
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
        let (range, body) = ((bar.high / bar.low).ln(), (bar.close / bar.open).ln());
        let variance = 0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body;
        self.window.push(variance).map(|variances| mean(variances).sqrt())
    }
}

/// [`GarmanKlass`] over `bars`, shape `(rows)` in and out; NaN in the first `period - 1` rows.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::{Period, garman_klass};
///
/// let bar = Bar { date: Default::default(), open: 10.0, high: 12.0, low: 9.0, close: 10.0, volume: 0.0 };
/// let volatility = garman_klass(&[bar], Period::new(1)?);
/// assert_eq!(volatility[0], (0.5 * (12.0_f64 / 9.0).ln().powi(2)).sqrt()); // it closed where it opened
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn garman_klass(bars: &[Bar], period: Period) -> Vec<f64> {
    let mut step = GarmanKlass::new(period);
    bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect()
}
