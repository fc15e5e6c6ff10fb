//! `Fenced`: a registry that takes writes of a job only while the job is held, and one version of each job.

use std::time::{Duration, Instant};

use stockops_core::registry::{Artifact, Manifest, ModelRegistry, TrainingLock, Version, VersionId, VersionNote};
use stockops_core::storage::Lock;
use stockops_core::{Error, Result, Stockops, Ticker};

use crate::queue::{Hand, QueueError};

/// The registry of a service as the job of `hand` may use it.
///
/// Before each write the queue is asked whether the job is still held. A worker that is stopped between the question and the
/// write is met by the registry itself, which keeps one version of a [job](VersionNote::job).
#[derive(Debug)]
pub(super) struct Fenced {
    pub(super) stockops: Stockops,
    pub(super) hand: Hand,
    /// Whether the job was taken over from a worker that was given up. That one may hold the right to train for as long as it
    /// is stopped, and must not hinder this one.
    pub(super) is_taken_over: bool,
    /// How long an answer of the queue is waited for while it is away.
    pub(super) patience: Duration,
}

impl Fenced {
    fn inner(&self) -> &dyn ModelRegistry {
        self.stockops.registry()
    }

    /// [`Error::Cancelled`] where the job is another's, or is to stop.
    fn check(&self) -> Result<()> {
        let deadline = Instant::now() + self.patience;
        loop {
            match self.hand.check_held() {
                _ if self.hand.is_stopped() => return Err(Error::Cancelled),
                Ok(()) => return Ok(()),
                Err(QueueError::Store { .. }) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(250));
                }
                // Who cannot know whether it is still his writes nothing.
                Err(_) => return Err(Error::Cancelled),
            }
        }
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
        self.inner().put_over(ticker, bundle, note, artifacts, champion)
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

    fn training_lock(&self, ticker: &Ticker) -> Result<TrainingLock> {
        match self.inner().training_lock(ticker) {
            Err(Error::Busy { .. }) if self.is_taken_over => Ok(Lock::holding(())),
            lock => lock,
        }
    }
}
