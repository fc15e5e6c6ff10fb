//! `Semivariance`: the half of the variance that falls on one side.

use super::window::{Window, mean};
use super::{LogReturn, Period};

/// Which moves count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Falls.
    Down,
    /// Rises.
    Up,
}

/// Realised semivariance of the closes, per day: the mean over the last `period` days of `r^2` where the log return `r` is on
/// one side of 0, and 0 where it is not.
///
/// Both sides add up to the mean square of the returns. The first return needs a close before it, so `lookback` is `period`.
///
/// Source: Barndorff-Nielsen, Kinnebrock and Shephard (2010), who sum over the moves of a day; here the moves are daily, and the
/// mean instead of the sum lets periods be compared.
#[derive(Debug, Clone)]
pub struct Semivariance {
    side: Side,
    log_return: LogReturn,
    window: Window,
    lookback: usize,
}

impl Semivariance {
    /// A semivariance of nothing yet.
    pub fn new(period: Period, side: Side) -> Self {
        Self { side, log_return: LogReturn::new(), window: Window::new(period), lookback: period.get() }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next close; the semivariance once there are enough.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        let change = self.log_return.push(close)?;
        let counted = match self.side {
            Side::Down => change.min(0.0),
            Side::Up => change.max(0.0),
        };
        self.window.push(counted * counted).map(mean)
    }
}

/// [`Semivariance`] over `closes`, shape `(rows)` in and out; NaN in the first `period` rows.
///
/// # Example
///
/// ```
/// use stockops_core::features::{Period, Side, semivariance};
///
/// let closes = [1.0, 0.5, 1.0];
/// let down = semivariance(&closes, Period::new(2)?, Side::Down);
/// assert!(down[1].is_nan());
/// assert_eq!(down[2], 2.0_f64.ln().powi(2) / 2.0); // one of two moves is a fall
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn semivariance(closes: &[f64], period: Period, side: Side) -> Vec<f64> {
    let mut step = Semivariance::new(period, side);
    closes.iter().map(|&close| step.push(close).unwrap_or(f64::NAN)).collect()
}
