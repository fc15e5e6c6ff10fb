//! Sizes: of the network, of a batch, and the error for values that do not fit them.

use std::fmt;

use super::line::blocks;

/// Gates of a cell, in PyTorch's order: input, forget, candidate, output.
pub(super) const GATES: usize = 4;

/// Sizes of a stacked LSTM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LstmShape {
    /// Columns of an input row; at least 1.
    pub(crate) input: usize,
    /// Units of each layer; at least 1.
    pub(crate) hidden: usize,
    /// Layers; at least 1.
    pub(crate) layers: usize,
}

impl LstmShape {
    /// Columns that `layer` reads.
    pub(super) fn layer_input(&self, layer: usize) -> usize {
        if layer == 0 { self.input } else { self.hidden }
    }

    /// Blocks of sixteen units in a layer.
    pub(super) fn unit_blocks(&self) -> usize {
        blocks(self.hidden)
    }

    /// Weights of `layer`, biases included.
    pub(super) fn layer_weights(&self, layer: usize) -> usize {
        GATES * self.hidden * (self.layer_input(layer) + self.hidden + 2)
    }

    /// Weights of all layers.
    pub(super) fn weights(&self) -> usize {
        (0..self.layers).map(|layer| self.layer_weights(layer)).sum()
    }

    /// Cuts flat weights, or their gradients, one layer after the other in the order of [`LayerWeights`], into layers;
    /// the last ones are too short where there are too few.
    pub(crate) fn layers_of<'a>(&self, mut flat: &'a [f32]) -> Vec<LayerWeights<'a>> {
        let rows = GATES * self.hidden;
        let mut take = |count: usize| flat.split_off(..count.min(flat.len())).unwrap_or_default();
        let layer = |index: usize| LayerWeights {
            weight_ih: take(rows * self.layer_input(index)),
            weight_hh: take(rows * self.hidden),
            bias_ih: take(rows),
            bias_hh: take(rows),
        };
        (0..self.layers).map(layer).collect()
    }
}

/// The weights of one layer as PyTorch stores them: row-major, the gates i, f, g, o below each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerWeights<'a> {
    /// `(4 * hidden, input)`, where the input of all layers but the first is `hidden` wide.
    pub(crate) weight_ih: &'a [f32],
    /// `(4 * hidden, hidden)`.
    pub(crate) weight_hh: &'a [f32],
    /// `(4 * hidden)`.
    pub(crate) bias_ih: &'a [f32],
    /// `(4 * hidden)`.
    pub(crate) bias_hh: &'a [f32],
}

/// A batch of sequences, `(batch, steps, input)`, row-major.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sequences<'a> {
    /// The values, `batch * steps * input` of them.
    pub(crate) values: &'a [f32],
    /// Sequences; at least 1.
    pub(crate) batch: usize,
    /// Steps of each; at least 1.
    pub(crate) steps: usize,
}

/// Which hidden states of the last layer are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Those after the last step, `(batch, hidden)`.
    LastStep,
    /// Those after every step, `(batch, steps, hidden)`.
    AllSteps,
}

impl Output {
    /// Hidden states per sequence.
    pub(super) fn steps(self, steps: usize) -> usize {
        match self {
            Self::LastStep => 1,
            Self::AllSteps => steps,
        }
    }
}

/// A slice or a size that does not fit the others: fix the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SizeError {
    what: &'static str,
    rule: &'static str,
    expected: usize,
    got: usize,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, rule, expected, got } = self;
        write!(f, "LSTM {what}: expected {rule}{expected}, got {got}")
    }
}

impl std::error::Error for SizeError {}

/// That `got` is `expected`.
pub(super) fn exactly(what: &'static str, expected: usize, got: usize) -> Result<(), SizeError> {
    if got == expected { Ok(()) } else { Err(SizeError { what, rule: "", expected, got }) }
}

fn at_least_one(what: &'static str, got: usize) -> Result<(), SizeError> {
    if got >= 1 { Ok(()) } else { Err(SizeError { what, rule: "at least ", expected: 1, got }) }
}

/// That the sizes are none of them zero and the weights have them.
pub(super) fn check_weights(shape: &LstmShape, weights: &[LayerWeights<'_>]) -> Result<(), SizeError> {
    at_least_one("input", shape.input)?;
    at_least_one("hidden", shape.hidden)?;
    at_least_one("layers", shape.layers)?;
    exactly("layers of weights", shape.layers, weights.len())?;
    let rows = GATES * shape.hidden;
    for (layer, weights) in weights.iter().enumerate() {
        exactly("weight_ih", rows * shape.layer_input(layer), weights.weight_ih.len())?;
        exactly("weight_hh", rows * shape.hidden, weights.weight_hh.len())?;
        exactly("bias_ih", rows, weights.bias_ih.len())?;
        exactly("bias_hh", rows, weights.bias_hh.len())?;
    }
    Ok(())
}

/// That the input has the sizes it states.
pub(super) fn check_input(shape: &LstmShape, x: &Sequences<'_>) -> Result<(), SizeError> {
    at_least_one("batch", x.batch)?;
    at_least_one("steps", x.steps)?;
    let expected = x.batch.saturating_mul(x.steps).saturating_mul(shape.input);
    exactly("input values", expected, x.values.len())
}
