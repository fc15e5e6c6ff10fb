//! Back-propagation through time for one shard: turns the saved gates into their gradients, layer by layer from the
//! top.
//!
//! What is left after it, the sums over all rows and steps, is in `weight_gradient.rs`.

use std::ops::Range;

use super::cell;
use super::dropout::RowKey;
use super::forward::{Pass, groups, mask_step};
use super::line::{Line, WIDTH, blocks, gather, scatter};
use super::pack::{BackwardPanels, backward_depth};
use super::product::{Panels, Start};
use super::shape::{GATES, Output};
use super::shard::{Layout, Shard};

/// Blocks of depth that a product covers at a time, so that its part of a panel stays in the first cache for all rows.
const DEPTH_BLOCKS: usize = 8;

/// Runs all layers backward. `d_output` is the shard's part of the gradient, `(rows, hidden)` or `(rows, steps,
/// hidden)`.
pub(super) fn backward_shard(
    pass: &Pass,
    panels: &[BackwardPanels],
    d_output: &[f32],
    want_dx: bool,
    shard: &mut Shard,
) {
    let layout = shard.layout;
    shard.d_hidden.resize(layout.steps * layout.state, Line::ZERO);
    shard.d_input.resize(if want_dx { layout.steps * layout.input } else { 0 }, Line::ZERO);
    load_gradient(pass, d_output, shard);
    for (index, panels) in panels.iter().enumerate().rev() {
        let from_above = index + 1 < pass.shape.layers || pass.output == Output::AllSteps;
        shard.d_cell.clear();
        shard.d_cell.resize(pass.shape.unit_blocks() * layout.rows, Line::ZERO);
        for group in groups(layout.rows, layout.steps).rev() {
            for step in group.clone().rev() {
                recur(pass, panels, index, step, from_above, shard);
            }
            if index > 0 {
                to_layer_below(pass, panels, index, group, shard);
            } else if want_dx {
                to_input(pass, panels, group, shard);
            }
        }
    }
}

/// Copies the gradient of the input to the shard's part of it, `(rows, steps, input)`.
pub(super) fn store_dx(pass: &Pass, shard: &Shard, dx: &mut [f32]) {
    let (layout, width) = (shard.layout, pass.shape.input);
    for (row, sequence) in dx.chunks_exact_mut(layout.steps * width).enumerate() {
        for (step, values) in sequence.chunks_exact_mut(width).enumerate() {
            gather(&shard.d_input[step * layout.input + row..], layout.rows, values);
        }
    }
}

/// Writes the upstream gradient to the steps that have one.
fn load_gradient(pass: &Pass, d_output: &[f32], shard: &mut Shard) {
    let (layout, hidden) = (shard.layout, pass.shape.hidden);
    let given = pass.output.steps(layout.steps);
    for (row, states) in d_output.chunks_exact(given * hidden).enumerate() {
        for (index, state) in states.chunks_exact(hidden).enumerate() {
            let step = layout.steps - given + index;
            scatter(state, &mut shard.d_hidden[step * layout.state + row..], layout.rows);
        }
    }
}

/// One step of a layer: the gradient of its hidden states, from above and from the step after, through the cell to
/// the gates.
fn recur(pass: &Pass, panels: &BackwardPanels, layer: usize, step: usize, from_above: bool, shard: &mut Shard) {
    let layout = shard.layout;
    let Layout { rows, state, .. } = layout;
    let layer = &mut shard.layers[layer];
    let d_hidden = &mut shard.d_hidden[step * state..(step + 1) * state];
    let (gates, gates_after) = layer.gates.split_at_mut((step + 1) * layout.gates);
    let gates = &mut gates[step * layout.gates..];
    if step + 1 < layout.steps {
        let start = if from_above { Start::Output } else { Start::Zero };
        through_gates(pass, &panels.hidden, layout, gates_after, start, d_hidden);
    }
    for block in 0..pass.shape.unit_blocks() {
        let units = block * rows..(block + 1) * rows;
        let backward = cell::Backward {
            cell_before: &layer.cell[step * state..][units.clone()],
            tanh_cell: &layer.tanh_cell[step * state..][units.clone()],
            d_hidden: &d_hidden[units.clone()],
            d_cell: &mut shard.d_cell[units],
        };
        pass.processor.cell_backward(&mut gates[block * GATES * rows..(block + 1) * GATES * rows], backward);
    }
}

/// `out = start + d_gates * weight` for one step; `d_gates` begins with it, `out` is `(columns of the weight, rows)`.
fn through_gates(pass: &Pass, panels: &[Line], layout: Layout, d_gates: &[Line], start: Start<'_>, out: &mut [Line]) {
    let depth = backward_depth(&pass.shape);
    let out = &mut out[..panels.len() / depth * layout.rows];
    for (part, first_block) in (0..blocks(depth)).step_by(DEPTH_BLOCKS).enumerate() {
        let start = if part == 0 { start } else { Start::Output };
        let range = first_block * WIDTH..depth.min((first_block + DEPTH_BLOCKS) * WIDTH);
        let left = layout.left(d_gates, layout.gates, 0, first_block);
        let panels = Panels { lines: &panels[range.start..], stride: depth, depth: range.len() };
        pass.processor.product(left, panels, start, out);
    }
}

/// Gradient of the output of the layer below, for a group of steps; it takes the place of this layer's, which is spent.
fn to_layer_below(pass: &Pass, panels: &BackwardPanels, layer: usize, group: Range<usize>, shard: &mut Shard) {
    let layout = shard.layout;
    let mut keys = Vec::<RowKey>::new();
    for step in group {
        let d_hidden = &mut shard.d_hidden[step * layout.state..(step + 1) * layout.state];
        let d_gates = &shard.layers[layer].gates[step * layout.gates..];
        through_gates(pass, &panels.input, layout, d_gates, Start::Zero, d_hidden);
        if let Some(dropout) = pass.dropout {
            mask_step(pass, dropout, layer - 1, (shard.first_row, layout.rows), step, d_hidden, &mut keys);
        }
    }
}

/// Gradient of the input of the first layer, for a group of steps.
fn to_input(pass: &Pass, panels: &BackwardPanels, group: Range<usize>, shard: &mut Shard) {
    let layout = shard.layout;
    for step in group {
        let d_input = &mut shard.d_input[step * layout.input..(step + 1) * layout.input];
        let d_gates = &shard.layers[0].gates[step * layout.gates..];
        through_gates(pass, &panels.input, layout, d_gates, Start::Zero, d_input);
    }
}
