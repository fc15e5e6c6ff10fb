//! `Sma`: the simple moving average.

use super::Period;
use super::window::{Window, mean};

/// Simple moving average: the mean of the last `period` values.
///
/// `lookback` is `period - 1`. Each mean is taken anew over its window, so it does not drift and is the same wherever
/// the series began.
#[derive(Debug, Clone)]
pub struct Sma {
    window: Window,
    lookback: usize,
}

impl Sma {
    /// A mean of nothing yet.
    pub fn new(period: Period) -> Self {
        Self { window: Window::new(period), lookback: period.get() - 1 }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next value; the mean of the last `period`, once there are so many.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        self.window.push(value).map(mean)
    }
}

/// [`Sma`] over `values`, shape `(rows)` in and out; NaN in the first `period - 1` rows.
///
/// # Example
///
/// ```
/// use stockops_core::features::{Period, sma};
///
/// let means = sma(&[1.0, 2.0, 6.0], Period::new(2)?);
/// assert!(means[0].is_nan());
/// assert_eq!(means[1..], [1.5, 4.0]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn sma(values: &[f64], period: Period) -> Vec<f64> {
    let mut step = Sma::new(period);
    values.iter().map(|&value| step.push(value).unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_value_leaves_no_trace_once_it_is_out_of_the_window() {
        let mut values = vec![0.1; 40];
        values[5] = 1e18;
        let means = sma(&values, Period::new(4).unwrap());
        assert_eq!(means[9..], sma(&[0.1; 40], Period::new(4).unwrap())[9..]);
    }
}
