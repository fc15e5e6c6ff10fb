//! `LSTMModel`: the contract's network.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use ndarray::{Array3, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::head::Head;
use super::lstm::{Dropout, LstmLayer, Output, lstm};
use super::tensors::values;
use super::{Device, NamedTensor, Predictor, StateDict};
use crate::error::{Result, check};

/// Weights of a network at most: a gigabyte of them, since memory that is not there would end the process.
const MOST_WEIGHTS: usize = 1 << 28;

/// Sizes of an [`LSTMModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Columns of a row; at least 1. Default 7.
    pub features: usize,
    /// Width of each LSTM layer; at least 1. Default 128.
    pub hidden: usize,
    /// Stacked LSTM layers; at least 1. Default 3.
    pub layers: usize,
    /// Rows that are predicted; at least 1. Default 5.
    pub horizon: usize,
    /// Probability of dropout between layers while training; from 0 up to but not including 1. Default 0.2.
    pub dropout: f64,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self { features: 7, hidden: 128, layers: 3, horizon: 5, dropout: 0.2 }
    }
}

/// Three stacked LSTM layers of 128, the last step, a linear layer to 5 rows of 7: 338,851 parameters by default.
///
/// Weights have PyTorch's layout and names (`lstm.weight_ih_l0` to `fc.bias`), so they travel both ways.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use stockops_core::{Device, LSTMModel, ModelConfig};
///
/// let model = ModelConfig::default().init(Device::Cpu, 42)?;
/// assert_eq!(model.parameter_count(), 338_851);
/// let window = Array2::zeros((60, 7)); // (context, features), scaled
/// assert_eq!(model.predict(&[window.view()])?.dim(), (1, 5, 7)); // (batch, horizon, features)
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Module, Debug)]
pub struct LSTMModel {
    pub(super) layers: Vec<LstmLayer>,
    pub(super) fc: Head,
    #[module(skip)]
    config: ModelConfig,
    #[module(skip)]
    device: Device,
}

impl ModelConfig {
    /// Make a network with weights drawn from `seed` as PyTorch draws them: uniform within 1/sqrt(hidden).
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a setting outside its range,
    /// [`Error::Device`](crate::Error::Device) for a device that was not built in.
    pub fn init(&self, device: Device, seed: u64) -> Result<LSTMModel> {
        self.check()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let bound = 1.0 / (self.hidden as f32).sqrt();
        let draw = |(name, shape): (String, Vec<usize>)| {
            let values = (0..shape.iter().product()).map(|_| rng.random_range(-bound..bound)).collect();
            NamedTensor { name, shape, values }
        };
        let state = StateDict(self.names_and_shapes().into_iter().map(draw).collect());
        LSTMModel::from_state(&state, self.dropout, device)
    }

    fn check(&self) -> Result<()> {
        check(self.features >= 1, "features", "at least 1", self.features)?;
        check(self.hidden >= 1, "hidden", "at least 1", self.hidden)?;
        check(self.layers >= 1, "layers", "at least 1", self.layers)?;
        check(self.horizon >= 1, "horizon", "at least 1", self.horizon)?;
        let weights = self.weights();
        check(weights <= MOST_WEIGHTS, "hidden", "such that a network has at most 268435456 weights", weights)?;
        check((0.0..1.0).contains(&self.dropout), "dropout", "from 0 up to but not including 1", self.dropout)
    }

    /// Weights of the network, or the largest number where there are more than it can count.
    fn weights(&self) -> usize {
        let layer = |width: usize| width.saturating_add(self.hidden).saturating_add(2).saturating_mul(4);
        let others = self.layers.saturating_sub(1).saturating_mul(layer(self.hidden));
        let layers = layer(self.features).saturating_add(others).saturating_mul(self.hidden);
        layers.saturating_add(self.horizon.saturating_mul(self.features).saturating_mul(self.hidden.saturating_add(1)))
    }

    /// PyTorch's names and shapes of all parameters, in the order of its state_dict.
    pub fn names_and_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let of_layer = |layer: usize| {
            let width = if layer == 0 { self.features } else { self.hidden };
            [
                (format!("lstm.weight_ih_l{layer}"), vec![gates, width]),
                (format!("lstm.weight_hh_l{layer}"), vec![gates, self.hidden]),
                (format!("lstm.bias_ih_l{layer}"), vec![gates]),
                (format!("lstm.bias_hh_l{layer}"), vec![gates]),
            ]
        };
        let outputs = self.horizon * self.features;
        let head = [("fc.weight".to_string(), vec![outputs, self.hidden]), ("fc.bias".to_string(), vec![outputs])];
        (0..self.layers).flat_map(of_layer).chain(head).collect()
    }
}

impl LSTMModel {
    /// Make a network from weights under PyTorch's names; sizes are read off their shapes.
    ///
    /// # Errors
    ///
    /// [`Error::Bundle`](crate::Error::Bundle) where a name is missing, too many, or has a shape that does not fit the others.
    pub fn from_state(state: &StateDict, dropout: f64, device: Device) -> Result<Self> {
        let config = state.model_config(dropout)?;
        config.check()?;
        let place = device.burn()?;
        let mut tensors = config.names_and_shapes().into_iter();
        let mut next = || -> Result<TensorData> {
            let (name, shape) = tensors.next().expect("one name for each parameter of the same config");
            Ok(TensorData::new(state.checked(&name, &shape)?.to_vec(), shape))
        };
        let mut layers = Vec::with_capacity(config.layers);
        for _ in 0..config.layers {
            layers.push(LstmLayer {
                weight_ih: Param::from_data(next()?, &place),
                weight_hh: Param::from_data(next()?, &place),
                bias_ih: Param::from_data(next()?, &place),
                bias_hh: Param::from_data(next()?, &place),
            });
        }
        let fc = Head { weight: Param::from_data(next()?, &place), bias: Param::from_data(next()?, &place) };
        Ok(Self { layers, fc, config, device })
    }

    /// All weights under PyTorch's names, in the order of its state_dict.
    pub fn state(&self) -> Result<StateDict> {
        let mut all = Vec::with_capacity(4 * self.layers.len() + 2);
        for layer in &self.layers {
            all.push(values(layer.weight_ih.val())?);
            all.push(values(layer.weight_hh.val())?);
            all.push(values(layer.bias_ih.val())?);
            all.push(values(layer.bias_hh.val())?);
        }
        all.push(values(self.fc.weight.val())?);
        all.push(values(self.fc.bias.val())?);
        let named = |((name, shape), values)| NamedTensor { name, shape, values };
        Ok(StateDict(self.config.names_and_shapes().into_iter().zip(all).map(named).collect()))
    }

    /// Its sizes.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Number of weights.
    pub fn parameter_count(&self) -> usize {
        self.num_params()
    }

    /// The linear layer.
    pub fn head(&self) -> &Head {
        &self.fc
    }

    /// The same network with another linear layer.
    pub(crate) fn with_head(&self, head: Head) -> Self {
        Self { fc: head, ..self.clone() }
    }

    /// Targets of shape [batch, horizon, features] for contexts of shape [batch, context, features], no dropout.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let batch = input.dims()[0];
        self.fc.forward(self.hidden(input, None)).reshape([batch, self.config.horizon, self.config.features])
    }

    /// Last hidden state, shape [batch, hidden], for contexts of shape [batch, context, features].
    pub(crate) fn hidden(&self, input: Tensor<3>, dropout_seed: Option<u64>) -> Tensor<2> {
        let dropout = dropout_seed.map(|seed| Dropout { probability: self.config.dropout as f32, seed });
        lstm(input, &self.layers, Output::LastStep, dropout).flatten(1, 2)
    }

    /// Hidden states of the last layer at all steps, shape [batch, context, hidden], no dropout.
    pub fn hidden_sequence(&self, input: Tensor<3>) -> Tensor<3> {
        lstm(input, &self.layers, Output::AllSteps, None)
    }

    /// The network made ready for many predictions: on the CPU its weights are packed once.
    pub fn predictor(&self) -> Result<Predictor> {
        Predictor::new(self)
    }

    /// Predicted rows, shape (batch, horizon, features), for windows of shape (context, features); scaled in and out.
    ///
    /// Whoever predicts more than once had better keep a [`predictor`](Self::predictor).
    ///
    /// # Errors
    ///
    /// [`Error::Shape`](crate::Error::Shape) where windows differ in shape or have another width than the network.
    pub fn predict(&self, windows: &[ArrayView2<'_, f32>]) -> Result<Array3<f32>> {
        self.predictor()?.predict(windows)
    }
}
