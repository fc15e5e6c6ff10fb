//! A queue of tasks that several processes share: pushed once per key, taken under a lease, ended once.
//!
//! [`Queue`] is the door. [`SqliteQueue`] keeps tasks in a file of one machine, `RedisQueue` (feature `redis`) in a server that
//! many machines share, and with the feature `testing` every other implementation can run `conformance` from its own tests.
//!
//! ```text
//!            push                 take                       end: done
//! caller ───────────► queued ───────────► running ─────────────────────► done
//!                      ▲   │                │ │ │   end: failed, no try left
//!                      │   │ cancel         │ │ └───────────────────────► failed
//!                      │   └──► cancelled ◄─┘ │ cancel, then end
//!                      └──────────────────────┘
//!                        release, a lease that ended, end: failed with tries left
//! ```

mod config;
#[cfg(any(test, feature = "testing"))]
mod conformance;
mod error;
mod follow;
#[cfg(feature = "redis")]
mod redis;
mod sqlite;
mod task;
mod workers;

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value as Json;

pub use config::QueueConfig;
#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use error::{QueueError, Result};
pub use follow::follow;
#[cfg(feature = "redis")]
pub use redis::RedisQueue;
pub use sqlite::SqliteQueue;
pub use task::{Depth, Entry, Grip, Lane, NewTask, Outcome, Pushed, STATE, Signal, State, TRACE, Task};
pub use workers::{Doer, Failure, Hand, Workers};

/// Tasks with a key, a lane and a lease.
///
/// Every method may be called from several threads and processes at once, and each is done whole or not at all: a process that
/// is killed in the middle leaves what was there before. Each change of state appends an [`Entry`] of the kind [`STATE`] in
/// the same step, so whoever [follows](follow()) the entries of a task sees its end.
///
/// # Errors
///
/// Every method gives [`QueueError::Store`] where the store cannot be used.
///
/// # Example
///
/// ```
/// use stockops_server::queue::{Lane, NewTask, Outcome, Queue, QueueConfig, SqliteQueue, State};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let folder = tempfile::tempdir().unwrap();
/// let queue = SqliteQueue::open(folder.path().join("jobs.sqlite"), QueueConfig::default()).await?;
/// let work = serde_json::json!({"sum": [1, 2]});
/// let first = queue.push(&NewTask::new("sum", "sum:1,2", work.clone())).await?;
/// let second = queue.push(&NewTask::new("sum", "sum:1,2", work)).await?;
/// assert!(first.is_new && !second.is_new && first.task.id == second.task.id);
///
/// let (grip, task) = queue.take("worker 1", &Lane::ALL).await?.unwrap();
/// assert_eq!(task.state, State::Running);
/// let ended = queue.end(&grip, &Outcome::Done(serde_json::json!(3))).await?;
/// assert_eq!(ended.result.unwrap(), 3);
/// # Ok::<(), stockops_server::queue::QueueError>(())
/// # }).unwrap();
/// ```
pub trait Queue: Debug + Send + Sync {
    /// Where it is, for messages: a path or an address without a password.
    fn place(&self) -> String;

    /// Its settings.
    fn config(&self) -> &QueueConfig;

    /// Add a task, unless one with its key is queued or running: then that one is returned. A task that has ended hinders
    /// no other.
    ///
    /// # Errors
    ///
    /// [`QueueError::Full`] where as many tasks are queued as may be.
    fn push<'a>(&'a self, task: &'a NewTask) -> BoxFuture<'a, Result<Pushed>>;

    /// Take the next task that is due: that of the first of `lanes` that has one, of these the one that is due the longest,
    /// of equals the one that was pushed first. It is `worker`'s until its lease ends; leases that have ended are looked for
    /// at first. `None` where nothing is due.
    fn take<'a>(&'a self, worker: &'a str, lanes: &'a [Lane]) -> BoxFuture<'a, Result<Option<(Grip, Task)>>>;

    /// Renew the lease, and hear whether to go on.
    ///
    /// # Errors
    ///
    /// [`QueueError::Lost`] where the task is not held by this grip any more.
    fn renew<'a>(&'a self, grip: &'a Grip) -> BoxFuture<'a, Result<Signal>>;

    /// Append an entry to the task's log; its number.
    ///
    /// # Errors
    ///
    /// [`QueueError::Lost`] where the task is not held by this grip any more.
    fn tell<'a>(&'a self, grip: &'a Grip, kind: &'a str, body: &'a Json) -> BoxFuture<'a, Result<u64>>;

    /// End the task, or queue it again where it failed and has tries left. The same grip may say so again, as when an answer
    /// was lost: the first time counts.
    ///
    /// # Errors
    ///
    /// [`QueueError::Lost`] where the task is not held by this grip any more.
    fn end<'a>(&'a self, grip: &'a Grip, outcome: &'a Outcome) -> BoxFuture<'a, Result<Task>>;

    /// Hand the task back, to be taken again `after` some time at the earliest; the try does not count.
    ///
    /// # Errors
    ///
    /// [`QueueError::Lost`] where the task is not held by this grip any more.
    fn release<'a>(&'a self, grip: &'a Grip, after: Duration) -> BoxFuture<'a, Result<Task>>;

    /// Cancel a task: a queued one at once, of a running one the holder is told when it renews. `None` where there is none.
    /// A task that has ended stays as it is.
    fn cancel<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>>;

    /// A task by its id; `None` where there is none.
    fn task<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>>;

    /// The task that was pushed last under an alias; `None` where there is none.
    fn newest<'a>(&'a self, alias: &'a str) -> BoxFuture<'a, Result<Option<Task>>>;

    /// At most `most` tasks, of one state or of all, the one that was pushed last first.
    fn tasks(&self, state: Option<State>, most: usize) -> BoxFuture<'_, Result<Vec<Task>>>;

    /// At most `most` entries of a task with a number above `after`, in their order. Old ones may be gone.
    fn entries<'a>(&'a self, id: &'a str, after: u64, most: usize) -> BoxFuture<'a, Result<Vec<Entry>>>;

    /// How much waits and runs.
    fn depth(&self) -> BoxFuture<'_, Result<Depth>>;

    /// Look for leases that have ended, and remove tasks that ended long enough ago; how many were removed.
    fn purge(&self) -> BoxFuture<'_, Result<u64>>;
}
