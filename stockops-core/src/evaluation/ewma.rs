//! Exponentially weighted means with the decay of RiskMetrics, and the volatility that they give.

use crate::market::Bar;

/// Decay a day of RiskMetrics (J.P. Morgan 1996).
pub(super) const DECAY: f64 = 0.94;

/// Days after which a weight is below 1e-13 of the first and no longer counts.
const DAYS: usize = 500;

/// Mean with weights `decay^age` that sum to 1; unknown days are `None` and take no weight.
pub(super) fn decayed_mean(newest_first: impl Iterator<Item = Option<f64>>, decay: f64) -> Option<f64> {
    let mut weight = 1.0;
    let (mut sum, mut total) = (0.0, 0.0);
    for value in newest_first.take(DAYS) {
        if let Some(value) = value {
            sum += weight * value;
            total += weight;
        }
        weight *= decay;
    }
    (total > 0.0).then(|| sum / total)
}

/// Volatility of a day: the root of the weighted mean of squared log moves, with weights `lambda^age` that sum to 1.
///
/// The mean move counts as 0, as RiskMetrics has it. The last 500 moves count: with the usual 0.94 an older one
/// weighs less than 1e-13. `None` with fewer than two closes.
///
/// # Example
///
/// ```
/// use stockops_core::evaluation::ewma_volatility;
///
/// let daily = ewma_volatility(&[100.0, 101.0, 100.0], 0.94).unwrap();
/// assert!((daily - 1.01_f64.ln()).abs() < 1e-12); // each move is one percent
/// ```
pub fn ewma_volatility(closes: &[f64], lambda: f64) -> Option<f64> {
    let squared = closes.windows(2).rev().map(|pair| Some((pair[1] / pair[0]).ln().powi(2)));
    decayed_mean(squared, lambda).map(f64::sqrt)
}

/// Volatility of a day after `history`, with the decay of RiskMetrics: that of the random walk that forecasts are held to.
pub(crate) fn walk_volatility(history: &[Bar]) -> Option<f64> {
    let closes: Vec<f64> = history[history.len().saturating_sub(DAYS + 1)..].iter().map(|bar| bar.close).collect();
    ewma_volatility(&closes, DECAY)
}
