//! The forward pass of one shard in training: layer by layer, keeping what the backward pass needs.

use std::ops::Range;

use super::cell::Saving;
use super::dropout::{Dropout, RowKey};
use super::line::{Line, blocks, gather, scatter};
use super::pack::ForwardPanels;
use super::processor::Processor;
use super::product::{Panels, Start};
use super::shape::{GATES, LstmShape, Output, Sequences};
use super::shard::{LayerState, Layout, Shard, input_of};

/// Rows of a group of steps whose input is projected at once: enough to use a panel well, few enough that the gates
/// are still in the second cache when the recurrence reads them.
const GROUP_ROWS: usize = 64;

/// The sizes of a pass, and how it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    pub(super) shape: LstmShape,
    pub(super) processor: Processor,
    pub(super) dropout: Option<Dropout>,
    pub(super) output: Output,
}

/// Runs all layers on the shard's rows of `x`.
pub(super) fn forward_shard(pass: &Pass, panels: &[ForwardPanels], x: &Sequences<'_>, shard: &mut Shard) {
    load_input(&pass.shape, x, shard);
    for (index, panels) in panels.iter().enumerate() {
        if let (Some(dropout), 1..) = (pass.dropout, index) {
            drop_into_input(pass, dropout, index, shard);
        }
        let layout = shard.layout;
        let (below, rest) = shard.layers.split_at_mut(index);
        let layer = &mut rest[0];
        for group in groups(layout.rows, layout.steps) {
            project(pass, panels, layout, group.clone(), below, layer);
            for step in group {
                recur(pass, panels, layout, step, layer);
            }
        }
    }
}

/// Copies the shard's hidden states to its part of the output, `(rows, hidden)` or `(rows, steps, hidden)`.
pub(super) fn store_output(pass: &Pass, shard: &Shard, output: &mut [f32]) {
    let (layout, hidden) = (shard.layout, pass.shape.hidden);
    let Some(top) = shard.layers.last() else { return };
    let wanted = pass.output.steps(layout.steps);
    for (row, states) in output.chunks_exact_mut(wanted * hidden).enumerate() {
        for (index, state) in states.chunks_exact_mut(hidden).enumerate() {
            let step = 1 + layout.steps - wanted + index;
            gather(&top.hidden[step * layout.state + row..], layout.rows, state);
        }
    }
}

/// Consecutive steps that are treated together.
pub(super) fn groups(rows: usize, steps: usize) -> impl DoubleEndedIterator<Item = Range<usize>> {
    let length = (GROUP_ROWS / rows).max(1);
    (0..steps.div_ceil(length)).map(move |group| group * length..steps.min((group + 1) * length))
}

fn load_input(shape: &LstmShape, x: &Sequences<'_>, shard: &mut Shard) {
    let layout = shard.layout;
    let input = &mut shard.layers[0].input;
    let sequences = x.values.chunks_exact(layout.steps * shape.input).skip(shard.first_row);
    for (row, sequence) in sequences.take(layout.rows).enumerate() {
        for (step, values) in sequence.chunks_exact(shape.input).enumerate() {
            scatter(values, &mut input[step * layout.input + row..], layout.rows);
        }
    }
}

/// The output of the layer below, masked, becomes the input of `layer`.
fn drop_into_input(pass: &Pass, dropout: Dropout, layer: usize, shard: &mut Shard) {
    let layout = shard.layout;
    let (below, rest) = shard.layers.split_at_mut(layer);
    let hidden = below[layer - 1].hidden[layout.state..].chunks_exact(layout.state);
    let mut keys = Vec::with_capacity(layout.rows);
    for (step, (lines, hidden)) in rest[0].input.chunks_exact_mut(layout.state).zip(hidden).enumerate() {
        lines.copy_from_slice(hidden);
        mask_step(pass, dropout, layer - 1, (shard.first_row, layout.rows), step, lines, &mut keys);
    }
}

/// Multiplies one step of `layer`'s output, or of its gradient, with the mask. `keys` is scratch.
pub(super) fn mask_step(
    pass: &Pass,
    dropout: Dropout,
    layer: usize,
    (first_row, rows): (usize, usize),
    step: usize,
    lines: &mut [Line],
    keys: &mut Vec<RowKey>,
) {
    keys.clear();
    keys.extend((first_row..first_row + rows).map(|row| RowKey::new(dropout.seed, layer, step, row)));
    for (block, piece) in lines.chunks_exact_mut(rows).take(pass.shape.unit_blocks()).enumerate() {
        pass.processor.dropout_scale(piece, keys, block, dropout);
    }
}

/// The share of the input in the gates of a group of steps, biases included.
fn project(
    pass: &Pass,
    panels: &ForwardPanels,
    layout: Layout,
    group: Range<usize>,
    below: &[LayerState],
    layer: &mut LayerState,
) {
    let input = input_of(layout, below, &layer.input);
    let depth = panels.input.len() / panels.bias.len();
    // A tile's panels go over all steps of the group while they are in the first cache.
    let tile = pass.processor.tile().panels();
    let panels = panels.input.chunks_exact(tile * depth).zip(panels.bias.chunks_exact(tile));
    for (index, (panels, bias)) in panels.enumerate() {
        let out = index * tile * layout.rows..(index + 1) * tile * layout.rows;
        for step in group.clone() {
            let gates = &mut layer.gates[step * layout.gates..(step + 1) * layout.gates];
            let left = layout.left(input, layout.layer_input(below.len()), step, 0);
            pass.processor.product(left, Panels::new(panels, depth), Start::Bias(bias), &mut gates[out.clone()]);
        }
    }
}

/// One step of a layer: adds the share of the hidden states before it to the gates and runs the cell, sixteen units
/// at a time.
fn recur(pass: &Pass, panels: &ForwardPanels, layout: Layout, step: usize, layer: &mut LayerState) {
    let Layout { rows, state, .. } = layout;
    let (hidden_before, hidden) = layer.hidden.split_at_mut((step + 1) * state);
    let (cell_before, cell) = layer.cell.split_at_mut((step + 1) * state);
    let cell_before = &cell_before[step * state..];
    let gates = &mut layer.gates[step * layout.gates..(step + 1) * layout.gates];
    let tanh_cell = &mut layer.tanh_cell[step * state..(step + 1) * state];
    let left = layout.left(hidden_before, state, step, 0);
    for block in 0..blocks(pass.shape.hidden) {
        let gates = &mut gates[block * GATES * rows..(block + 1) * GATES * rows];
        // The hidden states before the first step are zero.
        if step > 0 {
            let depth = pass.shape.hidden;
            let panels = Panels::new(&panels.hidden[block * GATES * depth..(block + 1) * GATES * depth], depth);
            pass.processor.product(left, panels, Start::Output, gates);
        }
        let units = block * rows..(block + 1) * rows;
        let saving = Saving {
            cell_before: &cell_before[units.clone()],
            cell: &mut cell[units.clone()],
            tanh_cell: &mut tanh_cell[units.clone()],
            hidden: &mut hidden[units],
        };
        pass.processor.cell_forward_saving(gates, saving);
    }
}
