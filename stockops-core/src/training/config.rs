//! `TrainConfig`: the settings of one training.

use serde::{Deserialize, Serialize};

use super::ColumnWeights;
use crate::error::{Result, check};

/// Settings of one training; the defaults are the contract's for a parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Passes over the training windows, at most; at least 1. Default 20.
    pub epochs: usize,
    /// Windows of one step; at least 1. Default 32.
    pub batch: usize,
    /// Learning rate of Adam at the start; above 0. Default 1e-3.
    pub lr: f64,
    /// L2 weight decay, added to the gradient as PyTorch's Adam does; at least 0. Default 1e-6.
    pub weight_decay: f64,
    /// Largest global norm of a gradient; above 0. Default 5.
    pub clip: f64,
    /// Epochs without a better validation loss after which the rate is halved; at least 1. Default 3.
    pub patience: usize,
    /// Epochs without a better validation loss after which training stops; at least 1. Default 5.
    pub stop_after: usize,
    /// Decay of the moving average of the weights that is validated and kept; from 0 (the weights as they are, which is
    /// the contract's) up to but not including 1. Default 0.
    pub average: f64,
    /// How much the error of each column counts. Default: all alike, which is the contract's.
    pub column_weights: ColumnWeights,
    /// Seed of weights, order of windows and dropout. Default 42.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch: 32,
            lr: 1e-3,
            weight_decay: 1e-6,
            clip: 5.0,
            patience: 3,
            stop_after: 5,
            average: 0.0,
            column_weights: ColumnWeights::default(),
            seed: 42,
        }
    }
}

impl TrainConfig {
    /// The same with the epochs and the seed of one occasion, where they are given.
    pub(crate) fn with(self, epochs: Option<usize>, seed: Option<u64>) -> Self {
        Self { epochs: epochs.unwrap_or(self.epochs), seed: seed.unwrap_or(self.seed), ..self }
    }

    /// Check all settings; [`Error::Config`](crate::Error::Config) names the first outside its range.
    pub fn check(&self) -> Result<()> {
        check(self.epochs >= 1, "epochs", "at least 1", self.epochs)?;
        check(self.batch >= 1, "batch", "at least 1", self.batch)?;
        check(self.lr > 0.0 && self.lr.is_finite(), "lr", "above 0 and finite", self.lr)?;
        let decay = self.weight_decay;
        check(decay >= 0.0 && decay.is_finite(), "weight_decay", "at least 0 and finite", decay)?;
        check(self.clip > 0.0, "clip", "above 0", self.clip)?;
        check(self.patience >= 1, "patience", "at least 1", self.patience)?;
        check((0.0..1.0).contains(&self.average), "average", "from 0 up to but not including 1", self.average)?;
        self.column_weights.check()?;
        check(self.stop_after >= 1, "stop_after", "at least 1", self.stop_after)
    }
}
