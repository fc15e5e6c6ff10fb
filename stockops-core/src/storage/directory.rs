//! `DirectoryStorage`: objects as files below one folder, safe against crashes and other processes.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Key, Lock, Storage};
use crate::error::{Error, Result};
use crate::files::{TEMPORARY, create_atomically, create_folder, names_in, write_atomically};

/// Age from which on a temporary file that nobody has locked is the remains of a process that died.
const UNLOCKED: Duration = Duration::from_secs(60);
/// The same for any temporary file, on disks that know no locks. A writer that was merely stopped for so long fails when it goes
/// on, and has changed nothing.
const DEAD: Duration = Duration::from_secs(3600);

/// Most folders that are remembered as swept; sweeping one again does no harm.
const REMEMBERED: usize = 10_000;

/// Objects as files, shared by all processes that open the same folder.
///
/// The key `registry/GOOG/1/bundle.safetensors` is the file of that path. An object is written to a temporary file beside
/// it, reaches the disk, and takes its name in one step; then the folder reaches the disk too: two syncs for an object.
/// Temporary files that dead processes left are removed a minute later by the next process that writes in that folder. Reading
/// takes no lock and writes nothing.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{DirectoryStorage, Key, Storage};
///
/// let home = tempfile::tempdir().unwrap();
/// let storage = DirectoryStorage::open(home.path())?;
/// storage.put(&Key::new("runs/7.json")?, b"{}")?;
/// assert_eq!(std::fs::read(home.path().join("runs/7.json")).unwrap(), b"{}");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DirectoryStorage {
    root: PathBuf,
    swept: Arc<Mutex<HashSet<PathBuf>>>,
}

impl DirectoryStorage {
    /// The storage in the folder `root`, which need not exist: the first object makes it.
    ///
    /// [`Error::Storage`] when `root` is there and no folder.
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        match fs::metadata(root) {
            Ok(found) if !found.is_dir() => Err(Error::storage("open", root)(ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::storage("open", root)(error)),
            _ => Ok(Self::at(root)),
        }
    }

    /// [`open`](Self::open) without a look: where `root` is no folder, the first read or write says so.
    pub fn at(root: impl AsRef<Path>) -> Self {
        Self { root: root.as_ref().to_path_buf(), swept: Arc::default() }
    }

    /// The folder that all is in; it need not exist.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of an object or a folder; it need not exist.
    pub fn path(&self, key: &Key) -> PathBuf {
        key.parts().fold(self.root.clone(), |path, part| path.join(part))
    }

    /// The path of an object that is about to be written: its folder exists and is swept.
    fn ready(&self, key: &Key) -> Result<PathBuf> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.root);
        create_folder(folder)?;
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if !swept.contains(folder) {
            sweep(folder);
            if swept.len() >= REMEMBERED {
                swept.clear();
            }
            swept.insert(folder.to_path_buf());
        }
        Ok(path)
    }
}

impl Storage for DirectoryStorage {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let path = self.path(key);
        found(&path, fs::read(&path))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        let path = self.path(key);
        found(&path, fs::metadata(&path).map(|file| file.len()))
    }

    fn part(&self, key: &Key, places: Range<u64>) -> Result<Option<Vec<u8>>> {
        let path = self.path(key);
        found(&path, File::open(&path).and_then(|file| read_part(file, places)))
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        let mut names = names_in(&self.path(folder))?;
        names.retain(|name| Key::is_part(name));
        names.sort_unstable();
        Ok(names)
    }

    fn walk(&self, folder: &Key) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        let mut visit = |path: &Path| {
            let parts = path.strip_prefix(&self.root).ok().and_then(Path::to_str).map(|word| word.replace('\\', "/"));
            keys.extend(parts.and_then(|word| Key::new(&word).ok()));
        };
        files_below(&self.path(folder), &mut visit)?;
        keys.sort_unstable();
        Ok(keys)
    }

    fn sweep(&self, age: Duration, dry_run: bool) -> Result<Vec<(PathBuf, u64)>> {
        let mut remains = Vec::new();
        files_below(&self.root, &mut |path| {
            let is_temporary =
                path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(TEMPORARY));
            if is_temporary && age_of(path) > age && is_dead(path) {
                remains.push((path.to_path_buf(), fs::metadata(path).map_or(0, |file| file.len())));
            }
        })?;
        if !dry_run {
            remains.retain(|(path, _)| fs::remove_file(path).is_ok());
        }
        remains.sort_unstable();
        Ok(remains)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        write_atomically(&self.ready(key)?, bytes)
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        create_atomically(&self.ready(key)?, bytes)
    }

    fn remove(&self, key: &Key) -> Result<()> {
        let path = self.path(key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::storage("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    fn lock(&self, key: &Key) -> Result<Option<Lock>> {
        let path = self.path(key);
        create_folder(path.parent().unwrap_or(&self.root))?;
        // The file is never removed: two processes must lock one file, not one name.
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(Error::storage("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock::holding(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::storage("lock", &path)(error)),
        }
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.path(key)
    }
}

/// What was read of `path`; `None` where it is not there.
fn found<T>(path: &Path, read: std::io::Result<T>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::storage("read", path)(error)),
    }
}

fn read_part(mut file: File, places: Range<u64>) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(places.start))?;
    let mut bytes = Vec::new();
    file.take(places.end.saturating_sub(places.start)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Remove the temporary files that dead processes left. What cannot be removed does no harm but take room.
fn sweep(folder: &Path) {
    for name in names_in(folder).unwrap_or_default().iter().filter(|name| name.starts_with(TEMPORARY)) {
        let path = folder.join(name);
        if is_dead(&path) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether a temporary file is the remains of a process that died.
fn is_dead(path: &Path) -> bool {
    let is_unlocked = || File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    let age = age_of(path);
    age > DEAD || (age > UNLOCKED && is_unlocked())
}

/// How long ago a file was written; no time where nothing tells.
fn age_of(path: &Path) -> Duration {
    let written = fs::metadata(path).and_then(|file| file.modified()).ok();
    written.and_then(|time| time.elapsed().ok()).unwrap_or_default()
}

/// Show `visit` each file below `folder`, hidden ones too; links are not followed, and folders that go meanwhile hold nothing.
fn files_below(folder: &Path, visit: &mut impl FnMut(&Path)) -> Result<()> {
    for name in names_in(folder)? {
        // What a file system keeps for itself in its root.
        if name == "lost+found" {
            continue;
        }
        let path = folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => files_below(&path, visit)?,
            Ok(found) if found.is_file() => visit(&path),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
