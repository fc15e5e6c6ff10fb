//! `LogReturn`: what a day added, as a logarithm.

/// Log return from close to close: `ln(close / previous close)`.
///
/// The first row has no previous close, so `lookback` is 1. Returns of several days add up.
#[derive(Debug, Clone, Default)]
pub struct LogReturn {
    previous: Option<f64>,
}

impl LogReturn {
    /// A return that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows before the first value: 1.
    pub fn lookback(&self) -> usize {
        1
    }

    /// Take the next close, above 0; its return from the second on.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        self.previous.replace(close).map(|previous| (close / previous).ln())
    }
}

/// [`LogReturn`] over `closes`, shape `(rows)` in and out; NaN in the first row.
///
/// # Example
///
/// ```
/// use stockops_core::features::log_return;
///
/// let returns = log_return(&[100.0, 100.0, 110.0]);
/// assert!(returns[0].is_nan());
/// assert_eq!(returns[1..], [0.0, 1.1_f64.ln()]);
/// ```
pub fn log_return(closes: &[f64]) -> Vec<f64> {
    let mut step = LogReturn::new();
    closes.iter().map(|&close| step.push(close).unwrap_or(f64::NAN)).collect()
}
