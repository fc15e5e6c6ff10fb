//! `Bollinger`: bands of two deviations around the simple mean.

use super::Period;
use super::window::{Window, mean, sum};

/// Deviations from the mean to each band, Bollinger's own choice.
const WIDTH: f64 = 2.0;

/// Bollinger bands: the mean of the last `period` closes, and two population standard deviations to each side of it.
///
/// `deviation = sqrt(mean((close - mean)^2))`, divided by `period` and not by `period - 1`, as TA-Lib does. `lookback`
/// is `period - 1`. The squares are taken around the mean, not as a difference of large sums, so a flat window gives
/// bands that meet (to the last digits).
#[derive(Debug, Clone)]
pub struct Bollinger {
    window: Window,
    lookback: usize,
}

/// The bands of one row, in units of price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// Mean plus two deviations.
    pub upper: f64,
    /// The mean, as [`Sma`](super::Sma).
    pub middle: f64,
    /// Mean minus two deviations.
    pub lower: f64,
}

impl Bands {
    /// What stands in rows without a value.
    const NONE: Self = Self { upper: f64::NAN, middle: f64::NAN, lower: f64::NAN };
}

impl Bollinger {
    /// Bands around nothing yet.
    pub fn new(period: Period) -> Self {
        Self { window: Window::new(period), lookback: period.get() - 1 }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next close; the bands once there are enough.
    pub fn push(&mut self, close: f64) -> Option<Bands> {
        self.window.push(close).map(|closes| {
            let middle = mean(closes);
            let squares = sum(closes, |close| (close - middle) * (close - middle));
            let width = WIDTH * (squares / closes.len() as f64).sqrt();
            Bands { upper: middle + width, middle, lower: middle - width }
        })
    }
}

/// [`Bollinger`] over `closes`, shape `(rows)` in and out; NaN in the first `period - 1` rows.
///
/// # Example
///
/// ```
/// use stockops_core::features::{Bands, Period, bollinger};
///
/// let bands = bollinger(&[1.0, 3.0], Period::new(2)?);
/// assert!(bands[0].middle.is_nan());
/// assert_eq!(bands[1], Bands { upper: 4.0, middle: 2.0, lower: 0.0 }); // mean 2, deviation 1
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn bollinger(closes: &[f64], period: Period) -> Vec<Bands> {
    let mut step = Bollinger::new(period);
    closes.iter().map(|&close| step.push(close).unwrap_or(Bands::NONE)).collect()
}
