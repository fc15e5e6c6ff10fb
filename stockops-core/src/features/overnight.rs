//! `Overnight`: the move from the last close to the open.

use crate::market::Bar;

/// Gap of a night, as a logarithm: `ln(open / previous close)`.
///
/// The first bar has no previous close, so `lookback` is 1. Gap and `ln(close / open)` add up to
/// [`LogReturn`](super::LogReturn).
#[derive(Debug, Clone, Default)]
pub struct Overnight {
    previous_close: Option<f64>,
}

impl Overnight {
    /// A gap after nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows before the first value: 1.
    pub fn lookback(&self) -> usize {
        1
    }

    /// Take the next bar; the gap before it, `None` for the first.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        let previous = self.previous_close.replace(bar.close)?;
        Some((bar.open / previous).ln())
    }
}

/// [`Overnight`] over `bars`, shape `(rows)` in and out; NaN in the first row.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::overnight;
///
/// let bar = Bar { date: Default::default(), open: 10.0, high: 12.0, low: 10.0, close: 11.0, volume: 0.0 };
/// let gaps = overnight(&[bar, Bar { open: 12.1, high: 13.0, ..bar }]);
/// assert!(gaps[0].is_nan() && (gaps[1] - 1.1_f64.ln()).abs() < 1e-15);
/// ```
pub fn overnight(bars: &[Bar]) -> Vec<f64> {
    let mut step = Overnight::new();
    bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect()
}
