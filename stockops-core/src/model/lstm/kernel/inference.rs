//! The seam for inference: weights packed once, batches of any size, nothing kept but the hidden states.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::chunk::Chunk;
use super::pack::ForwardPanels;
use super::processor::Processor;
use super::shape::{LayerWeights, LstmShape, Output, Sequences, SizeError, check_input, check_weights, exactly};
use super::shard::cut;
use super::single::Single;

/// Rows of a chunk at most: two tiles of AVX-512, with the states of a chunk in the first cache.
const CHUNK_ROWS: usize = 32;

/// Scratch memories that are kept for the next call.
const MOST_SPARE: usize = 16;

/// A stacked LSTM ready for inference.
///
/// Weights are packed once; scratch memory is kept from call to call, so that a warm call allocates its result and
/// nothing per step. Calls may come from several threads at the same time. A sequence's result does not depend on the
/// batch it is in.
pub(crate) struct PackedLstm {
    pub(super) shape: LstmShape,
    pub(super) processor: Processor,
    pub(super) layers: Vec<ForwardPanels>,
    chunks: Spare<Chunk>,
    singles: Spare<Single>,
}

impl PackedLstm {
    /// Packs `weights` for this machine.
    ///
    /// # Errors
    ///
    /// [`SizeError`] where a slice does not fit `shape` or a size is zero.
    pub(crate) fn new(shape: &LstmShape, weights: &[LayerWeights<'_>]) -> Result<Self, SizeError> {
        Self::new_on(Processor::detect(), shape, weights)
    }

    /// [`new`](Self::new) for a processor of choice.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub(crate) fn new_on(
        processor: Processor,
        shape: &LstmShape,
        weights: &[LayerWeights<'_>],
    ) -> Result<Self, SizeError> {
        check_weights(shape, weights)?;
        let mut layers = Vec::new();
        layers.resize_with(shape.layers, ForwardPanels::default);
        layers.par_iter_mut().zip(weights).for_each(|(panels, weights)| panels.pack(shape, weights));
        Ok(Self { shape: *shape, processor, layers, chunks: Spare::default(), singles: Spare::default() })
    }

    /// Hidden states of the last layer: `(batch, hidden)` or `(batch, steps, hidden)`.
    ///
    /// # Errors
    ///
    /// [`SizeError`] where `x` has not the sizes that it states.
    pub(crate) fn forward(&self, x: &Sequences<'_>, output: Output) -> Result<Vec<f32>, SizeError> {
        check_input(&self.shape, x)?;
        let mut out = vec![0.0; x.batch * output.steps(x.steps) * self.shape.hidden];
        self.forward_into(x, output, &mut out)?;
        Ok(out)
    }

    /// [`forward`](Self::forward) into memory of the caller.
    ///
    /// # Errors
    ///
    /// Those of [`forward`](Self::forward), and [`SizeError`] where `out` has another size than the result.
    pub(crate) fn forward_into(&self, x: &Sequences<'_>, output: Output, out: &mut [f32]) -> Result<(), SizeError> {
        check_input(&self.shape, x)?;
        let width = output.steps(x.steps) * self.shape.hidden;
        exactly("output values", x.batch * width, out.len())?;
        let call = Call::begin();
        if x.batch == 1 {
            self.singles.with(|single| single.forward(self, x, output, call.is_only, out));
        } else {
            self.forward_chunks(x, output, width, out);
        }
        Ok(())
    }

    fn forward_chunks(&self, x: &Sequences<'_>, output: Output, width: usize, out: &mut [f32]) {
        let mut rest = out;
        let mut parts: Vec<_> = cut(x.batch, CHUNK_ROWS)
            .map(|rows| {
                let (part, after) = std::mem::take(&mut rest).split_at_mut(rows.len() * width);
                rest = after;
                (rows, part)
            })
            .collect();
        let run = |(rows, part): &mut (Range<usize>, &mut [f32])| {
            self.chunks.with(|chunk| chunk.forward(self, x, rows.clone(), output, part));
        };
        match &mut parts[..] {
            [only] => run(only),
            parts => parts.par_iter_mut().with_max_len(1).for_each(run),
        }
    }
}

impl fmt::Debug for PackedLstm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, processor, .. } = self;
        f.debug_struct("PackedLstm").field("shape", shape).field("processor", processor).finish_non_exhaustive()
    }
}

/// Calls that run now, in all networks of the process.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// One of them, until it is dropped.
struct Call {
    /// Whether no other ran when it began, so that a second thread is likely to be free.
    is_only: bool,
}

impl Call {
    fn begin() -> Self {
        Self { is_only: CALLS.fetch_add(1, Ordering::Relaxed) == 0 }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        CALLS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Scratch memories between two calls.
#[derive(Debug)]
struct Spare<T>(Mutex<Vec<T>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Spare<T> {
    /// Runs `work` on a memory that no other call has meanwhile.
    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let taken = self.lock().pop();
        let mut memory = taken.unwrap_or_default();
        let result = work(&mut memory);
        let mut spare = self.lock();
        if spare.len() < MOST_SPARE {
            spare.push(memory);
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
