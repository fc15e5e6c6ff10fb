//! Inference on one sequence: bound by reading the recurrent weights at every step, so two threads read half of them
//! each.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::duet::{Alone, Duet, Side};
use super::inference::PackedLstm;
use super::line::{Line, gather, scatter};
use super::pack::ForwardPanels;
use super::product::{Left, Panels, Start};
use super::shape::{GATES, Output, Sequences};

/// Units from which on a second thread saves more than telling it about each step costs.
const WORTH_A_DUET: usize = 64;

/// Scratch memory for one sequence.
#[derive(Debug, Default)]
pub(super) struct Single {
    caller: Part,
    helper: Part,
    duet: Duet,
}

impl Single {
    /// Runs the only sequence of `x`; with a helper only if this `is_only` call of the process.
    pub(super) fn forward(
        &mut self,
        lstm: &PackedLstm,
        x: &Sequences<'_>,
        output: Output,
        is_only: bool,
        out: &mut [f32],
    ) {
        let blocks = lstm.shape.unit_blocks();
        let Self { caller, helper, duet } = self;
        let worth_it = is_only && lstm.shape.hidden >= WORTH_A_DUET && rayon::current_num_threads() >= 2;
        let half = blocks / 2;
        let played = if worth_it && !resting() {
            duet.play(
                blocks,
                |side| caller.run(lstm, x, 0..half, Some(side)),
                |side| helper.run(lstm, x, half..blocks, Some(side)),
            )
        } else {
            Err(Alone)
        };
        if played.is_err() {
            caller.run_alone(lstm, x, 0..blocks);
        }
        caller.store_output(lstm, x.steps, output, out);
    }
}

/// Sequences that still go alone because a duet was given up: the processors are busy.
static REST: AtomicUsize = AtomicUsize::new(0);

/// Sequences that go alone after a duet was given up.
const REST_AFTER_GIVING_UP: usize = 200;

/// Whether this sequence is one of those that go alone.
fn resting() -> bool {
    REST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

#[cfg(test)]
impl Single {
    /// [`forward`](Self::forward) with a helper that comes for certain; two unit blocks at least.
    pub(super) fn forward_with_helper(
        &mut self,
        lstm: &PackedLstm,
        x: &Sequences<'_>,
        output: Output,
        out: &mut [f32],
    ) {
        let blocks = lstm.shape.unit_blocks();
        let Self { caller, helper, duet } = self;
        let [first, second] = duet.sides(blocks);
        std::thread::scope(|scope| {
            scope.spawn(move || helper.run(lstm, x, blocks / 2..blocks, Some(&second)).unwrap());
            let first = first;
            caller.run(lstm, x, 0..blocks / 2, Some(&first)).unwrap();
        });
        caller.store_output(lstm, x.steps, output, out);
    }
}

/// What one thread needs to compute some unit blocks of every layer. Steps stand where a batch has its rows.
#[derive(Debug, Default)]
struct Part {
    /// `(blocks of the input, steps)`.
    input: Vec<Line>,
    /// Hidden states of the layer below, `(unit blocks, steps)`.
    below: Vec<Line>,
    /// Hidden states of the current layer, in the end of the last one.
    hidden: Vec<Line>,
    /// Share of the input in the gates, `(own unit blocks, 4, steps)`.
    projected: Vec<Line>,
    /// `(4, own unit blocks)`.
    gates: Vec<Line>,
    /// `(own unit blocks)`.
    cell: Vec<Line>,
    /// Hidden states of one step, `(unit blocks)`.
    state: Vec<Line>,
}

impl Part {
    /// Computes all unit blocks, `0..blocks`.
    fn run_alone(&mut self, lstm: &PackedLstm, x: &Sequences<'_>, all: Range<usize>) {
        // Without a side there is nobody to wait for, and so no error.
        let _ = self.run(lstm, x, all, None);
    }

    /// Computes the `own` unit blocks; those of the other `side` are received from it.
    fn run(
        &mut self,
        lstm: &PackedLstm,
        x: &Sequences<'_>,
        own: Range<usize>,
        side: Option<&Side<'_>>,
    ) -> Result<(), Alone> {
        self.fit(lstm, x, &own);
        for (step, values) in x.values.chunks_exact(lstm.shape.input).enumerate() {
            scatter(values, &mut self.input[step..], x.steps);
        }
        for (index, panels) in lstm.layers.iter().enumerate() {
            std::mem::swap(&mut self.below, &mut self.hidden);
            self.project(lstm, panels, index, x.steps, &own);
            self.cell.fill(Line::ZERO);
            for step in 0..x.steps {
                let message = index * x.steps + step;
                self.load_projected(step, x.steps, own.len());
                if step > 0 {
                    self.add_states(lstm, panels, &own, message - 1, side)?;
                    self.remember(step - 1, x.steps);
                }
                lstm.processor.cell_forward(&self.gates, &mut self.cell, &mut self.state[own.clone()]);
                if let Some(side) = side {
                    side.send(message, &self.state[own.clone()]);
                }
            }
            self.receive((index + 1) * x.steps - 1, &own, side)?;
            self.remember(x.steps - 1, x.steps);
        }
        Ok(())
    }

    fn fit(&mut self, lstm: &PackedLstm, x: &Sequences<'_>, own: &Range<usize>) {
        let blocks = lstm.shape.unit_blocks();
        self.input.resize(super::line::blocks(lstm.shape.input) * x.steps, Line::ZERO);
        self.below.resize(blocks * x.steps, Line::ZERO);
        self.hidden.resize(blocks * x.steps, Line::ZERO);
        self.projected.resize(own.len() * GATES * x.steps, Line::ZERO);
        self.gates.resize(GATES * own.len(), Line::ZERO);
        self.cell.resize(own.len(), Line::ZERO);
        self.state.resize(blocks, Line::ZERO);
    }

    /// The share of the input in the gates, for all steps at once.
    fn project(&mut self, lstm: &PackedLstm, panels: &ForwardPanels, layer: usize, steps: usize, own: &Range<usize>) {
        let lines = if layer == 0 { &self.input } else { &self.below };
        let left = Left { lines, stride: steps, rows: steps };
        let depth = lstm.shape.layer_input(layer);
        let pieces = own.start * GATES..own.end * GATES;
        let biases = &panels.bias[pieces.clone()];
        let panels = Panels::new(&panels.input[pieces.start * depth..pieces.end * depth], depth);
        lstm.processor.product(left, panels, Start::Bias(biases), &mut self.projected);
    }

    /// Starts the gates of a step with the share of the input.
    fn load_projected(&mut self, step: usize, steps: usize, own_blocks: usize) {
        for (piece, share) in self.projected[step..].iter().step_by(steps).enumerate() {
            self.gates[piece % GATES * own_blocks + piece / GATES] = *share;
        }
    }

    /// Adds the share of the states before a step, once the other side's have come in `message`.
    ///
    /// The first side has the first of them itself, so it need not wait with these. It gets ahead of the other by the
    /// time that a message takes, and neither waits for the other any more.
    fn add_states(
        &mut self,
        lstm: &PackedLstm,
        panels: &ForwardPanels,
        own: &Range<usize>,
        message: usize,
        side: Option<&Side<'_>>,
    ) -> Result<(), Alone> {
        let known = if side.is_some_and(|side| side.is_first()) { own.end } else { 0 };
        self.add_blocks(lstm, panels, own, 0..known);
        self.receive(message, own, side)?;
        self.add_blocks(lstm, panels, own, known..self.state.len());
        Ok(())
    }

    /// Adds the share of some blocks of the states. Every sum runs over the blocks in order, whoever computes it.
    fn add_blocks(&mut self, lstm: &PackedLstm, panels: &ForwardPanels, own: &Range<usize>, blocks: Range<usize>) {
        if blocks.is_empty() {
            return;
        }
        let length = GATES * lstm.shape.hidden;
        let panels = panels.hidden[own.start * length..own.end * length].chunks_exact(length);
        for (index, panels) in panels.enumerate() {
            let gates = &mut self.gates[index..];
            lstm.processor.row_product(&self.state, blocks.clone(), panels, gates, own.len());
        }
    }

    /// Takes the other side's states from its `message`.
    fn receive(&mut self, message: usize, own: &Range<usize>, side: Option<&Side<'_>>) -> Result<(), Alone> {
        let Some(side) = side else { return Ok(()) };
        let others = if side.is_first() { &mut self.state[own.end..] } else { &mut self.state[..own.start] };
        side.receive(message, others).inspect_err(|_| REST.store(REST_AFTER_GIVING_UP, Ordering::Relaxed))
    }

    /// Keeps the states after `step` for the layer above.
    fn remember(&mut self, step: usize, steps: usize) {
        for (history, &state) in self.hidden[step..].iter_mut().step_by(steps).zip(&self.state) {
            *history = state;
        }
    }

    fn store_output(&self, lstm: &PackedLstm, steps: usize, output: Output, out: &mut [f32]) {
        let first = steps - output.steps(steps);
        for (index, state) in out.chunks_exact_mut(lstm.shape.hidden).enumerate() {
            gather(&self.hidden[first + index..], steps, state);
        }
    }
}
