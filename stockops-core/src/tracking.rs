//! Runs: what went into each training, what happened in it, and what came out.
//!
//! [`Tracker`] is the door. [`Runs`] keeps runs as JSON lines in a [storage](crate::storage): [`DirectoryTracker`] under the home,
//! which is the default, and [`MemoryTracker`] in memory. With the feature `network` [`Mlflow`] speaks to a server of MLflow. A training
//! logs through a [`Recorder`], which can neither stop nor slow it, into the runs at home; [`sync`](fn@sync) sends from there what a
//! server has not yet, once. So a server may be away, slow or wrong, and nothing is lost. In the same way [`mirror`](fn@mirror) shows
//! versions and their names where the server has a registry ([`ModelServer`]).

mod id;
mod mirror;
#[cfg(feature = "network")]
mod mlflow;
mod models;
mod number;
mod recorder;
mod run;
mod stored;
mod sync;

#[cfg(any(test, feature = "testing"))]
mod conformance;

use std::fmt::Debug;

use chrono::{DateTime, Utc};

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use id::RunId;
pub use mirror::mirror;
#[cfg(feature = "network")]
pub use mlflow::{Login, Mlflow};
pub use models::{Mirrored, ModelServer, Refused, ShownVersion};
pub use number::Number;
#[cfg(feature = "learning")]
pub(crate) use recorder::PATIENCE;
pub use recorder::{HomeRuns, Recorder};
pub use run::{Batch, Point, Run, RunStatus};
pub use stored::{DirectoryTracker, MemoryTracker, Runs};
pub use sync::{Synced, Unsent, sync};

use crate::error::Result;

/// Where runs are kept.
///
/// Each call may be made again when its answer was lost, and changes nothing the second time: a run that is there is not begun
/// anew, a point that was logged stays one point.
///
/// # Example
///
/// ```
/// use stockops_core::tracking::{Batch, MemoryTracker, Run, RunId, RunStatus, Tracker};
///
/// let tracker = MemoryTracker::new();
/// let now = "2024-05-01T12:00:00Z".parse().unwrap();
/// let run = Run::begun(RunId::new(now), "GOOG freeze", now);
/// tracker.begin(&run)?;
/// tracker.log(&run.run_id, &Batch::default().param("seed", 42).point("train_loss", 0.5, 1, now))?;
/// tracker.end(&run.run_id, RunStatus::Finished, now)?;
/// let found = tracker.run(&run.run_id)?;
/// assert_eq!((found.params["seed"].as_str(), found.metrics["train_loss"].0), ("42", 0.5));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait Tracker: Debug + Send + Sync {
    /// Where it is, for messages: a folder or an address.
    fn place(&self) -> String;

    /// Begin a run, with the parameters and tags that it has already.
    fn begin(&self, run: &Run) -> Result<()>;

    /// Take what happened; [`Error::NotFound`](crate::Error::NotFound) for a run that never began.
    fn log(&self, id: &RunId, batch: &Batch) -> Result<()>;

    /// Keep a file with a run, in the place of one of that name; `name` is one part of a [`Key`](crate::storage::Key).
    fn keep(&self, id: &RunId, name: &str, bytes: &[u8]) -> Result<()>;

    /// End a run. One that has ended may be ended again.
    fn end(&self, id: &RunId, status: RunStatus, now: DateTime<Utc>) -> Result<()>;

    /// A run as it stands; [`Error::NotFound`](crate::Error::NotFound) where there is none.
    fn run(&self, id: &RunId) -> Result<Run>;

    /// All values of its metrics, in order of their steps, those of one step in order of time.
    fn points(&self, id: &RunId) -> Result<Vec<Point>>;

    /// A file of a run; [`Error::NotFound`](crate::Error::NotFound) where there is none.
    fn artifact(&self, id: &RunId, name: &str) -> Result<Vec<u8>>;

    /// The ids of all runs, the latest first.
    fn ids(&self) -> Result<Vec<RunId>>;

    /// End runs whose process ended in the middle, where that can be known; their ids.
    fn end_killed(&self, now: DateTime<Utc>) -> Result<Vec<RunId>>;

    /// Its registry of models, where it has one that may follow ours.
    fn models(&self) -> Option<&dyn ModelServer> {
        None
    }
}
