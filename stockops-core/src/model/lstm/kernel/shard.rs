//! A shard: some rows of the batch with everything that their forward pass keeps for the backward pass.
//!
//! Shards share nothing but the weights, so each runs on a thread of its own. The cut of a batch into shards depends
//! on its size alone, never on the number of threads.

use std::ops::Range;

use super::line::{Line, blocks};
use super::product::{Left, even_heights};
use super::shape::{GATES, LstmShape};

/// Rows of a shard in training at most: enough that a panel of weights, once read, is used well; few enough that a
/// step of all gates stays in the first cache.
pub(super) const TRAINING_ROWS: usize = 16;

/// Rows from which on a batch is cut in two, for two threads.
const WORTH_CUTTING: usize = 8;

/// The cut of a batch: ranges of at most `most_rows` rows, an even number of them where that is worth it.
pub(super) fn cut(batch: usize, most_rows: usize) -> impl Iterator<Item = Range<usize>> {
    let pairs = batch.div_ceil(2 * most_rows);
    let shards = if batch < WORTH_CUTTING { 1 } else { 2 * pairs };
    even_heights(batch, batch.div_ceil(shards)).scan(0, |end, rows| {
        *end += rows;
        Some(*end - rows..*end)
    })
}

/// Sizes of a shard's buffers.
///
/// All buffers are `(steps, pieces, rows)` lines, where a piece is sixteen columns. The number of pieces is made odd,
/// since steps an even number of pieces apart would crowd into few sets of the first cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) rows: usize,
    pub(super) steps: usize,
    /// Lines of a step of hidden states or cells.
    pub(super) state: usize,
    /// Lines of a step of gates.
    pub(super) gates: usize,
    /// Lines of a step of the first layer's input.
    pub(super) input: usize,
}

impl Layout {
    pub(super) fn new(shape: &LstmShape, rows: usize, steps: usize) -> Self {
        let step_of = |pieces: usize| (pieces | 1) * rows;
        Self {
            rows,
            steps,
            state: step_of(shape.unit_blocks()),
            gates: step_of(GATES * shape.unit_blocks()),
            input: step_of(blocks(shape.input)),
        }
    }

    /// Lines of a step of what `layer` reads.
    pub(super) fn layer_input(&self, layer: usize) -> usize {
        if layer == 0 { self.input } else { self.state }
    }

    /// The rows of one step as left factor of a product, from `first_block` on.
    pub(super) fn left<'a>(&self, lines: &'a [Line], step_lines: usize, step: usize, first_block: usize) -> Left<'a> {
        let lines = &lines[step * step_lines..(step + 1) * step_lines][first_block * self.rows..];
        Left { lines, stride: self.rows, rows: self.rows }
    }
}

/// What one layer keeps.
#[derive(Debug, Default)]
pub(super) struct LayerState {
    /// Input after dropout, `(steps, ..)`; empty where the layer reads the one below as it is.
    pub(super) input: Vec<Line>,
    /// Activated gates `(steps, unit blocks, 4, rows)`; their gradients after the backward pass.
    pub(super) gates: Vec<Line>,
    /// Cells, `(1 + steps, ..)`: before the first step and after each.
    pub(super) cell: Vec<Line>,
    /// tanh of the cells after each step.
    pub(super) tanh_cell: Vec<Line>,
    /// Hidden states, `(1 + steps, ..)` like the cells.
    pub(super) hidden: Vec<Line>,
}

/// Some rows of a batch.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) layout: Layout,
    /// The first of its rows in the batch.
    pub(super) first_row: usize,
    pub(super) layers: Vec<LayerState>,
    /// Gradient of a layer's output `(steps, ..)`, which the backward pass turns into that of its input.
    pub(super) d_hidden: Vec<Line>,
    /// Gradient of the cells at one step, `(unit blocks, rows)`.
    pub(super) d_cell: Vec<Line>,
    /// Gradient of the first layer's input, `(steps, ..)`, where it is wanted.
    pub(super) d_input: Vec<Line>,
}

impl Shard {
    /// Gives the buffers their sizes, reusing the memory.
    pub(super) fn fit(&mut self, shape: &LstmShape, rows: Range<usize>, steps: usize, dropout: bool) {
        let layout = Layout::new(shape, rows.len(), steps);
        self.first_row = rows.start;
        self.layers.resize_with(shape.layers, LayerState::default);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let own_input = if index == 0 || dropout { layout.layer_input(index) } else { 0 };
            layer.input.resize(steps * own_input, Line::ZERO);
            layer.gates.resize(steps * layout.gates, Line::ZERO);
            layer.tanh_cell.resize(steps * layout.state, Line::ZERO);
            layer.cell.resize((steps + 1) * layout.state, Line::ZERO);
            layer.hidden.resize((steps + 1) * layout.state, Line::ZERO);
            layer.cell[..layout.state].fill(Line::ZERO);
            layer.hidden[..layout.state].fill(Line::ZERO);
        }
        self.layout = layout;
    }

    /// What `layer` read, `(steps, ..)`.
    pub(super) fn input_of(&self, layer: usize) -> &[Line] {
        input_of(self.layout, &self.layers[..layer], &self.layers[layer].input)
    }

    /// Bytes of all buffers.
    pub(super) fn bytes(&self) -> usize {
        let of_layer = |l: &LayerState| {
            [&l.input, &l.gates, &l.cell, &l.tanh_cell, &l.hidden].iter().map(|b| b.capacity()).sum::<usize>()
        };
        let lines = self.layers.iter().map(of_layer).sum::<usize>()
            + self.d_hidden.capacity()
            + self.d_cell.capacity()
            + self.d_input.capacity();
        lines * size_of::<Line>()
    }
}

/// What a layer reads: its `own` input, or the hidden states of the layer below after each step.
pub(super) fn input_of<'a>(layout: Layout, below: &'a [LayerState], own: &'a [Line]) -> &'a [Line] {
    match below.last() {
        Some(below) if own.is_empty() => &below.hidden[layout.state..],
        _ => own,
    }
}
