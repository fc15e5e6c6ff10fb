//! Networks and batches with random values, in `f32` for the kernel and the same in `f64` for the reference.

use super::super::{Dropout, LayerWeights, LstmShape, Output, Sequences, dropout_mask};
use super::reference::{Layer, Reference};

/// A network with an input for it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) shape: LstmShape,
    pub(crate) batch: usize,
    pub(crate) steps: usize,
    pub(crate) output: Output,
    pub(crate) dropout: Option<Dropout>,
    weights: Vec<[Vec<f32>; 4]>,
    x: Vec<f32>,
}

impl Case {
    /// Weights as PyTorch starts them, evenly spread over `-1 / sqrt(hidden)..1 / sqrt(hidden)`.
    pub(crate) fn new(layers: usize, hidden: usize, input: usize, batch: usize, steps: usize) -> Self {
        let shape = LstmShape { input, hidden, layers };
        let mut random = Random(1 + (layers * 7 + hidden * 5 + input * 3 + batch * 2 + steps) as u64);
        let bound = 1.0 / (hidden as f32).sqrt();
        let weights = (0..layers)
            .map(|layer| {
                let width = if layer == 0 { input } else { hidden };
                [4 * hidden * width, 4 * hidden * hidden, 4 * hidden, 4 * hidden].map(|n| random.values(n, bound))
            })
            .collect();
        let x = random.values(batch * steps * input, 2.0);
        Self { shape, batch, steps, output: Output::LastStep, dropout: None, weights, x }
    }

    pub(crate) fn with_output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    pub(crate) fn with_dropout(mut self, probability: f32) -> Self {
        self.dropout = Some(Dropout { probability, seed: 11 });
        self
    }

    pub(crate) fn weights(&self) -> Vec<LayerWeights<'_>> {
        self.weights
            .iter()
            .map(|[weight_ih, weight_hh, bias_ih, bias_hh]| LayerWeights { weight_ih, weight_hh, bias_ih, bias_hh })
            .collect()
    }

    pub(crate) fn x(&self) -> Sequences<'_> {
        Sequences { values: &self.x, batch: self.batch, steps: self.steps }
    }

    /// One sequence of the batch alone.
    pub(crate) fn row(&self, row: usize) -> Sequences<'_> {
        let width = self.steps * self.shape.input;
        Sequences { values: &self.x[row * width..(row + 1) * width], batch: 1, steps: self.steps }
    }

    /// An upstream gradient of the output's size.
    pub(crate) fn d_output(&self) -> Vec<f32> {
        let steps = if self.output == Output::LastStep { 1 } else { self.steps };
        Random(3).values(self.batch * steps * self.shape.hidden, 1.0)
    }

    pub(crate) fn reference(&self) -> Reference {
        let layers = self.weights.iter().map(|[weight_ih, weight_hh, bias_ih, bias_hh]| Layer {
            weight_ih: widen(weight_ih),
            weight_hh: widen(weight_hh),
            bias_ih: widen(bias_ih),
            bias_hh: widen(bias_hh),
        });
        let mask = |dropout, layer| widen(&dropout_mask(dropout, layer, self.batch, self.steps, self.shape.hidden));
        Reference {
            shape: self.shape,
            batch: self.batch,
            steps: self.steps,
            output: self.output,
            layers: layers.collect(),
            x: widen(&self.x),
            masks: self.dropout.map_or_else(Vec::new, |d| (1..self.shape.layers).map(|l| mask(d, l - 1)).collect()),
        }
    }
}

/// Every combination of sizes that matters, but those that would take the reference too long.
pub(crate) fn all() -> impl Iterator<Item = Case> {
    const MOST_WORK: usize = 3_000_000;
    let mut cases = Vec::new();
    for layers in 1..=3 {
        for hidden in [1, 3, 8, 16, 20, 128] {
            for input in [1, 7, 9] {
                for batch in [1, 2, 3, 31, 32, 33] {
                    for steps in [1, 2, 60] {
                        if layers * hidden * (hidden + input) * batch * steps <= MOST_WORK {
                            cases.push((layers, hidden, input, batch, steps));
                        }
                    }
                }
            }
        }
    }
    // The product's own sizes, a batch that is cut unevenly, an input wider than the network.
    cases.extend([(3, 128, 7, 3, 60), (2, 128, 9, 33, 4), (1, 40, 33, 7, 9), (1, 200, 20, 5, 6), (2, 16, 7, 100, 5)]);
    cases.into_iter().map(|(layers, hidden, input, batch, steps)| Case::new(layers, hidden, input, batch, steps))
}

pub(crate) fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Largest difference, relative to the largest expected value where that is above one.
pub(crate) fn difference(got: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len(), "number of values");
    let scale = expected.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
    got.iter().zip(expected).map(|(&got, expected)| (f64::from(got) - expected).abs() / scale).fold(0.0, f64_max)
}

/// Like `f64::max`, but NaN wins, so that it fails a test.
fn f64_max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// A linear congruential generator: enough for test data.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// `count` values evenly spread over `-bound..bound`.
    pub(crate) fn values(&mut self, count: usize, bound: f32) -> Vec<f32> {
        (0..count).map(|_| self.next() * bound).collect()
    }

    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}
