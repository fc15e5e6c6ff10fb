//! `ColumnWeights` and the loss: how much the error of each column counts.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::error::{Result, check};
use crate::features::{Feature, FeatureSet};
use crate::model::matrix;

/// How much the squared error of each column counts: a weight belongs to a feature, so the order and the number of columns
/// cannot shift it.
///
/// Only the ratios count: the loss divides by the mean weight of the columns that there are.
///
/// # Example
///
/// ```
/// use stockops_core::training::ColumnWeights;
/// use stockops_core::{Feature, FeatureSet};
///
/// let weights = ColumnWeights::default().with(Feature::Close, 0.0);
/// let features = FeatureSet::new(vec![Feature::Volume, Feature::Close])?;
/// assert_eq!(weights.of(&features), [1.0, 0.0]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnWeights {
    named: BTreeMap<Feature, f64>,
    rest: f64,
}

impl Default for ColumnWeights {
    /// All columns alike, which is the contract's.
    fn default() -> Self {
        Self { named: BTreeMap::new(), rest: 1.0 }
    }
}

impl ColumnWeights {
    /// What can be forecast counts more: the high, whose column holds the range, and the volume.
    pub fn by_skill() -> Self {
        let prices = [Feature::Open, Feature::Low, Feature::Close].map(|feature| (feature, 0.5));
        let named = prices.into_iter().chain([(Feature::High, 2.0), (Feature::Volume, 1.5)]).collect();
        Self { named, rest: 0.2 }
    }

    /// The same with another weight for one feature.
    #[must_use]
    pub fn with(mut self, feature: Feature, weight: f64) -> Self {
        self.named.insert(feature, weight);
        self
    }

    /// Those of a list in the order of `features`, as bundles of before have it; an empty one is all alike.
    pub(crate) fn listed(features: &FeatureSet, weights: &[f64]) -> Self {
        let pairs = || features.iter().copied().zip(weights.iter().copied());
        // Indicators had one weight for all of them.
        let rest = pairs().find(|(feature, _)| !feature.is_ohlcv()).map_or(1.0, |(_, weight)| weight);
        let named = pairs().filter(|(feature, weight)| feature.is_ohlcv() || *weight != rest).collect();
        Self { named, rest }
    }

    /// Weights of the columns of `features`, in their order.
    pub fn of(&self, features: &FeatureSet) -> Vec<f64> {
        features.iter().map(|feature| self.named.get(feature).copied().unwrap_or(self.rest)).collect()
    }

    /// [`Error::Config`](crate::Error::Config) where a weight is negative or not finite.
    pub(super) fn check(&self) -> Result<()> {
        let good = |weight: &f64| *weight >= 0.0 && weight.is_finite();
        let all_good = self.named.values().chain([&self.rest]).all(good);
        check(all_good, "column_weights", "finite and at least 0", format!("{self:?}"))
    }
}

/// Mean squared error of rows, each column by its weight over the mean weight.
#[derive(Debug)]
pub(super) struct Loss {
    /// One factor a column; none where all count alike.
    factors: Vec<f32>,
}

impl Loss {
    /// The loss of rows with the columns `features`; [`Error::Config`](crate::Error::Config) where none of them counts.
    pub(super) fn new(weights: &ColumnWeights, features: &FeatureSet) -> Result<Self> {
        weights.check()?;
        let weights = weights.of(features);
        let some = weights.iter().any(|weight| *weight > 0.0);
        check(some, "column_weights", "above 0 for one of the columns at least", format!("{weights:?}"))?;
        if weights.iter().all(|weight| *weight == weights[0]) {
            return Ok(Self { factors: Vec::new() });
        }
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        Ok(Self { factors: weights.iter().map(|weight| (weight / mean) as f32).collect() })
    }

    /// Of rows of shape [batch, horizon x columns].
    pub(super) fn mean_square(&self, outputs: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let square = (outputs - targets).square();
        if self.factors.is_empty() {
            return square.mean();
        }
        let [_, width] = square.dims();
        let row: Vec<f32> = self.factors.iter().copied().cycle().take(width).collect();
        let row = matrix(row, 1, &square.device());
        (square * row).mean()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn features(words: &[&str]) -> FeatureSet {
        FeatureSet::new(words.iter().map(|word| word.parse().unwrap()).collect()).unwrap()
    }

    /// Two rows of (Volume, Close) that are off by 1 and by 2: (1 x 1.5 + 4 x 0.5) over the mean weight, which is 1.
    #[test]
    fn a_weight_follows_its_feature_whatever_the_order_of_columns() {
        let device = Device::flex();
        let loss = |words: &[&str], errors: Vec<f32>| {
            let (rows, zeros) = (matrix(errors, 1, &device), matrix(vec![0.0; 4], 1, &device));
            Loss::new(&ColumnWeights::by_skill(), &features(words)).unwrap().mean_square(rows, zeros)
        };
        let first = loss(&["Volume", "Close"], vec![1.0, 2.0, 1.0, 2.0]).into_scalar::<f32>();
        let second = loss(&["Close", "Volume"], vec![2.0, 1.0, 2.0, 1.0]).into_scalar::<f32>();
        assert_eq!((first, second), (1.75, 1.75));
        assert_eq!(ColumnWeights::by_skill().of(&features(&["RSI7", "High", "Open"])), [0.2, 2.0, 0.5]);
    }

    #[test]
    fn a_list_of_before_means_the_same() {
        let weights = ColumnWeights::listed(&FeatureSet::default(), &[0.5, 2.0, 0.5, 0.5, 1.5, 0.2, 0.2]);
        assert_eq!(weights, ColumnWeights::by_skill());
        assert_eq!(ColumnWeights::listed(&FeatureSet::default(), &[]), ColumnWeights::default());
    }

    #[test]
    fn weights_that_say_nothing_are_refused() {
        let message = |weights: ColumnWeights| Loss::new(&weights, &features(&["Close"])).unwrap_err().to_string();
        let none = "`column_weights` must be above 0 for one of the columns at least, got [0.0]";
        assert_eq!(message(ColumnWeights::default().with(Feature::Close, 0.0)), none);
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            let text = message(ColumnWeights::default().with(Feature::Close, bad));
            assert!(text.starts_with("`column_weights` must be finite and at least 0, got "), "{text}");
        }
    }
}
