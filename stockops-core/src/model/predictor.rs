//! `Predictor`: a network made ready for many predictions.

use std::fmt;

use burn::tensor::Tensor;
use ndarray::{Array3, ArrayView2};

use super::lstm::kernel::{LayerWeights, LstmShape, Output, PackedLstm, Sequences};
use super::tensors::{tensor, values};
use super::{Device, LSTMModel, ModelConfig};
use crate::error::{Error, Result};

/// Windows that go through a network at once on devices other than the CPU.
const BATCH: usize = 4096;

/// An [`LSTMModel`] for prediction alone: on the CPU its weights are packed once and no memory is taken per step.
///
/// It is a snapshot: training the model afterwards does not change it. It may be called from several threads.
pub struct Predictor {
    path: Path,
    config: ModelConfig,
}

enum Path {
    /// The kernel of this crate on packed weights, and the head as rows of weights and biases.
    Cpu { lstm: PackedLstm, head: Vec<f32>, bias: Vec<f32> },
    /// The network itself.
    Tensors { model: LSTMModel, place: burn::tensor::Device },
}

impl fmt::Debug for Predictor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predictor").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Predictor {
    pub(super) fn new(model: &LSTMModel) -> Result<Self> {
        let config = model.config().clone();
        let path = match model.device() {
            Device::Cpu => cpu(model)?,
            other => Path::Tensors { model: model.clone(), place: other.burn()? },
        };
        Ok(Self { path, config })
    }

    /// Predicted rows, shape (batch, horizon, features), for windows of shape (context, features); scaled in and out.
    ///
    /// Thousands of windows may be given at once.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where windows differ in shape or have another width than the network.
    pub fn predict(&self, windows: &[ArrayView2<'_, f32>]) -> Result<Array3<f32>> {
        let (horizon, features) = (self.config.horizon, self.config.features);
        let outputs = match &self.path {
            Path::Cpu { head, bias, .. } => linear(&self.hidden_states(windows)?, head, bias, self.config.hidden),
            Path::Tensors { model, place } => {
                self.in_batches(windows, place, |input| model.forward(input).flatten(0, 2))?
            }
        };
        Array3::from_shape_vec((windows.len(), horizon, features), outputs)
            .map_err(|_| Error::shape("predictions", &[windows.len(), horizon, features], &[]))
    }

    /// Last hidden states of `windows`, row by row, `hidden` values a window.
    pub(crate) fn hidden_states(&self, windows: &[ArrayView2<'_, f32>]) -> Result<Vec<f32>> {
        let Some(steps) = self.steps(windows)? else { return Ok(Vec::new()) };
        match &self.path {
            Path::Cpu { lstm, .. } => {
                let input = row_by_row(windows);
                let x = Sequences { values: &input, batch: windows.len(), steps };
                lstm.forward(&x, Output::LastStep).map_err(|error| unfit(&error))
            }
            Path::Tensors { model, place } => {
                self.in_batches(windows, place, |input| model.hidden(input, None).flatten(0, 1))
            }
        }
    }

    /// Common number of rows of `windows`; `None` without windows.
    fn steps(&self, windows: &[ArrayView2<'_, f32>]) -> Result<Option<usize>> {
        let Some(first) = windows.first() else { return Ok(None) };
        let expected = [first.nrows().max(1), self.config.features];
        match windows.iter().find(|window| window.shape() != expected) {
            Some(odd) => Err(Error::shape("a window", &expected, odd.shape())),
            None => Ok(Some(first.nrows())),
        }
    }

    fn in_batches(
        &self,
        windows: &[ArrayView2<'_, f32>],
        place: &burn::tensor::Device,
        run: impl Fn(Tensor<3>) -> Tensor<1>,
    ) -> Result<Vec<f32>> {
        let Some(steps) = self.steps(windows)? else { return Ok(Vec::new()) };
        let mut outputs = Vec::new();
        for batch in windows.chunks(BATCH) {
            outputs.extend(values(run(tensor(row_by_row(batch), [batch.len(), steps, self.config.features], place)))?);
        }
        Ok(outputs)
    }
}

/// The values of all windows in one piece of memory, which is taken once.
fn row_by_row(windows: &[ArrayView2<'_, f32>]) -> Vec<f32> {
    let mut values = Vec::with_capacity(windows.iter().map(|window| window.len()).sum());
    for window in windows {
        match window.as_slice() {
            Some(rows) => values.extend_from_slice(rows),
            None => values.extend(window.iter()),
        }
    }
    values
}

fn cpu(model: &LSTMModel) -> Result<Path> {
    let config = model.config();
    let state = model.state()?;
    let named = |name: &str| state.get(name).map(|tensor| tensor.values.as_slice()).unwrap_or_default();
    let names: Vec<[String; 4]> = (0..config.layers)
        .map(|l| ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(|part| format!("lstm.{part}_l{l}")))
        .collect();
    let layers: Vec<LayerWeights<'_>> = names
        .iter()
        .map(|[weight_ih, weight_hh, bias_ih, bias_hh]| LayerWeights {
            weight_ih: named(weight_ih),
            weight_hh: named(weight_hh),
            bias_ih: named(bias_ih),
            bias_hh: named(bias_hh),
        })
        .collect();
    let shape = LstmShape { input: config.features, hidden: config.hidden, layers: config.layers };
    let lstm = PackedLstm::new(&shape, &layers).map_err(|error| unfit(&error))?;
    Ok(Path::Cpu { lstm, head: named("fc.weight").to_vec(), bias: named("fc.bias").to_vec() })
}

/// `hidden W^T + bias`, row by row.
fn linear(hidden: &[f32], weight: &[f32], bias: &[f32], width: usize) -> Vec<f32> {
    let mut outputs = Vec::with_capacity(hidden.len() / width * bias.len());
    for state in hidden.chunks_exact(width) {
        outputs.extend(weight.chunks_exact(width).zip(bias).map(|(row, bias)| dot(state, row) + bias));
    }
    outputs
}

/// Eight sums side by side, since one alone would wait for each addition.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn unfit(error: &super::lstm::kernel::SizeError) -> Error {
    Error::Bundle { name: "of weights".into(), problem: error.to_string() }
}
