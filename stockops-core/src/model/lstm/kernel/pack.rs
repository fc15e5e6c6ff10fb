//! Weights in the order in which the products read them: panels of sixteen columns, depth first.

use rayon::prelude::*;

use super::line::{Line, WIDTH, blocks};
use super::shape::{GATES, LayerWeights, LstmShape};

/// The weights of one layer for the forward pass.
///
/// Unit blocks come first and their four gates next, so that the gates of sixteen units are computed together and
/// activated while they are hot.
#[derive(Debug, Default)]
pub(super) struct ForwardPanels {
    /// `(unit blocks, 4, input)` lines.
    pub(super) input: Vec<Line>,
    /// `(unit blocks, 4, hidden)` lines.
    pub(super) hidden: Vec<Line>,
    /// Both biases added, `(unit blocks, 4)` lines.
    pub(super) bias: Vec<Line>,
}

/// The weights of one layer for the backward pass.
///
/// The depth is that of the gates' lines, `(unit blocks, 4, 16)`, padding included.
#[derive(Debug, Default)]
pub(super) struct BackwardPanels {
    /// `(blocks of the input, depth)` lines.
    pub(super) input: Vec<Line>,
    /// `(unit blocks, depth)` lines.
    pub(super) hidden: Vec<Line>,
}

/// Depth of a [`BackwardPanels`] panel.
pub(super) fn backward_depth(shape: &LstmShape) -> usize {
    shape.unit_blocks() * GATES * WIDTH
}

impl ForwardPanels {
    /// Packs `weights`, reusing the memory.
    pub(super) fn pack(&mut self, shape: &LstmShape, weights: &LayerWeights<'_>) {
        pack_forward(&mut self.input, shape.hidden, weights.weight_ih);
        pack_forward(&mut self.hidden, shape.hidden, weights.weight_hh);
        self.bias.resize(shape.unit_blocks() * GATES, Line::ZERO);
        for (index, line) in self.bias.iter_mut().enumerate() {
            let (gate, units) = (index % GATES, units_of(index / GATES, shape.hidden));
            *line = Line::ZERO;
            for (lane, unit) in units.enumerate() {
                let row = gate * shape.hidden + unit;
                line.0[lane] = weights.bias_ih[row] + weights.bias_hh[row];
            }
        }
    }
}

impl BackwardPanels {
    /// Packs `weights`, reusing the memory; the panels of the input only if its gradient is `wanted`.
    pub(super) fn pack(&mut self, shape: &LstmShape, weights: &LayerWeights<'_>, input_wanted: bool) {
        let depth = backward_depth(shape);
        pack_backward(&mut self.hidden, shape.hidden, depth, weights.weight_hh);
        if input_wanted {
            pack_backward(&mut self.input, shape.hidden, depth, weights.weight_ih);
        }
    }
}

/// Units of a block, fewer than sixteen in the last one.
fn units_of(block: usize, hidden: usize) -> std::ops::Range<usize> {
    block * WIDTH..hidden.min((block + 1) * WIDTH)
}

/// `weight` `(4 * hidden, width)` to `(unit blocks, 4, width)` lines, whose lanes are units.
fn pack_forward(panels: &mut Vec<Line>, hidden: usize, weight: &[f32]) {
    let width = weight.len() / (GATES * hidden);
    panels.resize(blocks(hidden) * GATES * width, Line::ZERO);
    panels.par_chunks_exact_mut(width).enumerate().for_each(|(index, panel)| {
        let (block, gate) = (index / GATES, index % GATES);
        let units = units_of(block, hidden);
        let rows = &weight[(gate * hidden + units.start) * width..(gate * hidden + units.end) * width];
        if units.len() < WIDTH {
            panel.fill(Line::ZERO);
        }
        for (lane, row) in rows.chunks_exact(width).enumerate() {
            for (line, &value) in panel.iter_mut().zip(row) {
                line.0[lane] = value;
            }
        }
    });
}

/// `weight` `(4 * hidden, width)` to `(blocks of width, depth)` lines, whose lanes are columns.
fn pack_backward(panels: &mut Vec<Line>, hidden: usize, depth: usize, weight: &[f32]) {
    let width = weight.len() / (GATES * hidden);
    panels.resize(blocks(width) * depth, Line::ZERO);
    panels.par_chunks_exact_mut(depth).enumerate().for_each(|(column_block, panel)| {
        let columns = column_block * WIDTH..width.min((column_block + 1) * WIDTH);
        for (index, lines) in panel.chunks_exact_mut(WIDTH).enumerate() {
            let (block, gate) = (index / GATES, index % GATES);
            let units = units_of(block, hidden);
            lines[units.len()..].fill(Line::ZERO);
            for (line, unit) in lines.iter_mut().zip(units) {
                let row = &weight[(gate * hidden + unit) * width..][..width];
                *line = Line::ZERO;
                line.0[..columns.len()].copy_from_slice(&row[columns.clone()]);
            }
        }
    });
}
