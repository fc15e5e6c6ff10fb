//! `NetworkSizes`: how large a network is, whatever goes in and comes out of it.

use serde::{Deserialize, Serialize};

use super::ModelConfig;

/// How large a network is. Its columns and the rows that it predicts come from elsewhere, so they cannot be set twice.
///
/// # Example
///
/// ```
/// use stockops_core::model::NetworkSizes;
///
/// let config = NetworkSizes::default().model(7, 10);
/// assert_eq!((config.features, config.horizon, config.hidden), (7, 10, 128));
/// assert_eq!(config.sizes(), NetworkSizes::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSizes {
    /// Width of each LSTM layer; at least 1. Default 128.
    pub hidden: usize,
    /// Stacked LSTM layers; at least 1. Default 3.
    pub layers: usize,
    /// Probability of dropout between layers while training; from 0 up to but not including 1. Default 0.2.
    pub dropout: f64,
}

impl Default for NetworkSizes {
    fn default() -> Self {
        ModelConfig::default().sizes()
    }
}

impl NetworkSizes {
    /// The network of these sizes that sees `features` columns and predicts `horizon` rows of them.
    pub fn model(self, features: usize, horizon: usize) -> ModelConfig {
        let Self { hidden, layers, dropout } = self;
        ModelConfig { features, hidden, layers, horizon, dropout }
    }
}

impl ModelConfig {
    /// Its sizes, without columns and horizon.
    pub fn sizes(&self) -> NetworkSizes {
        let Self { hidden, layers, dropout, .. } = *self;
        NetworkSizes { hidden, layers, dropout }
    }
}
