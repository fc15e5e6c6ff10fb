//! Gradients of the weights: one sum over all rows and steps of the batch, once every shard has gone backward.
//!
//! The work is cut by the weights' own rows, some units of one weight a task, so that no two tasks write to the same
//! place and nothing is added up between threads.

use rayon::prelude::*;

use super::forward::Pass;
use super::line::{Line, WIDTH};
use super::outer::{self, Extent, Factor};
use super::shape::{GATES, LstmShape};
use super::shard::Shard;

/// Rows and steps that are summed at a time: sixteen columns of both factors then fit into the first cache.
const CHUNK_ROWS: usize = 192;

/// Units of a task: with twice as many as a line holds, what the gates are multiplied with comes from the third cache
/// half as often, and for 128 units both factors of a task have the same size.
const TASK_UNITS: usize = 2 * WIDTH;

/// Some units of one weight of one layer, and where its gradients go.
struct Task<'a> {
    layer: usize,
    factor: Multiplied,
    columns: usize,
    /// The first unit of the task over [`WIDTH`].
    first_block: usize,
    /// Rows of each gate, `(units, columns)`.
    weight: Vec<&'a mut [f32]>,
    /// Biases of each gate, `(units)` each; they go along with one of the two weights.
    biases: Vec<[&'a mut [f32]; 2]>,
}

/// What a weight is multiplied with.
#[derive(Clone, Copy)]
enum Multiplied {
    Input,
    HiddenBefore,
}

/// Sums the gradients of all weights over `shards`, whose gates hold gradients: one layer after the other in the order
/// of [`LayerWeights`](super::LayerWeights).
pub(super) fn weight_gradients(pass: &Pass, shards: &[Shard]) -> Vec<f32> {
    let mut gradients = vec![0.0; pass.shape.weights()];
    let mut tasks = Vec::new();
    let mut rest = &mut gradients[..];
    for layer in 0..pass.shape.layers {
        let own = rest.split_off_mut(..pass.shape.layer_weights(layer)).unwrap_or_default();
        push_tasks(&pass.shape, layer, own, &mut tasks);
    }
    tasks.into_par_iter().with_max_len(1).for_each_init(Sums::default, |sums, task| sums.run(pass, shards, task));
    gradients
}

/// Cuts the gradients of one layer into tasks.
fn push_tasks<'a>(shape: &LstmShape, layer: usize, gradients: &'a mut [f32], tasks: &mut Vec<Task<'a>>) {
    let (hidden, input) = (shape.hidden, shape.layer_input(layer));
    let (weight_ih, rest) = gradients.split_at_mut(GATES * hidden * input);
    let (weight_hh, rest) = rest.split_at_mut(GATES * hidden * hidden);
    let (bias_ih, bias_hh) = rest.split_at_mut(GATES * hidden);
    let first = tasks.len();
    for (factor, weight) in [(Multiplied::HiddenBefore, weight_hh), (Multiplied::Input, weight_ih)] {
        let own = tasks.len();
        let columns = weight.len() / (GATES * hidden);
        tasks.extend((0..hidden).step_by(TASK_UNITS).map(|unit| Task {
            layer,
            factor,
            columns,
            first_block: unit / WIDTH,
            weight: Vec::with_capacity(GATES),
            biases: Vec::new(),
        }));
        for gate in weight.chunks_exact_mut(hidden * columns) {
            for (task, rows) in tasks[own..].iter_mut().zip(gate.chunks_mut(TASK_UNITS * columns)) {
                task.weight.push(rows);
            }
        }
    }
    for gate in bias_ih.chunks_exact_mut(hidden).zip(bias_hh.chunks_exact_mut(hidden)) {
        let both = gate.0.chunks_mut(TASK_UNITS).zip(gate.1.chunks_mut(TASK_UNITS));
        for (task, (ih, hh)) in tasks[first..].iter_mut().zip(both) {
            task.biases.push([ih, hh]);
        }
    }
}

/// Sums of one task, transposed: a line holds one column of the weight for sixteen units.
#[derive(Default)]
struct Sums {
    /// `(blocks of units, 4, columns)` lines.
    weight: Vec<Line>,
    /// `(blocks of units, 4)` lines.
    bias: Vec<Line>,
}

impl Sums {
    fn run(&mut self, pass: &Pass, shards: &[Shard], task: Task<'_>) {
        let units = task.weight[0].len() / task.columns;
        let blocks = units.div_ceil(WIDTH);
        self.weight.clear();
        self.weight.resize(blocks * GATES * task.columns, Line::ZERO);
        self.bias.clear();
        self.bias.resize(blocks * GATES, Line::ZERO);
        for shard in shards {
            let steps_at_once = (CHUNK_ROWS / shard.layout.rows).max(1);
            for first in (0..shard.layout.steps).step_by(steps_at_once) {
                let steps = steps_at_once.min(shard.layout.steps - first);
                self.add_chunk(pass, shard, &task, first, steps);
            }
        }
        self.store(task);
    }

    /// Adds `steps` steps from `first` on.
    fn add_chunk(&mut self, pass: &Pass, shard: &Shard, task: &Task<'_>, first: usize, steps: usize) {
        let layout = shard.layout;
        let extent = Extent { steps, rows: layout.rows };
        let state = &shard.layers[task.layer];
        let (lines, step) = match task.factor {
            Multiplied::Input => (shard.input_of(task.layer), layout.layer_input(task.layer)),
            Multiplied::HiddenBefore => (&state.hidden[..], layout.state),
        };
        let column = |first: usize, index: usize| Factor { lines: &lines[first * step + index * layout.rows..], step };
        let d_gate = |first: usize, piece: usize| {
            let piece = (task.first_block * GATES + piece) * layout.rows;
            Factor { lines: &state.gates[first * layout.gates + piece..], step: layout.gates }
        };
        let (columns, pieces, group) = (task.columns.div_ceil(WIDTH), self.bias.len(), pass.processor.tile().panels());
        let after = first + steps;
        let is_last = after + steps > layout.steps;
        // What no product has read yet and one soon will: the next piece, and the next chunk while this one ends.
        let ahead = |piece: usize, index: usize| {
            if index + group >= columns && piece + group < pieces {
                Some(d_gate(first, piece + group + index + group - columns))
            } else if is_last {
                None
            } else if piece + group == pieces {
                Some(column(after, index))
            } else {
                (piece == 0 && index == 0).then(|| d_gate(after, 0))
            }
        };
        let stride = task.columns;
        let groups = self.weight.chunks_exact_mut(group * stride).zip(self.bias.chunks_exact_mut(group));
        for ((sums, biases), piece) in groups.zip((0..).step_by(group)) {
            if !task.biases.is_empty() {
                for (bias, piece) in biases.iter_mut().zip(piece..) {
                    pass.processor.sum(d_gate(first, piece), extent, bias);
                }
            }
            for index in 0..columns {
                let lines = &mut sums[index * WIDTH..];
                let sums = outer::Sums { lines, stride, columns: WIDTH.min(stride - index * WIDTH) };
                pass.processor.outer(column(first, index), d_gate(first, piece), ahead(piece, index), extent, sums);
            }
        }
    }

    fn store(&self, task: Task<'_>) {
        let columns = task.columns;
        for (gate, rows) in task.weight.into_iter().enumerate() {
            for (block, rows) in rows.chunks_mut(WIDTH * columns).enumerate() {
                store_transposed(&self.weight[(block * GATES + gate) * columns..][..columns], rows);
            }
        }
        for (gate, both) in task.biases.into_iter().enumerate() {
            for bias in both {
                for (block, bias) in bias.chunks_mut(WIDTH).enumerate() {
                    bias.copy_from_slice(&self.bias[block * GATES + gate].0[..bias.len()]);
                }
            }
        }
    }
}

/// Lines `(columns, 16 units)` to `(units, columns)`.
fn store_transposed(sums: &[Line], rows: &mut [f32]) {
    for (unit, row) in rows.chunks_exact_mut(sums.len()).enumerate() {
        for (value, line) in row.iter_mut().zip(sums) {
            *value = line.0[unit];
        }
    }
}
