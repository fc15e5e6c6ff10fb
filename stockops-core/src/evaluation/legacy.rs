//! `Legacy`: the original system's metrics, for those who compare.

use serde::{Deserialize, Serialize};

/// Errors on scaled Open, High, Low, Close and Volume over training and validation windows together.
///
/// They include windows that were learned from and favour levels, so they say nothing about skill.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Legacy {
    /// Mean squared error.
    pub mse: f64,
    /// Its root.
    pub rmse: f64,
    /// Share of variance explained: 1 - MSE / variance of what came.
    pub r2: f64,
}

impl Legacy {
    /// From pairs of (predicted, actual) scaled values; `None` without pairs.
    pub fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let (mut count, mut squared, mut sum, mut square_sum) = (0.0, 0.0, 0.0, 0.0);
        for (predicted, actual) in pairs {
            count += 1.0;
            squared += (predicted - actual).powi(2);
            sum += actual;
            square_sum += actual * actual;
        }
        if count == 0.0 {
            return None;
        }
        let (mse, mean) = (squared / count, sum / count);
        let variance = square_sum / count - mean * mean;
        let r2 = if variance > 0.0 { 1.0 - mse / variance } else { 0.0 };
        Some(Self { mse, rmse: mse.sqrt(), r2 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn worked_by_hand() {
        let legacy = Legacy::of([(1.0, 1.0), (2.0, 4.0), (3.0, 1.0)].into_iter()).unwrap();
        assert_relative_eq!(legacy.mse, 8.0 / 3.0, epsilon = 1e-12);
        // Variance of (1, 4, 1) about 2 is 2.
        assert_relative_eq!(legacy.r2, 1.0 - 4.0 / 3.0, epsilon = 1e-12);
        assert!(Legacy::of(std::iter::empty()).is_none());
    }
}
