//! `Watch`: what happens during long work, and a way to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A flag that stops long work from another thread; clones share it.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// Ask the work to stop; it does so within one batch and writes nothing.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// [`Error::Cancelled`] once the work was asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// One pass over the training windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Epoch {
    /// From 1.
    pub epoch: usize,
    /// Mean loss over the training windows while they were learned from, dropout on.
    pub train_loss: f64,
    /// Mean loss over the validation windows; none where the history is too short to validate.
    pub val_loss: Option<f64>,
    /// Learning rate of this epoch.
    pub lr: f64,
    /// Wall time.
    pub seconds: f64,
}

/// Something that happened during long work.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A stage began, such as "train".
    Stage(&'a str),
    /// A training begins.
    Begin {
        /// Epochs, at most.
        epochs: usize,
        /// Batches of one epoch.
        batches: usize,
    },
    /// A batch was learned from.
    Batch {
        /// Epoch, from 1.
        epoch: usize,
        /// Batch in the epoch, from 1.
        batch: usize,
    },
    /// An epoch ended.
    Epoch(&'a Epoch),
}

/// Where events go, and the flag that stops the work.
///
/// # Example
///
/// ```
/// use stockops_core::training::{Event, Watch};
///
/// let mut epochs = 0;
/// let watch = Watch::new(|event| epochs += usize::from(matches!(event, Event::Epoch(_))));
/// watch.cancel_flag().cancel(); // from any thread: the work ends with Error::Cancelled
/// ```
pub struct Watch<'a> {
    listener: Box<dyn FnMut(Event<'_>) + 'a>,
    cancel: CancelFlag,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    /// Send events to `listener`.
    pub fn new(listener: impl FnMut(Event<'_>) + 'a) -> Self {
        Self { listener: Box::new(listener), cancel: CancelFlag::default() }
    }

    /// Nobody looks.
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    /// The same with a flag that the caller keeps.
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancelFlag) -> Self {
        self.cancel = cancel;
        self
    }

    /// The flag that stops this work.
    pub fn cancel_flag(&self) -> CancelFlag {
        self.cancel.clone()
    }

    /// Tell what happened; [`Error::Cancelled`] once the work was asked to stop.
    pub fn tell(&mut self, event: Event<'_>) -> Result<()> {
        (self.listener)(event);
        self.cancel.check()
    }
}
