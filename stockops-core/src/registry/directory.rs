//! `DirectoryRegistry`: versions as folders on disk, safe against crashes and other processes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::id::number_of;
use super::manifest::Manifest;
use super::version::{Artifact, BUNDLE, Version, VersionNote, distinct};
use super::{ModelRegistry, TrainingLock, VersionId};
use crate::error::{Error, Result};
use crate::files::{TEMPORARY, create_folder, sync_folder, write_atomically, write_synced};
use crate::market::Ticker;

/// How the folder of a version is named until it is whole.
const UNFINISHED: &str = ".new-";

/// A registry in a directory, shared by all processes that open it.
///
/// ```text
/// <home>/registry/GOOG/manifest.json            versions, champion, challenger
/// <home>/registry/GOOG/1/bundle.safetensors     and artifacts beside it
/// <home>/registry/GOOG/manifest.lock            held for a moment by who changes the manifest
/// <home>/registry/GOOG/training.lock            held by who trains
/// ```
///
/// A version's folder is written under another name, reaches the disk and is renamed; then the manifest is replaced
/// the same way. A crash in between leaves a folder that the manifest does not name: it is ignored, and its number
/// is skipped. Reading takes no lock and writes nothing.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_core::registry::{DirectoryRegistry, ModelRegistry, VersionNote};
///
/// let home = tempfile::tempdir().unwrap();
/// let registry = DirectoryRegistry::open(home.path())?;
/// let goog = Ticker::new("GOOG")?;
/// let note = VersionNote::new("freeze", "2024-05-01".parse().unwrap());
/// let version = registry.put(&goog, b"weights", note, &[])?;
/// assert_eq!(registry.get(&goog, version.version)?, b"weights");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRegistry {
    root: PathBuf,
}

impl DirectoryRegistry {
    /// The registry under `home`, which need not exist: the first `put` makes it.
    ///
    /// [`Error::Storage`] when `home` is there and no folder.
    pub fn open(home: impl AsRef<Path>) -> Result<Self> {
        let home = home.as_ref();
        match fs::metadata(home) {
            Ok(found) if !found.is_dir() => Err(Error::storage("open", home)(ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::storage("open", home)(error)),
            _ => Ok(Self { root: home.join("registry") }),
        }
    }

    /// The folder of a version, for showing where its files are; it need not exist.
    pub fn folder(&self, id: &VersionId) -> PathBuf {
        self.shelf(&id.ticker).join(id.version.to_string())
    }

    /// The folder of a ticker.
    fn shelf(&self, ticker: &Ticker) -> PathBuf {
        self.root.join(ticker.as_str())
    }

    fn read(&self, ticker: &Ticker) -> Result<Manifest> {
        let path = self.shelf(ticker).join("manifest.json");
        match fs::read(&path) {
            Ok(json) => Manifest::from_json(ticker, &path, &json),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Manifest::new(ticker.clone())),
            Err(error) => Err(Error::storage("read", &path)(error)),
        }
    }

    fn write(&self, ticker: &Ticker, manifest: &Manifest) -> Result<()> {
        write_atomically(&self.shelf(ticker).join("manifest.json"), &manifest.to_json())
    }

    /// Change the manifest while no other process does; where `edit` fails nothing is written.
    fn change(&self, ticker: &Ticker, edit: impl Fn(&mut Manifest) -> Result<Version>) -> Result<Version> {
        // First on a copy: a call that must fail makes neither folder nor lock file.
        edit(&mut self.read(ticker)?)?;
        let _lock = self.lock(ticker)?;
        let mut manifest = self.read(ticker)?;
        let version = edit(&mut manifest)?;
        self.write(ticker, &manifest)?;
        Ok(version)
    }

    /// Wait until no other process changes the manifest of `ticker`.
    fn lock(&self, ticker: &Ticker) -> Result<File> {
        let (file, path) = self.lock_file(ticker, "manifest.lock")?;
        file.lock().map_err(Error::storage("lock", &path))?;
        Ok(file)
    }

    /// Open a lock file. It is never removed: two processes must lock one file, not one name.
    fn lock_file(&self, ticker: &Ticker, name: &str) -> Result<(File, PathBuf)> {
        let shelf = self.shelf(ticker);
        create_folder(&shelf)?;
        let path = shelf.join(name);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        Ok((file.map_err(Error::storage("open", &path))?, path))
    }

    /// The stored version `id`; its files are `read` relative to its folder.
    fn content(&self, id: &VersionId, name: &str) -> Result<Vec<u8>> {
        let path = self.folder(id).join(name);
        fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => damaged(id, format!("its file {} is missing", path.display())),
            _ => Error::storage("read", &path)(error),
        })
    }
}

impl ModelRegistry for DirectoryRegistry {
    fn put(&self, ticker: &Ticker, bundle: &[u8], note: VersionNote, artifacts: &[Artifact]) -> Result<Version> {
        distinct(artifacts)?;
        let _lock = self.lock(ticker)?;
        let mut manifest = self.read(ticker)?;
        let shelf = self.shelf(ticker);
        sweep(&shelf);
        let number = free_number(&shelf, manifest.next())?;
        let version = manifest.add(Version::record(number, bundle, note, artifacts));
        write_version(&shelf, number, bundle, artifacts)?;
        self.write(ticker, &manifest)?;
        Ok(version)
    }

    fn get(&self, ticker: &Ticker, version: u32) -> Result<Vec<u8>> {
        let id = VersionId { ticker: ticker.clone(), version };
        let record = self.read(ticker)?.find(version)?.clone();
        let bytes = self.content(&id, BUNDLE)?;
        match record.damage(&bytes) {
            Some(problem) => Err(damaged(&id, problem)),
            None => Ok(bytes),
        }
    }

    fn artifact(&self, ticker: &Ticker, version: u32, name: &str) -> Result<Vec<u8>> {
        let id = VersionId { ticker: ticker.clone(), version };
        self.read(ticker)?.find(version)?.has_artifact(&id, name)?;
        self.content(&id, name)
    }

    fn versions(&self, ticker: &Ticker) -> Result<Vec<Version>> {
        Ok(self.read(ticker)?.versions().to_vec())
    }

    fn tickers(&self) -> Result<Vec<Ticker>> {
        let has_versions = |name: &String| self.root.join(name).join("manifest.json").exists();
        let names = names_in(&self.root)?.into_iter().filter(has_versions);
        let mut tickers: Vec<Ticker> = names.filter_map(|name| Ticker::new(&name).ok()).collect();
        tickers.sort();
        Ok(tickers)
    }

    fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        self.change(ticker, |manifest| manifest.promote(version))
    }

    fn rollback(&self, ticker: &Ticker) -> Result<Version> {
        self.change(ticker, Manifest::rollback)
    }

    fn training_lock(&self, ticker: &Ticker) -> Result<TrainingLock> {
        let (file, path) = self.lock_file(ticker, "training.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(TrainingLock::holding(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { what: format!("training of {ticker}"), path }),
            Err(TryLockError::Error(error)) => Err(Error::storage("lock", &path)(error)),
        }
    }
}

/// Write the files of a version under another name, then give the whole folder its number.
fn write_version(shelf: &Path, number: u32, bundle: &[u8], artifacts: &[Artifact]) -> Result<()> {
    let (unfinished, finished) = (shelf.join(format!("{UNFINISHED}{number}")), shelf.join(number.to_string()));
    create_folder(&unfinished)?;
    write_synced(&unfinished.join(BUNDLE), bundle)?;
    for artifact in artifacts {
        write_synced(&unfinished.join(artifact.name()), artifact.bytes())?;
    }
    sync_folder(&unfinished)?;
    fs::rename(&unfinished, &finished).map_err(Error::storage("write", &finished))?;
    sync_folder(shelf)
}

/// Remove what dead processes left unfinished; who holds the lock is the only one who writes here. What cannot be
/// removed does no harm but take room.
fn sweep(shelf: &Path) {
    for name in names_in(shelf).unwrap_or_default() {
        if name.starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(shelf.join(name));
        } else if name.starts_with(TEMPORARY) {
            let _ = fs::remove_file(shelf.join(name));
        }
    }
}

/// The first number from `next` on that is above every folder: an orphan may have been read, so it stays as it is.
fn free_number(shelf: &Path, next: u32) -> Result<u32> {
    let taken = names_in(shelf)?.iter().filter_map(|name| number_of(name)).max().unwrap_or(0);
    let above = taken.checked_add(1);
    above.map(|above| above.max(next)).ok_or_else(|| Error::file(shelf, format!("no version can follow {taken}")))
}

/// Names in `folder`, in no order; none where there is no such folder.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::storage("read", folder))?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<std::io::Result<_>>().map_err(Error::storage("read", folder))
}

fn damaged(id: &VersionId, problem: String) -> Error {
    Error::Bundle { name: id.to_string(), problem }
}

#[cfg(test)]
mod tests;
