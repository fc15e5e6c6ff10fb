//! Inference on a few rows: a group of steps goes through one layer after the other, and only the current states are
//! kept.

use std::ops::Range;

use super::inference::PackedLstm;
use super::line::{Line, gather, scatter};
use super::pack::ForwardPanels;
use super::processor::Processor;
use super::product::{Panels, Start};
use super::shape::{GATES, LstmShape, Output, Sequences};
use super::shard::Layout;

/// Steps that go through a layer while its weights are in the second cache.
const GROUP_STEPS: usize = 4;

/// States of some rows, `(steps, pieces, rows)` lines like those of a shard, for one group of steps.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    layout: Layout,
    input: Vec<Line>,
    layers: Vec<LayerState>,
    /// Gates of sixteen units, `(4, rows)`.
    gates: Vec<Line>,
}

#[derive(Debug, Default)]
struct LayerState {
    /// Before the group and after each of its steps.
    hidden: Vec<Line>,
    cell: Vec<Line>,
}

impl Chunk {
    /// Runs `rows` of `x` and writes their part of the output, `(rows, hidden)` or `(rows, steps, hidden)`.
    pub(super) fn forward(
        &mut self,
        lstm: &PackedLstm,
        x: &Sequences<'_>,
        rows: Range<usize>,
        output: Output,
        out: &mut [f32],
    ) {
        self.reset(&lstm.shape, rows.len(), x.steps);
        let width = x.steps * lstm.shape.input;
        let values = &x.values[rows.start * width..rows.end * width];
        for first in (0..x.steps).step_by(GROUP_STEPS) {
            let group = first..x.steps.min(first + GROUP_STEPS);
            self.load_input(&lstm.shape, values, x.steps, group.clone());
            for (index, panels) in lstm.layers.iter().enumerate() {
                self.run_layer(lstm.processor, panels, index, group.len());
            }
            if output == Output::AllSteps || group.end == x.steps {
                self.store_output(&lstm.shape, group.clone(), x.steps, output, out);
            }
            for layer in &mut self.layers {
                layer.hidden.copy_within(group.len() * self.layout.state..(group.len() + 1) * self.layout.state, 0);
            }
        }
    }

    /// All states zero, as before the first step.
    fn reset(&mut self, shape: &LstmShape, rows: usize, steps: usize) {
        let layout = Layout::new(shape, rows, steps);
        self.layout = layout;
        self.input.resize(GROUP_STEPS * layout.input, Line::ZERO);
        self.gates.resize(GATES * rows, Line::ZERO);
        self.layers.resize_with(shape.layers, LayerState::default);
        for layer in &mut self.layers {
            layer.hidden.resize((GROUP_STEPS + 1) * layout.state, Line::ZERO);
            layer.hidden[..layout.state].fill(Line::ZERO);
            layer.cell.clear();
            layer.cell.resize(layout.state, Line::ZERO);
        }
    }

    fn load_input(&mut self, shape: &LstmShape, values: &[f32], steps: usize, group: Range<usize>) {
        let layout = self.layout;
        for (row, sequence) in values.chunks_exact(steps * shape.input).enumerate() {
            let sequence = &sequence[group.start * shape.input..group.end * shape.input];
            for (step, values) in sequence.chunks_exact(shape.input).enumerate() {
                scatter(values, &mut self.input[step * layout.input + row..], layout.rows);
            }
        }
    }

    fn run_layer(&mut self, processor: Processor, panels: &ForwardPanels, index: usize, steps: usize) {
        let layout = self.layout;
        let (below, rest) = self.layers.split_at_mut(index);
        let layer = &mut rest[0];
        let (input, input_step) = match below.last() {
            Some(below) => (&below.hidden[layout.state..], layout.state),
            None => (&self.input[..], layout.input),
        };
        let input_depth = panels.input.len() / panels.bias.len();
        let hidden_depth = panels.hidden.len() / panels.bias.len();
        for step in 0..steps {
            let (before, after) = layer.hidden.split_at_mut((step + 1) * layout.state);
            let input = layout.left(input, input_step, step, 0);
            let before = layout.left(before, layout.state, step, 0);
            let input_panels = panels.input.chunks_exact(GATES * input_depth);
            let hidden_panels = panels.hidden.chunks_exact(GATES * hidden_depth);
            let biases = panels.bias.chunks_exact(GATES);
            for (block, ((of_input, of_hidden), bias)) in input_panels.zip(hidden_panels).zip(biases).enumerate() {
                processor.product(input, Panels::new(of_input, input_depth), Start::Bias(bias), &mut self.gates);
                processor.product(before, Panels::new(of_hidden, hidden_depth), Start::Output, &mut self.gates);
                let units = block * layout.rows..(block + 1) * layout.rows;
                processor.cell_forward(&self.gates, &mut layer.cell[units.clone()], &mut after[units]);
            }
        }
    }

    fn store_output(&self, shape: &LstmShape, group: Range<usize>, steps: usize, output: Output, out: &mut [f32]) {
        let layout = self.layout;
        let Some(top) = self.layers.last() else { return };
        let first_wanted = steps - output.steps(steps);
        for (row, states) in out.chunks_exact_mut(output.steps(steps) * shape.hidden).enumerate() {
            for step in group.clone().filter(|&step| step >= first_wanted) {
                let state = &mut states[(step - first_wanted) * shape.hidden..][..shape.hidden];
                let slot = step - group.start + 1;
                gather(&top.hidden[slot * layout.state + row..], layout.rows, state);
            }
        }
    }
}
