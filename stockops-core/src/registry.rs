//! Where trained bundles live: numbered versions of each ticker, one of them its champion, one of all the parent.
//!
//! [`ModelRegistry`] is the door. [`Registry`] keeps its promises on any [`Storage`](crate::storage::Storage):
//! [`DirectoryRegistry`] on disk, [`MemoryRegistry`] in memory. With the feature `testing` every other implementation can
//! run `conformance` from its own tests.

#[cfg(any(test, feature = "testing"))]
mod conformance;
mod id;
mod manifest;
mod stored;
mod version;

use std::fmt::Debug;

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use id::VersionId;
pub use manifest::Manifest;
pub use stored::{DirectoryRegistry, MemoryRegistry, Registry};
pub use version::{Alias, Artifact, Version, VersionNote};

use crate::error::Result;
use crate::market::Ticker;

/// The right to train one ticker, given back when it is dropped or its process ends.
///
/// # Example
///
/// ```
/// use stockops_core::registry::{MemoryRegistry, ModelRegistry};
/// use stockops_core::{Error, Ticker};
///
/// let registry = MemoryRegistry::new();
/// let goog = Ticker::new("GOOG")?;
/// let lock = registry.training_lock(&goog)?;
/// assert!(matches!(registry.training_lock(&goog), Err(Error::Busy { .. })));
/// drop(lock);
/// assert!(registry.training_lock(&goog).is_ok());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type TrainingLock = crate::storage::Lock;

/// Numbered bundles of each ticker, and which of them forecasts.
///
/// Versions count from 1, and a number is never given twice. The first version of a ticker becomes its
/// [champion](Alias::Champion); each later one its [challenger](Alias::Challenger) until it is promoted. Which version is
/// the parent that children come from is said apart from that, by [`set_parent`](Self::set_parent). Every
/// method may be called from several threads and processes at once: nothing is lost, and a reader sees a change
/// whole or not at all.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_core::registry::{MemoryRegistry, ModelRegistry, VersionNote};
///
/// let registry = MemoryRegistry::new();
/// let goog = Ticker::new("GOOG")?;
/// let note = VersionNote::new("freeze", "2024-05-01".parse().unwrap());
/// registry.put(&goog, b"weights", note.clone(), &[])?;
/// registry.put(&goog, b"better weights", note, &[])?;
///
/// registry.promote(&goog, 2)?;
/// assert_eq!(registry.champion(&goog)?.unwrap().version, 2);
/// assert_eq!(registry.rollback(&goog)?.version, 1);
/// assert_eq!(registry.get(&goog, 2)?, b"better weights");
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait ModelRegistry: Debug + Send + Sync {
    /// Keep `bundle` and `artifacts` as the next version of `ticker`, and where `champion` says a version that is still
    /// the champion, promote the new one in the same step: nobody sees the one without the other.
    ///
    /// Where another version has become champion in the meantime the new one is kept as challenger. Where a version of the same
    /// [job](VersionNote::job) is there already it is returned, and nothing is kept: a job that is done twice, since its first
    /// worker was given up, leaves one version.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put).
    fn put_over(
        &self,
        ticker: &Ticker,
        bundle: &[u8],
        note: VersionNote,
        artifacts: &[Artifact],
        champion: Option<u32>,
    ) -> Result<Version>;

    /// Keep `bundle` and `artifacts` as the next version of `ticker`.
    ///
    /// # Errors
    ///
    /// - [`Error::Config`](crate::Error::Config) when two artifacts have one name.
    /// - [`Error::Storage`](crate::Error::Storage) when the disk refuses; then there is no new version.
    fn put(&self, ticker: &Ticker, bundle: &[u8], note: VersionNote, artifacts: &[Artifact]) -> Result<Version> {
        self.put_over(ticker, bundle, note, artifacts, None)
    }

    /// The bytes of a bundle, equal to those that were put.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) for an unknown version; it names those that exist.
    /// - [`Error::Bundle`](crate::Error::Bundle) when length or sha256 differ from those at `put`.
    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>>;

    /// The bytes of one artifact of a version; [`Error::NotFound`](crate::Error::NotFound) names those that exist.
    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>>;

    /// What is known about the versions of a ticker; an empty manifest for a ticker without one.
    fn manifest(&self, ticker: &Ticker) -> Result<Manifest>;

    /// All versions of a ticker, oldest first; empty for a ticker without one.
    fn versions(&self, ticker: &Ticker) -> Result<Vec<Version>> {
        Ok(self.manifest(ticker)?.versions().to_vec())
    }

    /// Every ticker that has a version, in order of name.
    fn tickers(&self) -> Result<Vec<Ticker>>;

    /// The version that forecasts; `None` for a ticker without a version.
    fn champion(&self, ticker: &Ticker) -> Result<Option<Version>> {
        Ok(self.manifest(ticker)?.champion().cloned())
    }

    /// Make `version` the champion. It is no longer challenger; the champion before it can come back by
    /// [`rollback`](Self::rollback). Promoting the champion changes nothing.
    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version>;

    /// Where `champion` is still the champion, make the one before it champion again. The version that is champion then
    /// is returned: to ask twice rolls back once.
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) where `champion` is it and there was none before.
    fn rollback_from(&self, ticker: &Ticker, champion: u32) -> Result<Version>;

    /// Make the champion before the current one champion again, and return it.
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when there was none before.
    fn rollback(&self, ticker: &Ticker) -> Result<Version> {
        let manifest = self.manifest(ticker)?;
        let champion = manifest.champion().ok_or_else(|| manifest.nothing_before())?.version;
        self.rollback_from(ticker, champion)
    }

    /// The version that was made the parent last, and that children come from; `None` where none was. Version 0 is the
    /// one that ships with the crate.
    fn parent(&self) -> Result<Option<VersionId>>;

    /// Make a version the parent that children come from; version 0 for the one that ships with the crate.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) for an unknown version.
    /// - [`Error::Config`](crate::Error::Config) for one that was not trained as a parent.
    fn set_parent(&self, id: &VersionId) -> Result<()>;

    /// Remove `versions` of `ticker` for good, but those that have a name: champion, the one before it, challenger and parent
    /// stay, whoever names them at the same time. Those that are gone are returned, oldest first; unknown ones are passed over.
    ///
    /// What an earlier call was stopped at is finished, so it is worth a call without versions.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::Error::Busy) where someone else removes versions of the ticker; those of the storage.
    fn remove(&self, ticker: &Ticker, versions: &[u32]) -> Result<Vec<Version>>;

    /// Take the right to train `ticker`, until the returned lock is dropped or the process ends.
    ///
    /// [`Error::Busy`](crate::Error::Busy) at once when someone else has it.
    fn training_lock(&self, ticker: &Ticker) -> Result<TrainingLock> {
        self.training_lock_over(ticker, None, &|_| false)
    }

    /// Take the right to train `ticker` as the work of `job`, also where one has it who is given up: where someone else has it
    /// as the work of a job, `is_given_up` is asked about that job.
    ///
    /// Who is given up may hold the right for as long as its process is stopped, and may go on beside this one; of one
    /// [job](VersionNote::job) one version is kept all the same.
    ///
    /// [`Error::Busy`](crate::Error::Busy) at once when someone else has it who is not given up, or who has it as the work of
    /// no job.
    fn training_lock_over(
        &self,
        ticker: &Ticker,
        job: Option<&str>,
        is_given_up: &dyn Fn(&str) -> bool,
    ) -> Result<TrainingLock>;
}
