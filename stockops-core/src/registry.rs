//! Where trained bundles live: numbered versions of each ticker, one of them its champion.
//!
//! [`ModelRegistry`] is the door, [`DirectoryRegistry`] keeps it on disk, [`MemoryRegistry`] in memory, and with the
//! feature `testing` every other implementation can run `conformance` from its own tests.

#[cfg(any(test, feature = "testing"))]
mod conformance;
mod directory;
mod id;
mod lock;
mod manifest;
mod memory;
mod version;

use std::fmt::Debug;

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use directory::DirectoryRegistry;
pub use id::VersionId;
pub use lock::TrainingLock;
pub use memory::MemoryRegistry;
pub use version::{Alias, Artifact, Version, VersionNote};

use crate::error::Result;
use crate::market::Ticker;

/// Numbered bundles of each ticker, and which of them forecasts.
///
/// Versions count from 1, and a number is never given twice. The first version of a ticker becomes its
/// [champion](Alias::Champion); each later one its [challenger](Alias::Challenger) until it is promoted. Every
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
    /// Keep `bundle` and `artifacts` as the next version of `ticker`.
    ///
    /// # Errors
    ///
    /// - [`Error::Config`](crate::Error::Config) when two artifacts have one name.
    /// - [`Error::Storage`](crate::Error::Storage) when the disk refuses; then there is no new version.
    fn put(&self, ticker: &Ticker, bundle: &[u8], note: VersionNote, artifacts: &[Artifact]) -> Result<Version>;

    /// The bytes of a bundle, equal to those that were put.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) for an unknown version; it names those that exist.
    /// - [`Error::Bundle`](crate::Error::Bundle) when length or sha256 differ from those at `put`.
    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>>;

    /// The bytes of one artifact of a version; [`Error::NotFound`](crate::Error::NotFound) names those that exist.
    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>>;

    /// All versions of a ticker, oldest first; empty for a ticker without one.
    fn versions(&self, ticker: &Ticker) -> Result<Vec<Version>>;

    /// Every ticker that has a version, in order of name.
    fn tickers(&self) -> Result<Vec<Ticker>>;

    /// The version that forecasts; `None` for a ticker without a version.
    fn champion(&self, ticker: &Ticker) -> Result<Option<Version>> {
        let versions = self.versions(ticker)?;
        Ok(versions.into_iter().find(|version| version.is(Alias::Champion)))
    }

    /// Make `version` the champion. It is no longer challenger; the champion before it can come back by
    /// [`rollback`](Self::rollback). Promoting the champion changes nothing.
    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version>;

    /// Make the champion before the current one champion again, and return it.
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) when there was none before.
    fn rollback(&self, ticker: &Ticker) -> Result<Version>;

    /// Take the right to train `ticker`, until the returned lock is dropped or the process ends.
    ///
    /// [`Error::Busy`](crate::Error::Busy) at once when someone else has it.
    fn training_lock(&self, ticker: &Ticker) -> Result<TrainingLock>;
}
