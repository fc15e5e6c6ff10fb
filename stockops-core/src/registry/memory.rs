//! `MemoryRegistry`: the twin for tests and for programs that keep nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::manifest::Manifest;
use super::version::{Artifact, Version, VersionNote, distinct};
use super::{ModelRegistry, TrainingLock, VersionId};
use crate::error::{Error, Result};
use crate::market::Ticker;

/// A registry in memory, empty at first and gone with its last clone.
///
/// Clones share one content, as two opens of one directory do.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_core::registry::{MemoryRegistry, ModelRegistry};
///
/// let registry = MemoryRegistry::new();
/// assert!(registry.champion(&Ticker::new("GOOG")?)?.is_none());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryRegistry {
    shelves: Arc<Mutex<BTreeMap<Ticker, Shelf>>>,
    training: Arc<Mutex<BTreeSet<Ticker>>>,
}

/// What is kept of one ticker.
#[derive(Debug)]
struct Shelf {
    manifest: Manifest,
    content: BTreeMap<u32, (Vec<u8>, Vec<Artifact>)>,
}

impl MemoryRegistry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Look at the shelf of `ticker`, or at an empty one.
    fn with<T>(&self, ticker: &Ticker, look: impl FnOnce(&mut Shelf) -> Result<T>) -> Result<T> {
        match locked(&self.shelves).get_mut(ticker) {
            Some(shelf) => look(shelf),
            None => look(&mut Shelf::empty(ticker)),
        }
    }
}

impl Shelf {
    fn empty(ticker: &Ticker) -> Self {
        Self { manifest: Manifest::new(ticker.clone()), content: BTreeMap::new() }
    }
}

impl ModelRegistry for MemoryRegistry {
    fn put(&self, ticker: &Ticker, bundle: &[u8], note: VersionNote, artifacts: &[Artifact]) -> Result<Version> {
        distinct(artifacts)?;
        let mut shelves = locked(&self.shelves);
        let shelf = shelves.entry(ticker.clone()).or_insert_with(|| Shelf::empty(ticker));
        let number = shelf.manifest.next();
        shelf.content.insert(number, (bundle.to_vec(), artifacts.to_vec()));
        Ok(shelf.manifest.add(Version::record(number, bundle, note, artifacts)))
    }

    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>> {
        self.with(ticker, |shelf| {
            shelf.manifest.find(version)?;
            Ok(shelf.content[&version].0.clone())
        })
    }

    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>> {
        self.with(ticker, |shelf| {
            let id = VersionId { ticker: ticker.clone(), version };
            shelf.manifest.find(version)?.has_artifact(&id, name)?;
            let artifacts = shelf.content[&version].1.iter();
            Ok(artifacts.filter(|artifact| artifact.name() == name).flat_map(Artifact::bytes).copied().collect())
        })
    }

    fn versions(&self, ticker: &Ticker) -> Result<Vec<Version>> {
        self.with(ticker, |shelf| Ok(shelf.manifest.versions().to_vec()))
    }

    fn tickers(&self) -> Result<Vec<Ticker>> {
        Ok(locked(&self.shelves).keys().cloned().collect())
    }

    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        self.with(ticker, |shelf| shelf.manifest.promote(version))
    }

    fn rollback(&self, ticker: &Ticker) -> Result<Version> {
        self.with(ticker, |shelf| shelf.manifest.rollback())
    }

    fn training_lock(&self, ticker: &Ticker) -> Result<TrainingLock> {
        if !locked(&self.training).insert(ticker.clone()) {
            let path = PathBuf::from(format!("memory:{ticker}"));
            return Err(Error::Busy { what: format!("training of {ticker}"), path });
        }
        Ok(TrainingLock::holding(Training { all: Arc::clone(&self.training), ticker: ticker.clone() }))
    }
}

/// Removes its ticker from those in training when it is dropped.
struct Training {
    all: Arc<Mutex<BTreeSet<Ticker>>>,
    ticker: Ticker,
}

impl Drop for Training {
    fn drop(&mut self) {
        locked(&self.all).remove(&self.ticker);
    }
}

/// A thread that panicked left no change half done: every change is one call.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::conformance;

    #[test]
    fn memory_keeps_every_promise() {
        conformance(&MemoryRegistry::new());
    }

    #[test]
    fn clones_share_one_content() {
        let (registry, ticker) = (MemoryRegistry::new(), Ticker::new("GOOG").unwrap());
        let note = VersionNote::new("freeze", chrono::NaiveDate::default());
        let clone = registry.clone();
        registry.put(&ticker, b"one", note, &[]).unwrap();
        assert_eq!(clone.get(&ticker, 1).unwrap(), b"one");
    }
}
