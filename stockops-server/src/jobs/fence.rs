//! `Fenced`: a registry that takes writes of a job only while the job is held, and one version of each job.

use std::sync::Arc;
use std::time::{Duration, Instant};

use stockops_core::registry::{Artifact, Manifest, ModelRegistry, TrainingLock, Version, VersionId, VersionNote};
use stockops_core::{Error, Result, Stockops, Ticker};

use crate::queue::{Hand, Queue, QueueError, State};

/// The registry of a service as the job of `hand` may use it.
///
/// Before each write the queue is asked whether the job is still held. A worker that is stopped between the question and the
/// write is met by the registry itself, which keeps one version of a [job](VersionNote::job); the queue is asked once more
/// afterwards, so that of two who leave that version one finishes its run.
#[derive(Debug)]
pub(super) struct Fenced {
    pub(super) stockops: Stockops,
    pub(super) queue: Arc<dyn Queue>,
    pub(super) hand: Hand,
    /// How long an answer of the queue is waited for while it is away.
    pub(super) patience: Duration,
}

impl Fenced {
    fn inner(&self) -> &dyn ModelRegistry {
        self.stockops.registry()
    }

    /// [`Error::Cancelled`] where the job is another's, or is to stop.
    fn check(&self) -> Result<()> {
        self.check_held()?;
        if self.hand.is_stopped() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// [`Error::Cancelled`] where the job is another's.
    fn check_held(&self) -> Result<()> {
        let deadline = Instant::now() + self.patience;
        loop {
            match self.hand.check_held() {
                Ok(()) => return Ok(()),
                Err(QueueError::Store { .. }) if Instant::now() < deadline && !self.hand.is_stopped() => {
                    std::thread::sleep(Duration::from_millis(250));
                }
                // Who cannot know whether it is still his writes nothing.
                Err(_) => return Err(Error::Cancelled),
            }
        }
    }

    /// Whether who trains as the work of `job` was given up: it is this job, which another worker had before, or one that no
    /// worker holds any more. A job that this queue does not know may be one of another queue.
    fn is_given_up(&self, job: &str) -> bool {
        let task = || self.hand.runtime().block_on(self.queue.task(job)).ok().flatten();
        *job == self.hand.grip().id || task().is_some_and(|task| task.state != State::Running)
    }
}

impl ModelRegistry for Fenced {
    fn put_over(
        &self,
        ticker: &Ticker,
        bundle: &[u8],
        note: VersionNote,
        artifacts: &[Artifact],
        champion: Option<u32>,
    ) -> Result<Version> {
        self.check()?;
        let note = VersionNote { job: Some(self.hand.grip().id.clone()), ..note };
        let version = self.inner().put_over(ticker, bundle, note, artifacts, champion)?;
        // What is kept stays, whoever wants the job to stop; but a job that is held by another worker by now does not
        // finish a run with that version.
        self.check_held()?;
        Ok(version)
    }

    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>> {
        self.inner().get(ticker, version)
    }

    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>> {
        self.inner().artifact(ticker, version, name)
    }

    fn manifest(&self, ticker: &Ticker) -> Result<Manifest> {
        self.inner().manifest(ticker)
    }

    fn tickers(&self) -> Result<Vec<Ticker>> {
        self.inner().tickers()
    }

    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        self.check()?;
        self.inner().promote(ticker, version)
    }

    fn rollback_from(&self, ticker: &Ticker, champion: u32) -> Result<Version> {
        self.check()?;
        self.inner().rollback_from(ticker, champion)
    }

    fn parent(&self) -> Result<Option<VersionId>> {
        self.inner().parent()
    }

    fn set_parent(&self, id: &VersionId) -> Result<()> {
        self.check()?;
        self.inner().set_parent(id)
    }

    fn remove(&self, ticker: &Ticker, versions: &[u32]) -> Result<Vec<Version>> {
        self.check()?;
        self.inner().remove(ticker, versions)
    }

    fn training_lock_over(
        &self,
        ticker: &Ticker,
        _job: Option<&str>,
        _is_given_up: &dyn Fn(&str) -> bool,
    ) -> Result<TrainingLock> {
        let job = &self.hand.grip().id;
        self.inner().training_lock_over(ticker, Some(job), &|holder| self.is_given_up(holder))
    }
}
