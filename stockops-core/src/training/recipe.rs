//! `Recipe`: how networks are made, as one value that parent, child, scratch, backtest and retraining share.

use serde::{Deserialize, Serialize};

use super::{ColumnWeights, TrainConfig};
use crate::dataset::{DatasetConfig, Encoding, SplitConfig};
use crate::features::FeatureSet;
use crate::model::{ModelConfig, NetworkSizes};

/// How a parent is made, and every network beside it: what it sees, what it predicts, how large it is, how it learns.
///
/// What belongs to one training alone is not in it: the bars, the days, the device. A forecaster knows its own recipe
/// ([`Forecaster::recipe`](crate::Forecaster::recipe)), and a child has its parent's.
///
/// The default is the recipe that walked forward best: a small network, its weights averaged over the training, errors of
/// range and volume weighed more, and a blend with a linear rule (`docs/forecasting.md` has the comparison, and how far it
/// can be trusted). [`contract`](Self::contract) is the original system's.
///
/// # Example
///
/// ```
/// use stockops_core::Recipe;
///
/// let recipe = Recipe::default().with_horizon(10);
/// assert_eq!((recipe.context, recipe.horizon), (60, 10));
/// assert_eq!(recipe.model().horizon, 10);
/// assert_eq!(recipe.dataset().split.horizon, 10);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Columns and their order. Default: the contract's seven.
    pub features: FeatureSet,
    /// Bars to rows. Default: stationary.
    pub encoding: Encoding,
    /// Rows that the network sees; at least 1. Default 60.
    pub context: usize,
    /// Rows that it predicts, which are sessions; at least 1. Default 5.
    pub horizon: usize,
    /// Sizes of the network. Default: one layer of 64.
    pub network: NetworkSizes,
    /// Settings of the training.
    pub train: TrainConfig,
    /// Whether the forecast is a blend of the network and the pooled linear rule on bars without effects of days, or the
    /// network alone on bars as they are.
    pub blend: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        let column_weights = ColumnWeights::by_skill();
        Self {
            network: NetworkSizes { hidden: 64, layers: 1, ..NetworkSizes::default() },
            train: TrainConfig { batch: 64, lr: 3e-4, average: 0.998, column_weights, ..TrainConfig::default() },
            blend: true,
            ..Self::contract()
        }
    }
}

impl Recipe {
    /// The contract's network and training: three layers of 128, all columns alike, no blend.
    pub fn contract() -> Self {
        let DatasetConfig { features, encoding, split: SplitConfig { context, horizon, .. } } =
            DatasetConfig::default();
        let (network, train) = (NetworkSizes::default(), TrainConfig::default());
        Self { features, encoding, context, horizon, network, train, blend: false }
    }

    /// The same for other columns.
    #[must_use]
    pub fn with_features(self, features: FeatureSet) -> Self {
        Self { features, ..self }
    }

    /// The same for another number of sessions ahead.
    #[must_use]
    pub fn with_horizon(self, horizon: usize) -> Self {
        Self { horizon, ..self }
    }

    /// The network.
    pub fn model(&self) -> ModelConfig {
        self.network.model(self.features.len(), self.horizon)
    }

    /// How samples are made; which days belong to which part is the caller's to say.
    pub fn dataset(&self) -> DatasetConfig {
        let split = SplitConfig { context: self.context, horizon: self.horizon, ..SplitConfig::default() };
        DatasetConfig { features: self.features.clone(), encoding: self.encoding, split }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_json_and_what_is_left_out_is_the_default() {
        let recipe = Recipe::contract().with_horizon(21);
        assert_eq!(serde_json::from_str::<Recipe>(&serde_json::to_string(&recipe).unwrap()).unwrap(), recipe);
        assert_eq!(serde_json::from_str::<Recipe>(r#"{"horizon": 5}"#).unwrap(), Recipe::default());
    }
}
