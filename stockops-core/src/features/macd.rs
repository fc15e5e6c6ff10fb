//! `Macd`: the difference of a fast and a slow exponential mean.

use super::{Ema, Period};

/// MACD line: `EMA(close, 12) - EMA(close, 26)`, in units of price.
///
/// The line alone, without signal or histogram. Both means are [`Ema`], seeded with the first close, so `lookback` is 0
/// and the first value is 0; a constant series gives 0 throughout. The start of the series fades with 25/27 a row, so
/// 73 rows after it there is 0.4 % left of it: values that are to agree need the same first bar or a long history.
///
/// Source: G. Appel's 12 and 26 sessions; seeded as pandas' `ewm(span=…, adjust=False)` does.
#[derive(Debug, Clone)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
}

impl Macd {
    /// A line that has seen nothing yet.
    pub fn new() -> Self {
        Self { fast: Ema::new(Period::MACD_FAST), slow: Ema::new(Period::MACD_SLOW) }
    }

    /// Rows before the first value: 0.
    pub fn lookback(&self) -> usize {
        0
    }

    /// Take the next close; the line so far, never `None`.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        let (fast, slow) = (self.fast.push(close)?, self.slow.push(close)?);
        Some(fast - slow)
    }
}

impl Default for Macd {
    fn default() -> Self {
        Self::new()
    }
}

/// [`Macd`] over `closes`, shape `(rows)` in and out; every row has a value.
///
/// # Example
///
/// ```
/// use stockops_core::features::macd;
///
/// assert_eq!(macd(&[10.0, 10.0, 10.0]), [0.0, 0.0, 0.0]);
/// assert!(macd(&[10.0, 11.0])[1] > 0.0);
/// ```
pub fn macd(closes: &[f64]) -> Vec<f64> {
    let mut step = Macd::new();
    closes.iter().map(|&close| step.push(close).unwrap_or(f64::NAN)).collect()
}
