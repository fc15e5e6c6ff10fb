//! The seam for training: a forward pass that keeps what it needs, and the backward pass that spends it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::backward::{backward_shard, store_dx};
use super::dropout::Dropout;
use super::forward::{Pass, forward_shard, store_output};
use super::pack::{BackwardPanels, ForwardPanels};
use super::processor::Processor;
use super::shape::{LayerWeights, LstmShape, Output, Sequences, SizeError, check_input, check_weights, exactly};
use super::shard::{Shard, TRAINING_ROWS, cut};
use super::weight_gradient::weight_gradients;

/// Gradients of everything that [`forward_train`] was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gradients {
    /// Of the weights, one layer after the other, cut by [`LstmShape::layers_of`].
    pub(crate) weights: Vec<f32>,
    /// Of the input, `(batch, steps, input)`, if it was wanted.
    pub(crate) x: Option<Vec<f32>>,
}

/// What a forward pass keeps for the backward pass: some 4.5 kB a row, step and layer of 128 units.
///
/// Its memory is used again by the next [`forward_train`] once it is dropped or spent.
pub(crate) struct Saved {
    pass: Pass,
    batch: usize,
    steps: usize,
    workspace: Workspace,
}

/// Buffers that are kept from batch to batch: fresh ones would cost more in page faults than the packing and the
/// cells together.
#[derive(Debug, Default)]
struct Workspace {
    forward: Vec<ForwardPanels>,
    backward: Vec<BackwardPanels>,
    /// The first `used` of them belong to the batch.
    shards: Vec<Shard>,
    used: usize,
}

/// Workspaces between two batches.
static SPARE: Mutex<Vec<Workspace>> = Mutex::new(Vec::new());

/// Workspaces that are kept: one for each training run that may go on at the same time.
const MOST_SPARE: usize = 4;

/// Shards larger than this are given back to the system.
const MOST_SPARE_BYTES: usize = 512 << 20;

/// Runs the LSTM on a batch and keeps what [`Saved::backward`] needs.
///
/// Returns the hidden states of the last layer that `output` asks for. Dropout falls on the output of every layer but
/// the last. The result is the same, bit for bit, for any number of threads in the current rayon pool.
///
/// # Errors
///
/// [`SizeError`] where a slice does not fit `shape` or a size is zero.
pub(crate) fn forward_train(
    shape: &LstmShape,
    weights: &[LayerWeights<'_>],
    x: &Sequences<'_>,
    output: Output,
    dropout: Option<Dropout>,
) -> Result<(Vec<f32>, Saved), SizeError> {
    forward_train_on(Processor::detect(), shape, weights, x, output, dropout)
}

/// [`forward_train`] on a processor of choice.
///
/// # Errors
///
/// Those of [`forward_train`].
pub(crate) fn forward_train_on(
    processor: Processor,
    shape: &LstmShape,
    weights: &[LayerWeights<'_>],
    x: &Sequences<'_>,
    output: Output,
    dropout: Option<Dropout>,
) -> Result<(Vec<f32>, Saved), SizeError> {
    check_weights(shape, weights)?;
    check_input(shape, x)?;
    let dropout = dropout.filter(|dropout| dropout.probability > 0.0);
    let pass = Pass { shape: *shape, processor, dropout, output };
    let mut workspace = Workspace::take();
    let values = in_pool(|| {
        workspace.fit(&pass, x);
        workspace.pack(shape, weights);
        workspace.forward(&pass, x)
    });
    Ok((values, Saved { pass, batch: x.batch, steps: x.steps, workspace }))
}

impl Saved {
    /// Gradients for `d_output`, which has the shape of the output; that of the input only if `want_dx`, since it
    /// costs.
    ///
    /// # Errors
    ///
    /// [`SizeError`] where `d_output` has another size than the output.
    pub(crate) fn backward(mut self, d_output: &[f32], want_dx: bool) -> Result<Gradients, SizeError> {
        let pass = self.pass;
        let width = pass.output.steps(self.steps) * pass.shape.hidden;
        exactly("gradient of the output", self.batch * width, d_output.len())?;
        let dx_width = if want_dx { self.steps * pass.shape.input } else { 0 };
        let mut dx = vec![0.0; self.batch * dx_width];

        let Workspace { backward, shards, used, .. } = &mut self.workspace;
        let shards = &mut shards[..*used];
        let parts: Vec<_> =
            cut(self.batch, TRAINING_ROWS).map(|rows| &d_output[rows.start * width..rows.end * width]).collect();
        let dxs = split_rows(&mut dx, dx_width, self.batch);
        let weights = in_pool(|| {
            shards.par_iter_mut().with_max_len(1).zip(parts).zip(dxs).for_each(|((shard, d_output), dx)| {
                backward_shard(&pass, backward, d_output, want_dx, shard);
                if want_dx {
                    store_dx(&pass, shard, dx);
                }
            });
            weight_gradients(&pass, shards)
        });
        Ok(Gradients { weights, x: want_dx.then_some(dx) })
    }
}

impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pass, batch, steps, .. } = self;
        f.debug_struct("Saved").field("pass", pass).field("batch", batch).field("steps", steps).finish_non_exhaustive()
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        std::mem::take(&mut self.workspace).give_back();
    }
}

impl Workspace {
    fn take() -> Self {
        SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(mut self) {
        if self.shards.iter().map(Shard::bytes).sum::<usize>() > MOST_SPARE_BYTES {
            self.shards.clear();
        }
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MOST_SPARE {
            spare.push(self);
        }
    }

    fn fit(&mut self, pass: &Pass, x: &Sequences<'_>) {
        self.used = 0;
        for rows in cut(x.batch, TRAINING_ROWS) {
            if self.shards.len() == self.used {
                self.shards.push(Shard::default());
            }
            self.shards[self.used].fit(&pass.shape, rows, x.steps, pass.dropout.is_some());
            self.used += 1;
        }
    }

    fn pack(&mut self, shape: &LstmShape, weights: &[LayerWeights<'_>]) {
        self.forward.resize_with(shape.layers, ForwardPanels::default);
        self.backward.resize_with(shape.layers, BackwardPanels::default);
        self.forward.par_iter_mut().zip(weights).for_each(|(panels, weights)| panels.pack(shape, weights));
        self.backward.par_iter_mut().zip(weights).for_each(|(panels, weights)| panels.pack(shape, weights, true));
    }

    /// The hidden states that are wanted.
    fn forward(&mut self, pass: &Pass, x: &Sequences<'_>) -> Vec<f32> {
        let width = pass.output.steps(x.steps) * pass.shape.hidden;
        let mut values = vec![0.0; x.batch * width];
        let panels = &self.forward;
        let outputs = split_rows(&mut values, width, x.batch);
        self.shards[..self.used].par_iter_mut().with_max_len(1).zip(outputs).for_each(|(shard, out)| {
            forward_shard(pass, panels, x, shard);
            store_output(pass, shard, out);
        });
        values
    }
}

/// Runs `work` on a thread of the current pool: its parallel parts then follow each other without a thread outside
/// being woken after each of them.
fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}

/// `values` `(batch, width)` cut like the batch.
fn split_rows(values: &mut [f32], width: usize, batch: usize) -> Vec<&mut [f32]> {
    let mut rest = values;
    cut(batch, TRAINING_ROWS)
        .map(|rows| {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(rows.len() * width);
            rest = after;
            part
        })
        .collect()
}
