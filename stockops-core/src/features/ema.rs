//! `Ema`: the exponential moving average.

use super::Period;

/// Exponential moving average: `ema = ema + alpha * (value - ema)` with `alpha = 2 / (period + 1)`.
///
/// The first value is its own mean, so `lookback` is 0: what pandas calls `ewm(span=period, adjust=False)`. TA-Lib
/// starts from a simple mean instead; the two meet as the start fades, by `1 - alpha` a row (to 1e-9 after about
/// `10 * period` rows). A series that is cut shorter at its front has other values for as long.
///
/// A constant series is its own mean, bit for bit.
#[derive(Debug, Clone)]
pub struct Ema {
    alpha: f64,
    mean: Option<f64>,
}

impl Ema {
    /// A mean of nothing yet.
    pub fn new(period: Period) -> Self {
        Self { alpha: 2.0 / (period.as_f64() + 1.0), mean: None }
    }

    /// Rows before the first value: 0.
    pub fn lookback(&self) -> usize {
        0
    }

    /// Take the next value; the mean so far, never `None`.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let mean = self.mean.map_or(value, |mean| mean + self.alpha * (value - mean));
        self.mean = Some(mean);
        self.mean
    }
}

/// [`Ema`] over `values`, shape `(rows)` in and out; every row has a value.
///
/// # Example
///
/// ```
/// use stockops_core::features::{Period, ema};
///
/// let means = ema(&[1.0, 2.0, 4.0], Period::new(3)?); // alpha is 1/2
/// assert_eq!(means, [1.0, 1.5, 2.75]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn ema(values: &[f64], period: Period) -> Vec<f64> {
    let mut step = Ema::new(period);
    values.iter().map(|&value| step.push(value).unwrap_or(f64::NAN)).collect()
}
