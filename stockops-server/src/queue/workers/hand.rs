//! `Hand`: what the work of a task is given: whether to stop, whom to tell, whether the task is still its own.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;

use super::super::{Grip, Queue, Result};

type Callback = Box<dyn Fn() + Send>;

/// What the work of a task is given. Clones are of the same task.
#[derive(Clone)]
pub struct Hand {
    grip: Grip,
    queue: Arc<dyn Queue>,
    runtime: Handle,
    said: UnboundedSender<(String, Json)>,
    stop: Arc<Stop>,
}

#[derive(Default)]
struct Stop {
    is_set: AtomicBool,
    heard_by: Mutex<Vec<Callback>>,
}

impl Hand {
    pub(super) fn new(grip: Grip, queue: Arc<dyn Queue>, said: UnboundedSender<(String, Json)>) -> Self {
        Self { grip, queue, runtime: Handle::current(), said, stop: Arc::default() }
    }

    /// The right to the task.
    pub fn grip(&self) -> &Grip {
        &self.grip
    }

    /// The runtime that the workers are on, for work that is async.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Append an entry to the task's log. It is written a moment later, in this order, and not at all where the task is lost.
    pub fn tell(&self, kind: &str, body: Json) {
        // Who was stopped is not heard any more.
        let _ = self.said.send((kind.to_owned(), body));
    }

    /// Whether to stop, and write nothing more.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_set.load(Ordering::Acquire)
    }

    /// Call `hear` once the work is to stop; at once where it is already.
    pub fn on_stop(&self, hear: impl Fn() + Send + 'static) {
        let mut heard_by = self.stop.heard_by.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_stopped() {
            return hear();
        }
        heard_by.push(Box::new(hear));
    }

    /// Ask the queue whether the task is still held, before something is written that lasts. It blocks, and must not be called
    /// on an async thread.
    ///
    /// # Errors
    ///
    /// [`QueueError::Lost`](super::super::QueueError::Lost) where it is not, and those of the store.
    pub fn check_held(&self) -> Result<()> {
        self.runtime.block_on(self.queue.renew(&self.grip)).map(drop)
    }

    pub(super) fn stop(&self) {
        let heard_by = self.stop.heard_by.lock().unwrap_or_else(PoisonError::into_inner);
        self.stop.is_set.store(true, Ordering::Release);
        heard_by.iter().for_each(|hear| hear());
    }
}

impl fmt::Debug for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hand").field("grip", &self.grip).field("is_stopped", &self.is_stopped()).finish_non_exhaustive()
    }
}
