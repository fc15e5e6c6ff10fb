//! `Workers`: they take tasks one at a time, do each off the async threads, and keep its lease.

mod hand;
mod shift;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use hand::Hand;

use super::{Lane, Queue, Task};

/// What does the work of tasks.
pub trait Doer: Send + Sync + 'static {
    /// Do the work of `task`; it is called on a thread that may block. Of one task it may be called more than once: after a
    /// failure, and after a worker was lost in the middle.
    ///
    /// # Errors
    ///
    /// A [`Failure`], which says whether to try again.
    fn work(&self, task: &Task, hand: &Hand) -> Result<Json, Failure>;

    /// A task has ended, after this process had it.
    fn ended(&self, _task: &Task) {}
}

/// Why work did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It failed.
    Failed {
        /// Why.
        error: String,
        /// Whether another try may do better.
        again: bool,
    },
    /// It cannot be done yet; the try does not count.
    Later(Duration),
    /// It stopped because it was [told to](Hand::is_stopped).
    Stopped,
}

/// Workers of one process. Dropped without [`drain`](Self::drain) they stop at once, and what they held comes back when its
/// lease ends.
pub struct Workers {
    queue: Arc<dyn Queue>,
    bell: Arc<Notify>,
    closing: CancellationToken,
    stopping: CancellationToken,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Workers {
    /// Start `count` workers on the runtime that this is called in, and one that purges. Where there are several, one of them
    /// takes nothing of the last lane, so that somebody who waits does not wait for the nightly work.
    pub fn start(queue: Arc<dyn Queue>, doer: Arc<dyn Doer>, count: usize) -> Self {
        let (bell, closing, stopping) = (Arc::new(Notify::new()), CancellationToken::new(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let lanes = if number == 0 && count > 1 { &Lane::ALL[..1] } else { &Lane::ALL[..] };
            let shift = shift::Shift {
                queue: Arc::clone(&queue),
                doer: Arc::clone(&doer),
                worker: worker_name(number),
                lanes,
                bell: Arc::clone(&bell),
                closing: closing.clone(),
                stopping: stopping.clone(),
            };
            tasks.spawn(shift.work());
        }
        tasks.spawn(purging(Arc::clone(&queue), closing.clone()));
        Self { queue, bell, closing, stopping, tasks: tokio::sync::Mutex::new(tasks) }
    }

    /// Tell them that something was pushed; without it they look within a quarter of a second.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// The queue that they take from.
    pub fn queue(&self) -> &Arc<dyn Queue> {
        &self.queue
    }

    /// Take nothing more, wait for `patience`, then hand back what is not done. It returns when all of it is handed back, and
    /// work that does not stop when it is told to is left to the end of its lease after as long again.
    pub async fn drain(&self, patience: Duration) {
        self.closing.cancel();
        let mut tasks = self.tasks.lock().await;
        let all_done = async |tasks: &mut JoinSet<()>| while tasks.join_next().await.is_some() {};
        if tokio::time::timeout(patience, all_done(&mut tasks)).await.is_ok() {
            return;
        }
        self.stopping.cancel();
        if tokio::time::timeout(patience, all_done(&mut tasks)).await.is_err() {
            tasks.abort_all();
        }
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.closing.cancel();
        self.stopping.cancel();
    }
}

/// A name that no other worker has: it is for people, and nothing depends on it.
fn worker_name(number: usize) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}:{number}", host.trim(), std::process::id())
}

/// Remove what ended long ago, now and then.
async fn purging(queue: Arc<dyn Queue>, closing: CancellationToken) {
    let period = queue.config().lease.max(Duration::from_secs(1));
    while closing.run_until_cancelled(tokio::time::sleep(period)).await.is_some() {
        if let Err(error) = queue.purge().await {
            tracing::warn!(%error, "the queue could not be purged");
        }
    }
}

#[cfg(test)]
mod tests;
