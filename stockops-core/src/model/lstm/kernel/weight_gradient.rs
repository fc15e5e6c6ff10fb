//! Gradients of the weights: one sum over all rows and steps of the batch, once every shard has gone backward.
//!
//! The work is cut by the weights' own rows, sixteen units a task, so that no two tasks write to the same place and
//! nothing is added up between threads.

use rayon::prelude::*;

use super::forward::Pass;
use super::line::{Line, WIDTH};
use super::outer::{Extent, Factor};
use super::shape::{GATES, LstmShape};
use super::shard::Shard;

/// Rows and steps that are summed at a time: sixteen columns of both factors then fit into the first cache.
const CHUNK_ROWS: usize = 192;

/// Gradients of one layer's weights, in PyTorch's layout like [`LayerWeights`](super::LayerWeights).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LayerGradients {
    /// `(4 * hidden, input)`.
    pub(crate) weight_ih: Vec<f32>,
    /// `(4 * hidden, hidden)`.
    pub(crate) weight_hh: Vec<f32>,
    /// `(4 * hidden)`.
    pub(crate) bias_ih: Vec<f32>,
    /// `(4 * hidden)`, the same values as `bias_ih`.
    pub(crate) bias_hh: Vec<f32>,
}

/// Sixteen units of one layer, and where their gradients go.
struct Task<'a> {
    layer: usize,
    block: usize,
    gates: Vec<GateRows<'a>>,
}

/// Rows of the gradients that belong to one gate of the task's units.
struct GateRows<'a> {
    /// `(up to 16, input)`.
    weight_ih: &'a mut [f32],
    /// `(up to 16, hidden)`.
    weight_hh: &'a mut [f32],
    /// `(up to 16)`.
    bias: &'a mut [f32],
}

/// Sums the gradients of all weights over `shards`, whose gates hold gradients.
pub(super) fn weight_gradients(pass: &Pass, shards: &[Shard]) -> Vec<LayerGradients> {
    let mut gradients: Vec<_> = (0..pass.shape.layers).map(|layer| zeros(&pass.shape, layer)).collect();
    let tasks: Vec<_> =
        gradients.iter_mut().enumerate().flat_map(|(layer, gradients)| tasks(&pass.shape, layer, gradients)).collect();
    tasks.into_par_iter().with_max_len(1).for_each_init(Sums::default, |sums, task| {
        sums.add_up(pass, shards, task.layer, task.block);
        sums.store(task);
    });
    for layer in &mut gradients {
        layer.bias_hh.clone_from(&layer.bias_ih);
    }
    gradients
}

fn zeros(shape: &LstmShape, layer: usize) -> LayerGradients {
    let rows = GATES * shape.hidden;
    LayerGradients {
        weight_ih: vec![0.0; rows * shape.layer_input(layer)],
        weight_hh: vec![0.0; rows * shape.hidden],
        bias_ih: vec![0.0; rows],
        bias_hh: Vec::new(),
    }
}

fn tasks<'a>(shape: &LstmShape, layer: usize, gradients: &'a mut LayerGradients) -> Vec<Task<'a>> {
    let (hidden, input) = (shape.hidden, shape.layer_input(layer));
    let mut tasks: Vec<_> =
        (0..shape.unit_blocks()).map(|block| Task { layer, block, gates: Vec::with_capacity(GATES) }).collect();
    let of_gates = gradients
        .weight_ih
        .chunks_exact_mut(hidden * input)
        .zip(gradients.weight_hh.chunks_exact_mut(hidden * hidden))
        .zip(gradients.bias_ih.chunks_exact_mut(hidden));
    for ((weight_ih, weight_hh), bias) in of_gates {
        let of_blocks =
            weight_ih.chunks_mut(WIDTH * input).zip(weight_hh.chunks_mut(WIDTH * hidden)).zip(bias.chunks_mut(WIDTH));
        for (task, ((weight_ih, weight_hh), bias)) in tasks.iter_mut().zip(of_blocks) {
            task.gates.push(GateRows { weight_ih, weight_hh, bias });
        }
    }
    tasks
}

/// Sums of one task, transposed: a line holds one column of the weight for sixteen units.
#[derive(Default)]
struct Sums {
    /// `(4, input)` lines.
    input: Vec<Line>,
    /// `(4, hidden)` lines.
    hidden: Vec<Line>,
    /// `(4)` lines.
    bias: Vec<Line>,
}

impl Sums {
    fn add_up(&mut self, pass: &Pass, shards: &[Shard], layer: usize, block: usize) {
        for (sums, columns) in [
            (&mut self.input, pass.shape.layer_input(layer)),
            (&mut self.hidden, pass.shape.hidden),
            (&mut self.bias, 1),
        ] {
            sums.clear();
            sums.resize(GATES * columns, Line::ZERO);
        }
        for shard in shards {
            let steps_at_once = (CHUNK_ROWS / shard.layout.rows).max(1);
            for first in (0..shard.layout.steps).step_by(steps_at_once) {
                let steps = steps_at_once.min(shard.layout.steps - first);
                self.add_chunk(pass, shard, layer, block, first, steps);
            }
        }
    }

    /// Adds `steps` steps from `first` on.
    fn add_chunk(&mut self, pass: &Pass, shard: &Shard, layer: usize, block: usize, first: usize, steps: usize) {
        let layout = shard.layout;
        let extent = Extent { steps, rows: layout.rows };
        let state = &shard.layers[layer];
        let input = Factor {
            lines: &shard.input_of(layer)[first * layout.layer_input(layer)..],
            step: layout.layer_input(layer),
        };
        let hidden_before = Factor { lines: &state.hidden[first * layout.state..], step: layout.state };
        for gate in 0..GATES {
            let piece = (block * GATES + gate) * layout.rows;
            let d_gate = Factor { lines: &state.gates[first * layout.gates + piece..], step: layout.gates };
            pass.processor.sum(d_gate, extent, &mut self.bias[gate]);
            for (factor, sums) in [(input, &mut self.input), (hidden_before, &mut self.hidden)] {
                let columns = sums.len() / GATES;
                let sums = &mut sums[gate * columns..(gate + 1) * columns];
                for (index, sums) in sums.chunks_mut(WIDTH).enumerate() {
                    let left = Factor { lines: &factor.lines[index * layout.rows..], ..factor };
                    pass.processor.outer(left, d_gate, extent, sums);
                }
            }
        }
    }

    fn store(&self, task: Task<'_>) {
        for (gate, rows) in task.gates.into_iter().enumerate() {
            store_transposed(part(&self.input, gate), rows.weight_ih);
            store_transposed(part(&self.hidden, gate), rows.weight_hh);
            store_transposed(part(&self.bias, gate), rows.bias);
        }
    }
}

/// The sums of one gate.
fn part(sums: &[Line], gate: usize) -> &[Line] {
    let columns = sums.len() / GATES;
    &sums[gate * columns..(gate + 1) * columns]
}

/// Lines `(columns, 16 units)` to `(units, columns)`.
fn store_transposed(sums: &[Line], rows: &mut [f32]) {
    for (unit, row) in rows.chunks_exact_mut(sums.len()).enumerate() {
        for (value, line) in row.iter_mut().zip(sums) {
            *value = line.0[unit];
        }
    }
}
