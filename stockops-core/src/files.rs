//! Writing files so that a reader sees the old content or the new, never half of it.

pub(crate) mod checksum;

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// How temporary files begin; a file of that name that nobody has locked is the remains of a process that died, and may be removed.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Replace the file at `path` by `bytes`, whole or not at all.
///
/// The bytes go to a temporary file in the same folder, reach the disk, and take the name in one step; then the
/// folder reaches the disk too. A crash at any point leaves the old file as it was. The folder must exist, and the
/// new file has the usual permissions (those that the umask leaves).
///
/// # Errors
///
/// [`Error::Storage`] with the cause as its source.
///
/// # Example
///
/// ```
/// use stockops_core::files::write_atomically;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("report.md");
/// write_atomically(&path, b"first")?;
/// write_atomically(&path, b"second")?;
/// assert_eq!(std::fs::read(&path).unwrap(), b"second");
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = written(path, bytes)?;
    file.persist(path).map_err(|error| Error::storage("write", path)(error.error))?;
    sync_folder(parent(path))
}

/// [`write_atomically`] where there is no file yet; `false` where there is one, which stays as it is.
pub(crate) fn create_atomically(path: &Path, bytes: &[u8]) -> Result<bool> {
    // Not what decides, but what saves writing in vain.
    if path.exists() {
        return Ok(false);
    }
    match written(path, bytes)?.persist_noclobber(path) {
        Ok(_) => sync_folder(parent(path)).map(|()| true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Error::storage("write", path)(error.error)),
    }
}

/// A temporary file beside `path` that holds `bytes`, on the disk. It is locked until it is closed, so that others see that its
/// writer lives.
fn written(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile> {
    let mut file = temporary_in(parent(path)).map_err(Error::storage("write", path))?;
    // Where a lock is not to be had, the file's age is all that tells whether its writer lives.
    let _ = file.as_file().try_lock();
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(Error::storage("write", path))?;
    Ok(file)
}

/// SHA-256 of `bytes` in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Make `folder` and what is missing above it, each name on the disk before the call returns.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    if above != folder {
        create_folder(above)?;
    }
    match fs::create_dir(folder) {
        // Another process may have been faster.
        Err(_) if folder.is_dir() => Ok(()),
        Err(source) => Err(Error::storage("create", folder)(source)),
        Ok(()) => sync_folder(above),
    }
}

/// Wait until the names in `folder` are on the disk; elsewhere than on Unix a folder cannot be opened for that.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|handle| handle.sync_all()).map_err(Error::storage("sync", folder))?;
    }
    Ok(())
}

/// The folder that a file is in; `.` for a bare name.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// A temporary file that others may read as they may read any new file; tempfile's own default is the owner alone.
fn temporary_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Names in `folder`, in no order; none where there is no such folder.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::storage("read", folder))?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<std::io::Result<_>>().map_err(Error::storage("read", folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("inside"), b"kept").unwrap();
        let error = write_atomically(&taken, b"new").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("could not write {}; check that the folder exists, is writable and has room", taken.display())
        );
        assert!(error.source().is_some());
        assert_eq!(fs::read(taken.join("inside")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left behind");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/report.md");
        let error = write_atomically(&path, b"x").unwrap_err();
        assert!(matches!(&error, Error::Storage { path: named, .. } if *named == path), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write_atomically(&ours, b"x").unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn folders_are_made_all_the_way_down_and_twice_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        create_folder(&deep).unwrap();
        create_folder(&deep).unwrap();
        assert!(deep.is_dir());
        fs::write(folder.path().join("file"), b"x").unwrap();
        let error = create_folder(&folder.path().join("file/below")).unwrap_err();
        assert!(error.to_string().starts_with("could not create "), "{error}");
    }
}
