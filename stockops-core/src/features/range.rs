//! `Range`: how far a day went, as a logarithm.

use crate::market::Bar;

/// Log range of a day: `ln(high / low)`, at least 0, and 0 where high equals low.
///
/// It needs one bar only, so `lookback` is 0. Its square is the main part of Parkinson's estimate of a day's variance,
/// `range^2 / (4 ln 2)`.
#[derive(Debug, Clone, Default)]
pub struct Range;

impl Range {
    /// Rows before the first value: 0.
    pub fn lookback(&self) -> usize {
        0
    }

    /// The range of `bar`, never `None`.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        Some((bar.high / bar.low).ln())
    }
}

/// [`Range`] over `bars`, shape `(rows)` in and out; every row has a value.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::range;
///
/// let bar = Bar { date: Default::default(), open: 10.0, high: 12.0, low: 10.0, close: 11.0, volume: 0.0 };
/// assert_eq!(range(&[bar]), [1.2_f64.ln()]);
/// ```
pub fn range(bars: &[Bar]) -> Vec<f64> {
    bars.iter().map(|bar| Range.push(bar).unwrap_or(f64::NAN)).collect()
}
