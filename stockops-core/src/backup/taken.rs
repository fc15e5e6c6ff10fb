//! `Backup`: what a copy of a home holds, as `backup.json` says it.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::files::checksum::{BLANK, holds, sealed};
use crate::storage::{DirectoryStorage, Key, Storage, json};

/// Name of the list of objects; it is written last, so a folder without it is no backup.
const LIST: &str = "backup.json";
/// The folder of the objects.
const OBJECTS: &str = "home";
/// What comes before the checksum of the list.
const MARK: &str = r#""checksum":""#;

/// A copy of a home: which objects it has, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backup {
    /// SHA-256 of the list itself, with zeros in its place.
    pub(super) checksum: String,
    /// The version of stockops that took it.
    pub stockops: String,
    /// When it was begun.
    pub made: DateTime<Utc>,
    /// Of which home.
    pub home: String,
    /// Bytes of all objects.
    pub bytes: u64,
    /// What is not in it.
    pub left_out: Vec<LeftOut>,
    /// All objects, in the order of copying.
    pub objects: Vec<CopiedObject>,
}

/// An object of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CopiedObject {
    /// Its name within the home.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}

/// What of a home is not in a copy of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// Its name within the home.
    pub path: String,
    /// Why.
    pub why: String,
}

impl Backup {
    /// Read the list of the backup in `folder`; its objects are not looked at.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where there is no backup, or one that was stopped before its end, was altered, or is of a newer stockops.
    pub fn open(folder: &Path) -> Result<Self> {
        let (storage, key) = (DirectoryStorage::at(folder), Key::new(LIST)?);
        let place = storage.place(&key);
        let Some(bytes) = storage.get(&key)? else {
            return Err(Error::file(&place, "there is no backup here, or it was stopped before its end; take another"));
        };
        let backup: Self = json::read(&place, &bytes)?;
        let is_whole = holds(MARK, &backup.checksum, &bytes);
        if is_whole {
            Ok(backup)
        } else {
            Err(Error::file(&place, "it was altered since it was written; take another backup"))
        }
    }

    /// Write the list, after which `folder` is a backup.
    pub(super) fn close(mut self, folder: &Path) -> Result<Self> {
        let (storage, key) = (DirectoryStorage::at(folder), Key::new(LIST)?);
        let place = storage.place(&key);
        self.checksum = BLANK.into();
        let bytes = sealed(MARK, json::write(&place, &self)?);
        let bytes = bytes.ok_or_else(|| Error::file(&place, "it has no place for its checksum"))?;
        storage.put(&key, &bytes)?;
        json::read(&place, &bytes)
    }

    /// Where the objects of the backup in `folder` are.
    pub(super) fn objects_in(folder: &Path) -> DirectoryStorage {
        DirectoryStorage::at(folder.join(OBJECTS))
    }
}
