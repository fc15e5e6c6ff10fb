//! `Registry`: versions as objects in a storage, whichever it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::number_of;
use super::version::{Artifact, BUNDLE, Version, VersionNote, distinct};
use super::{Manifest, ModelRegistry, TrainingLock, VersionId};
use crate::error::{Error, Result, check};
use crate::market::Ticker;
use crate::storage::{DirectoryStorage, Key, Lock, MemoryStorage, Sequence, Storage};

/// A registry in a storage, shared by all who open it.
///
/// ```text
/// registry/GOOG/manifest/0000000007.json     versions, champion, challenger: a sequence
/// registry/GOOG/1/bundle.safetensors         and artifacts beside it
/// registry/GOOG/training.lock                held by who trains
/// registry/GOOG/training.job.lock            the job whose work that is, where it is one's
/// registry/GOOG/removal.lock                 held by who removes versions
/// registry/_parent/0000000002.json           which version is the parent: a sequence
/// ```
///
/// A version takes its number by creating its bundle, and is there once the manifest names it. A crash in between leaves
/// a folder that the manifest does not name: it is ignored, and its number is skipped. A shelf with the one
/// `manifest.json` of stockops 0.1 is read as it is; the first change begins the sequence, and marks that file, so that
/// a program which does not know the sequence refuses it.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use stockops_core::Ticker;
/// use stockops_core::registry::{ModelRegistry, Registry, VersionNote};
/// use stockops_core::storage::{MemoryStorage, Storage};
///
/// let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
/// let registry = Registry::on(storage);
/// let goog = Ticker::new("GOOG")?;
/// let note = VersionNote::new("freeze", "2024-05-01".parse().unwrap());
/// let version = registry.put(&goog, b"weights", note, &[])?;
/// assert_eq!(registry.get(&goog, version.version)?, b"weights");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry<S> {
    storage: S,
}

/// A registry in memory, empty at first and gone with its last clone; clones share one content.
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
pub type MemoryRegistry = Registry<MemoryStorage>;

/// A registry below `registry` in a directory, shared by all processes that open it; see [`Registry`] for its files.
///
/// # Example
///
/// ```
/// use stockops_core::registry::{DirectoryRegistry, ModelRegistry};
///
/// let home = tempfile::tempdir().unwrap();
/// let registry = DirectoryRegistry::open(home.path())?;
/// assert!(registry.tickers()?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type DirectoryRegistry = Registry<DirectoryStorage>;

/// Which version is the parent.
#[derive(Debug, Serialize, Deserialize)]
struct ParentAlias {
    ticker: Ticker,
    version: u32,
}

impl ParentAlias {
    fn id(self) -> VersionId {
        VersionId { ticker: self.ticker, version: self.version }
    }
}

impl MemoryRegistry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }
}

impl DirectoryRegistry {
    /// The registry under `home`, which need not exist: the first `put` makes it.
    ///
    /// [`Error::Storage`] when `home` is there and no folder.
    pub fn open(home: impl AsRef<Path>) -> Result<Self> {
        Ok(Self::on(DirectoryStorage::open(home)?))
    }

    /// The folder of a version, for showing where its files are; it need not exist.
    pub fn folder(&self, id: &VersionId) -> PathBuf {
        self.storage.root().join("registry").join(id.ticker.as_str()).join(id.version.to_string())
    }
}

impl<S: Storage> Registry<S> {
    /// The registry in `storage`, below the folder `registry`.
    pub fn on(storage: S) -> Self {
        Self { storage }
    }

    fn sequence(&self, shelf: &Key) -> Result<Sequence<'_, Manifest>> {
        Ok(Sequence::new(&self.storage, shelf.join("manifest")?))
    }

    /// The manifest of a shelf before its sequence begins: that of stockops 0.1, or a new one.
    fn before(&self, ticker: &Ticker, shelf: &Key) -> Result<Manifest> {
        let key = shelf.join("manifest.json")?;
        match self.storage.get(&key)? {
            Some(json) => Manifest::from_json(ticker, &self.storage.place(&key), &json),
            None => Ok(Manifest::new(ticker.clone())),
        }
    }

    /// Mark a `manifest.json` of stockops 0.1: what follows stands in the sequence.
    fn mark(&self, ticker: &Ticker, shelf: &Key) -> Result<()> {
        let key = shelf.join("manifest.json")?;
        match self.storage.get(&key)? {
            Some(json) => {
                let old = Manifest::from_json(ticker, &self.storage.place(&key), &json)?;
                self.storage.put(&key, &old.to_marked_json())
            }
            None => Ok(()),
        }
    }

    /// Change the manifest; where `edit` fails nothing is written.
    fn change<R>(&self, ticker: &Ticker, edit: impl Fn(&mut Manifest) -> Result<R>) -> Result<R> {
        let shelf = shelf(ticker)?;
        let sequence = self.sequence(&shelf)?;
        sequence.change(|value| {
            let is_first = value.is_none();
            let known = value.map(|manifest| manifest.checked(ticker, || sequence.place()));
            let mut manifest = known.unwrap_or_else(|| self.before(ticker, &shelf))?;
            let before = manifest.clone();
            let result = edit(&mut manifest)?;
            if is_first {
                self.mark(ticker, &shelf)?;
            }
            Ok(((manifest != before).then_some(manifest), result))
        })
    }

    /// Create the bundle under the first number from `next` on that is above every folder; an orphan may have been read,
    /// so it stays as it is.
    fn claim(&self, shelf: &Key, next: u32, bundle: &[u8]) -> Result<u32> {
        let names = self.storage.list(shelf)?;
        let taken = names.iter().filter_map(|name| number_of(name)).max().unwrap_or(0);
        let mut is_second = false;
        for number in next.max(taken.saturating_add(1))..u32::MAX {
            match self.storage.create(&bundle_key(shelf, number)?, bundle) {
                Ok(true) => return Ok(number),
                Ok(false) => {}
                // Whether it was written is not known: it is an orphan at worst.
                Err(error) if is_second => return Err(error),
                Err(_) => is_second = true,
            }
        }
        Err(Error::file(&self.storage.place(shelf), format!("no version can follow {taken}")))
    }

    /// A file of a version that the manifest names.
    fn content(&self, id: &VersionId, name: &str) -> Result<Vec<u8>> {
        let key = shelf(&id.ticker)?.join(id.version)?.join(name)?;
        if let Some(bytes) = self.storage.get(&key)? {
            return Ok(bytes);
        }
        // It may have been removed since it was looked for.
        self.manifest(&id.ticker)?.find(id.version)?;
        Err(damaged(id, format!("its file {} is missing", self.storage.place(&key).display())))
    }

    /// Remove the files of versions that the manifest does not name any more.
    fn sweep(&self, ticker: &Ticker) -> Result<()> {
        let gone = self.manifest(ticker)?.removed().to_vec();
        if gone.is_empty() {
            return Ok(());
        }
        for number in &gone {
            let folder = shelf(ticker)?.join(number)?;
            // The bundle last: as long as it is there its number is taken.
            let (bundle, others): (Vec<_>, Vec<_>) =
                self.storage.list(&folder)?.into_iter().partition(|name| name == BUNDLE);
            others.iter().chain(&bundle).try_for_each(|name| self.storage.remove(&folder.join(name)?))?;
        }
        self.change(ticker, |manifest| {
            manifest.forget(&gone);
            Ok(())
        })
    }

    /// Make `id` the parent, and say who was it before.
    fn name_parent(&self, id: &VersionId) -> Result<Option<VersionId>> {
        self.parents()?.change(|known| {
            let before = known.map(ParentAlias::id);
            let alias = ParentAlias { ticker: id.ticker.clone(), version: id.version };
            Ok(((before.as_ref() != Some(id)).then_some(alias), before))
        })
    }

    fn parents(&self) -> Result<Sequence<'_, ParentAlias>> {
        Ok(Sequence::new(&self.storage, Key::new("registry/_parent")?))
    }
}

impl<S: Storage> ModelRegistry for Registry<S> {
    fn put_over(
        &self,
        ticker: &Ticker,
        bundle: &[u8],
        note: VersionNote,
        artifacts: &[Artifact],
        champion: Option<u32>,
    ) -> Result<Version> {
        distinct(artifacts)?;
        let (shelf, manifest) = (shelf(ticker)?, self.manifest(ticker)?);
        if let Some(known) = manifest.of_job(note.job.as_deref()) {
            return Ok(known.clone());
        }
        let number = self.claim(&shelf, manifest.next(), bundle)?;
        for artifact in artifacts {
            self.storage.put(&shelf.join(number)?.join(artifact.name())?, artifact.bytes())?;
        }
        let aside = note.aside;
        let version = Version::record(number, bundle, note, artifacts);
        self.change(ticker, |manifest| {
            if let Some(known) = manifest.of_job(version.job.as_deref()) {
                return Ok(known.clone());
            }
            if aside {
                return Ok(manifest.set_aside(version.clone()));
            }
            let before = manifest.champion().map(|champion| champion.version);
            let added = manifest.add(version.clone());
            if champion.is_some() && champion == before { manifest.promote(number) } else { Ok(added) }
        })
    }

    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>> {
        let id = VersionId { ticker: ticker.clone(), version };
        let record = self.manifest(ticker)?.find(version)?.clone();
        let bytes = self.content(&id, BUNDLE)?;
        match record.damage(&bytes) {
            Some(problem) => Err(damaged(&id, problem)),
            None => Ok(bytes),
        }
    }

    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>> {
        let id = VersionId { ticker: ticker.clone(), version };
        self.manifest(ticker)?.find(version)?.has_artifact(&id, name)?;
        self.content(&id, name)
    }

    fn manifest(&self, ticker: &Ticker) -> Result<Manifest> {
        let shelf = shelf(ticker)?;
        let sequence = self.sequence(&shelf)?;
        match sequence.newest()? {
            Some(manifest) => manifest.checked(ticker, || sequence.place()),
            None => self.before(ticker, &shelf),
        }
    }

    fn tickers(&self) -> Result<Vec<Ticker>> {
        let mut tickers = Vec::new();
        for name in self.storage.list(&Key::new("registry")?)? {
            // Folders that are no shelf are named as no ticker is.
            let Some(ticker) = Ticker::new(&name).ok().filter(|ticker| ticker.as_str() == name) else { continue };
            let shelf = shelf(&ticker)?;
            let names = self.storage.list(&shelf)?;
            let has = |wanted: &str| names.iter().any(|name| name == wanted);
            if has("manifest.json") || has("manifest") && !self.storage.list(&shelf.join("manifest")?)?.is_empty() {
                tickers.push(ticker);
            }
        }
        Ok(tickers)
    }

    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        self.change(ticker, |manifest| manifest.promote(version))
    }

    fn rollback_from(&self, ticker: &Ticker, champion: u32) -> Result<Version> {
        self.change(ticker, |manifest| match manifest.champion() {
            Some(current) if current.version != champion => Ok(current.clone()),
            _ => manifest.rollback(),
        })
    }

    fn parent(&self) -> Result<Option<VersionId>> {
        Ok(self.parents()?.newest()?.map(ParentAlias::id))
    }

    fn set_parent(&self, id: &VersionId) -> Result<()> {
        let known =
            || if id.version == 0 { Ok(None) } else { self.manifest(&id.ticker)?.find(id.version).cloned().map(Some) };
        if let Some(version) = known()? {
            let rule = "a version that was trained as a parent";
            check(version.is_parent(), "parent", rule, format!("{id}, which is {}", version.strategy))?;
        }
        let before = self.name_parent(id)?;
        // Who removes it at the same time looks for its name afterwards, so one of the two sees the other.
        known().map(drop).inspect_err(|_| {
            let before = before.unwrap_or(VersionId { version: 0, ..id.clone() });
            let _ = self.name_parent(&before);
        })
    }

    fn remove(&self, ticker: &Ticker, versions: &[u32]) -> Result<Vec<Version>> {
        let is_parent = |version: u32| {
            Ok(self.parent()?.is_some_and(|parent| parent.version == version && parent.ticker == *ticker))
        };
        let manifest = self.manifest(ticker)?;
        if manifest.removed().is_empty() && versions.iter().all(|version| manifest.find(*version).is_err()) {
            return Ok(Vec::new());
        }
        let key = shelf(ticker)?.join("removal.lock")?;
        let busy = || Error::Busy { what: format!("removal of versions of {ticker}"), path: self.storage.place(&key) };
        let _lock = self.storage.lock(&key)?.ok_or_else(busy)?;
        let mut gone = self.change(ticker, |manifest| {
            let mut gone = Vec::new();
            for version in versions {
                gone.extend(if is_parent(*version)? { None } else { manifest.remove(*version) });
            }
            Ok(gone)
        })?;
        // It may have become the parent since it was looked at.
        for place in (0..gone.len()).rev() {
            if is_parent(gone[place].version)? {
                let version = gone.remove(place);
                self.change(ticker, |manifest| {
                    manifest.restore(version.clone());
                    Ok(())
                })?;
            }
        }
        self.sweep(ticker)?;
        gone.sort_by_key(|version| version.version);
        Ok(gone)
    }

    fn training_lock_over(
        &self,
        ticker: &Ticker,
        job: Option<&str>,
        is_given_up: &dyn Fn(&str) -> bool,
    ) -> Result<TrainingLock> {
        let shelf = shelf(ticker)?;
        let (key, holder) = (shelf.join("training.lock")?, shelf.join("training.job.lock")?);
        let lock = match self.storage.lock(&key)? {
            Some(lock) => lock,
            None => {
                let named = || self.storage.get(&holder);
                let before = named()?;
                let is_passed = before.as_deref().is_some_and(|job| is_given_up(&String::from_utf8_lossy(job)));
                if is_passed {
                    std::thread::sleep(NAMING);
                }
                // Whoever took the right just now has not written its name yet: the one that was read may be of the one before.
                if !is_passed || named()? != before {
                    return Err(Error::Busy { what: format!("training of {ticker}"), path: self.storage.place(&key) });
                }
                // The right itself stays with who was given up, and with this one goes the name.
                Lock::holding(())
            }
        };
        match job {
            Some(job) => self.storage.put(&holder, job.as_bytes())?,
            None => self.storage.remove(&holder)?,
        }
        Ok(lock)
    }
}

/// Within this time of taking the right to train a ticker a job has written its name beside it.
const NAMING: Duration = Duration::from_secs(1);

/// The folder of a ticker.
fn shelf(ticker: &Ticker) -> Result<Key> {
    Key::new(&format!("registry/{ticker}"))
}

fn bundle_key(shelf: &Key, number: u32) -> Result<Key> {
    shelf.join(number)?.join(BUNDLE)
}

fn damaged(id: &VersionId, problem: String) -> Error {
    Error::Bundle { name: id.to_string(), problem }
}

#[cfg(test)]
mod tests;
