//! `backup`: a copy of a home while others write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::rooms::{Kind, LEFT_OUT, ROOMS, Room, Survey, Unit, kind};
use super::{Backup, CopiedObject, LeftOut, address_of};
use crate::error::{Error, Result, check};
use crate::files::sha256_hex;
use crate::storage::{DirectoryStorage, Key, Storage};

/// How often a folder is looked at again before it is said to be busy; each time what is new is copied.
const ROUNDS: u32 = 200;

/// What a copy is told.
#[derive(Debug, Clone)]
pub struct BackupConfig {
    /// What time it is.
    pub now: DateTime<Utc>,
    /// Files that are no objects of the storage, such as a database, and were copied by a way of their own before.
    pub beside: Vec<Beside>,
    /// What is left out beside caches, logs and rights.
    pub left_out: Vec<LeftOut>,
}

/// A file that was copied by a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its name within the home.
    pub key: Key,
    /// Its copy.
    pub copy: PathBuf,
}

impl BackupConfig {
    /// Of what is in the storage alone.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now, beside: Vec::new(), left_out: Vec::new() }
    }
}

/// Copy what is kept in `home` to the folder `to`, which is made.
///
/// ```text
/// <to>/home/<KEY>     the objects, as they are
/// <to>/backup.json    their lengths and hashes, and what was left out: written last
/// ```
///
/// Others may read and write all the while; see [the room](crate::backup) for what makes the copy consistent. It is as of some
/// moment between begin and end for each ticker, and what a copied thing names is in it.
///
/// # Errors
///
/// - [`Error::Config`] where `to` holds something.
/// - [`Error::Busy`] where a folder is changed so fast that no two looks at it are the same.
/// - Those of the storage. Then `to` has no `backup.json`, and is none that is restored.
///
/// # Example
///
/// ```
/// use stockops_core::backup::{BackupConfig, backup, restore};
/// use stockops_core::registry::{DirectoryRegistry, ModelRegistry, VersionNote};
/// use stockops_core::storage::DirectoryStorage;
///
/// let folder = tempfile::tempdir().unwrap();
/// let (home, copy, other) = (folder.path().join("home"), folder.path().join("copy"), folder.path().join("other"));
/// let note = VersionNote::new("freeze", "2024-05-01".parse().unwrap());
/// DirectoryRegistry::open(&home)?.put(&"GOOG".parse()?, b"weights", note, &[])?;
///
/// let now = "2024-05-01T20:00:00Z".parse().unwrap();
/// assert_eq!(backup(&DirectoryStorage::open(&home)?, &copy, &BackupConfig::new(now))?.objects.len(), 2);
/// restore(&copy, &other, false, now)?;
/// assert_eq!(DirectoryRegistry::open(&other)?.get(&"GOOG".parse()?, 1)?, b"weights");
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn backup(home: &dyn Storage, to: &Path, config: &BackupConfig) -> Result<Backup> {
    let is_free = std::fs::read_dir(to).map_or(true, |mut entries| entries.next().is_none());
    check(is_free, "backup", "a folder that is empty or not there yet", to.display())?;
    let copier = Copier { home, copies: Backup::objects_in(to) };
    let mut objects = config.beside.iter().map(|beside| copier.take_beside(beside)).collect::<Result<Vec<_>>>()?;
    for room in &ROOMS {
        objects.extend(copier.room(room)?);
    }
    let fixed = LEFT_OUT.map(|(path, why)| LeftOut { path: path.into(), why: why.into() });
    let taken = Backup {
        checksum: String::new(),
        stockops: env!("CARGO_PKG_VERSION").into(),
        made: config.now,
        home: address_of(home)?,
        bytes: objects.iter().map(|object| object.bytes).sum(),
        left_out: fixed.into_iter().chain(config.left_out.clone()).collect(),
        objects,
    };
    taken.close(to)
}

struct Copier<'a> {
    home: &'a dyn Storage,
    copies: DirectoryStorage,
}

impl Copier<'_> {
    fn take_beside(&self, beside: &Beside) -> Result<CopiedObject> {
        let bytes = std::fs::read(&beside.copy).map_err(Error::storage("read", &beside.copy))?;
        self.keep(&beside.key, &bytes)
    }

    fn room(&self, room: &Room) -> Result<Vec<CopiedObject>> {
        let Some(head) = room.head.map(Key::new).transpose()? else {
            return self.units(room.units(self.home)?, &[]);
        };
        let head = Unit::of(head)?;
        // What is copied stays copied, so that a second round does little more than look.
        let mut objects = Vec::new();
        for _ in 0..ROUNDS {
            let before = Survey::of(self.home, &head)?;
            let mut units = room.units(self.home)?;
            units.retain(|unit| *unit != head);
            let named = self.unit(&head, &objects)?;
            objects = [named, self.units(units, &objects)?].concat();
            if Survey::of(self.home, &head)? == before {
                return Ok(objects);
            }
        }
        Err(self.busy(&head.folder))
    }

    fn units(&self, units: Vec<Unit>, known: &[CopiedObject]) -> Result<Vec<CopiedObject>> {
        let copied: Result<Vec<Vec<CopiedObject>>> = units.par_iter().map(|unit| self.unit(unit, known)).collect();
        Ok(copied?.into_iter().flatten().collect())
    }

    /// Copy what is in a unit, until nothing was removed meanwhile; those of `known` are copied already.
    fn unit(&self, unit: &Unit, known: &[CopiedObject]) -> Result<Vec<CopiedObject>> {
        let folder = format!("{}/", unit.folder);
        let own = known.iter().filter(|object| object.key.starts_with(&folder));
        let mut held =
            own.map(|object| Ok((Key::new(&object.key)?, object.clone()))).collect::<Result<BTreeMap<_, _>>>()?;
        let mut before = Survey::of(self.home, unit)?;
        for _ in 0..ROUNDS {
            let heads = Survey::of(self.home, unit)?;
            let has_heads = self.take(heads.objects().filter(|(_, kind)| kind.is_head()), &mut held)?;
            // An entry that goes from now on is in a volume by then, and volumes are listed later.
            self.take(Survey::of(self.home, unit)?.objects().filter(|(_, kind)| *kind == Kind::Entry), &mut held)?;
            // What the heads name is listed now, unless it was removed.
            let named = Survey::of(self.home, unit)?;
            let is_whole = has_heads && named.holds_all_of(&before) && named.has_notes_of(&heads);
            if is_whole
                && self.take(named.objects().filter(|(_, kind)| *kind == Kind::Fixed), &mut held)?
                && self.notes_are_the_same(&heads, &held)?
            {
                return self.only(held, |key, kind| if kind == Kind::State { heads.has(key) } else { named.has(key) });
            }
            before = named;
        }
        Err(self.busy(&unit.folder))
    }

    /// Copy what is not held yet, and notes again; whether nothing but entries was gone.
    fn take<'s>(
        &self,
        objects: impl Iterator<Item = (&'s Key, Kind)>,
        held: &mut BTreeMap<Key, CopiedObject>,
    ) -> Result<bool> {
        let mut is_whole = true;
        for (key, kind) in objects {
            if held.contains_key(key) && kind != Kind::Note {
                continue;
            }
            match self.home.get(key)? {
                Some(bytes) => drop(held.insert(key.clone(), self.keep(key, &bytes)?)),
                None => {
                    held.remove(key);
                    is_whole &= kind == Kind::Entry;
                }
            }
        }
        Ok(is_whole)
    }

    fn notes_are_the_same(&self, survey: &Survey, held: &BTreeMap<Key, CopiedObject>) -> Result<bool> {
        for (key, _) in survey.objects().filter(|(_, kind)| *kind == Kind::Note) {
            let now = self.home.get(key)?.map(|bytes| sha256_hex(&bytes));
            if now.as_ref() != held.get(key).map(|object| &object.sha256) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is held and `wanted`, states first; the copies of the rest are removed.
    fn only(
        &self,
        held: BTreeMap<Key, CopiedObject>,
        wanted: impl Fn(&Key, Kind) -> bool,
    ) -> Result<Vec<CopiedObject>> {
        let (kept, stray): (Vec<_>, Vec<_>) = held.into_iter().partition(|(key, _)| wanted(key, kind(key)));
        stray.iter().try_for_each(|(key, _)| self.copies.remove(key))?;
        let (states, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(key, _)| kind(key) == Kind::State);
        Ok(states.into_iter().chain(others).map(|(_, object)| object).collect())
    }

    fn keep(&self, key: &Key, bytes: &[u8]) -> Result<CopiedObject> {
        self.copies.put(key, bytes)?;
        Ok(CopiedObject { key: key.to_string(), bytes: bytes.len() as u64, sha256: sha256_hex(bytes) })
    }

    fn busy(&self, folder: &Key) -> Error {
        Error::Busy { what: format!("a consistent copy of {folder}"), path: self.home.place(folder) }
    }
}
