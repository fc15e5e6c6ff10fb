//! `Log`: a list that grows by small objects, where old ones are bound together.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Key, Storage, json};
use crate::error::Result;
use crate::files::sha256_hex;

/// Entries from which on a volume is full, and the next one begins.
const FULL: usize = 256;

/// Entries that are only ever added, each an object of its own: to add one reads no other, and two writers cannot
/// overwrite each other. [`bind`](Self::bind) puts old ones into volumes, so that some hundred objects hold thousands.
///
/// ```text
/// <folder>/2024-05-01_GOOG@3.0001-c1f3a2d4.json                 an entry: its stem, a number and a hash
/// <folder>/2024-03-28_GOOG@3.0001-09ab12cd_5f70bf18a086.jsonl   a volume: [name, entry] a line, named by the last
/// ```
///
/// Entries under one stem are numbered in order of arrival; those that arrive at the same moment may share a number. The
/// hash of its content makes each name one that no other entry ever had, also after it was bound. The order of names is the
/// order of the list, so stems begin with a day.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{Key, Log, MemoryStorage};
///
/// let storage = MemoryStorage::new();
/// let log: Log<'_, String> = Log::new(&storage, Key::new("notes")?);
/// log.add("2024-05-01", &"bought".to_string(), |_| Ok(true))?;
/// log.add("2024-05-01", &"sold".to_string(), |earlier| Ok(earlier.len() < 5))?;
/// assert_eq!(log.entries()?.into_values().collect::<Vec<_>>(), ["bought", "sold"]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Log<'a, T> {
    storage: &'a dyn Storage,
    folder: Key,
    entry: PhantomData<fn() -> T>,
}

/// Entries by name.
type Entries<T> = BTreeMap<String, T>;

/// What a folder holds.
#[derive(Debug, Default)]
struct Names {
    /// Names of entries.
    single: Vec<String>,
    /// Volumes as (name of the last entry, file name).
    volumes: Vec<(String, String)>,
}

impl<'a, T: Serialize + DeserializeOwned> Log<'a, T> {
    /// The log in `folder`, which is to hold nothing else.
    pub fn new(storage: &'a dyn Storage, folder: Key) -> Self {
        Self { storage, folder, entry: PhantomData }
    }

    /// All entries by name.
    ///
    /// # Errors
    ///
    /// [`Error::File`](crate::Error::File) where an object is broken; those of the storage.
    pub fn entries(&self) -> Result<BTreeMap<String, T>> {
        self.read(|_| true, |_| true)
    }

    /// The entries that are in no volume yet.
    ///
    /// # Errors
    ///
    /// Those of [`entries`](Self::entries).
    pub fn unbound(&self) -> Result<BTreeMap<String, T>> {
        self.read(|_| true, |_| false)
    }

    /// The entries whose names are `from` or later ones.
    ///
    /// # Errors
    ///
    /// Those of [`entries`](Self::entries).
    pub(crate) fn entries_from(&self, from: &str) -> Result<BTreeMap<String, T>> {
        let mut found = self.read(|name| name >= from, |last| last >= from)?;
        found.retain(|name, _| name.as_str() >= from);
        Ok(found)
    }

    /// Names of the entries that are in no volume yet, in order.
    pub(crate) fn unbound_names(&self) -> Result<Vec<String>> {
        Ok(self.names()?.single)
    }

    /// Entries that are in no volume yet.
    pub fn count_unbound(&self) -> Result<usize> {
        Ok(self.names()?.single.len())
    }

    /// The last entry by name; `None` in an empty log.
    ///
    /// # Errors
    ///
    /// Those of [`entries`](Self::entries).
    pub fn last(&self) -> Result<Option<T>> {
        let names = self.names()?;
        let bound = names.volumes.iter().map(|(last, _)| last);
        let Some(last) = names.single.iter().chain(bound).max() else { return Ok(None) };
        let mut found = self.read(|name| name == last, |end| end >= last.as_str())?;
        // Bound in the meantime, and so in a volume whose name was not known yet.
        found.remove(last).map_or_else(|| Ok(self.entries()?.pop_last().map(|(_, entry)| entry)), |last| Ok(Some(last)))
    }

    /// Add an entry under `stem` where `wanted` says so of those that are there; whether it was added.
    ///
    /// `wanted` is asked again where another writer was faster, or where an answer was lost: where it does not want what is
    /// there already, the entry is in once when the call succeeds.
    ///
    /// # Errors
    ///
    /// Those of `wanted`, of [`entries`](Self::entries) and of the storage.
    pub fn add(
        &self,
        stem: &str,
        entry: &T,
        mut wanted: impl FnMut(&BTreeMap<String, T>) -> Result<bool>,
    ) -> Result<bool> {
        let is_own = |name: &str| name.rsplit_once('.').is_some_and(|(own, _)| own == stem);
        loop {
            let mut there = self.read(is_own, |last| last >= stem)?;
            there.retain(|name, _| is_own(name));
            if !wanted(&there)? {
                return Ok(false);
            }
            let last = there.keys().next_back().map_or(0, |name| number(name));
            let bytes = json::write(&self.storage.place(&self.folder), entry)?;
            let name = format!("{stem}.{:04}-{}", last + 1, &sha256_hex(&bytes)[..8]);
            match self.storage.create(&self.key(&name)?, &bytes) {
                Ok(true) => return Ok(true),
                // The same one, of another writer who was faster.
                Ok(false) => {}
                // The answer may have been lost, and the entry been bound since.
                Err(_) if self.holds(&name)? => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    fn holds(&self, name: &str) -> Result<bool> {
        Ok(self.read(|one| one == name, |last| last >= name)?.contains_key(name))
    }

    /// Put entries into a volume as they are given, and remove them and `replaced` from those that are not bound.
    ///
    /// Where one of the names is in a volume already, the given entry takes its place. To stop in the middle loses nothing:
    /// an entry is then in a volume and beside it.
    ///
    /// # Errors
    ///
    /// Those of [`entries`](Self::entries).
    pub fn bind(&self, entries: BTreeMap<String, T>, replaced: &[String]) -> Result<()> {
        let names: Vec<String> = entries.keys().chain(replaced).map(|name| format!("{name}.json")).collect();
        let absorbed = if entries.is_empty() { Vec::new() } else { self.write_bound(entries)? };
        for file in absorbed.iter().chain(&names) {
            // What is left over says the same once more, and goes with the next that are bound.
            let _ = self.storage.remove(&self.folder.join(file)?);
        }
        Ok(())
    }

    /// Write a volume of `entries` and of what is in the volumes that they belong to, whose files are returned.
    fn write_bound(&self, entries: Entries<T>) -> Result<Vec<String>> {
        let first = entries.keys().next().map_or("", String::as_str);
        let (mut bound, mut absorbed) = loop {
            // Where another writer binds at the same time, volumes go away: then it is looked again.
            if let Some(found) = self.volumes_of(first)? {
                break found;
            }
        };
        bound.extend(entries);
        let written = self.write_volume(&bound)?;
        absorbed.retain(|file| *file != written);
        Ok(absorbed)
    }

    /// What is in the volumes that entries from the name `first` on belong to, and their files: those that reach so far,
    /// and the last one where it is not full. `None` where one of them is gone.
    fn volumes_of(&self, first: &str) -> Result<Option<(Entries<T>, Vec<String>)>> {
        let (mut bound, mut files) = (Entries::new(), Vec::new());
        for (i, (last, file)) in self.names()?.volumes.into_iter().rev().enumerate() {
            if i > 0 && last.as_str() < first {
                continue;
            }
            let Some(volume) = self.volume(&file)? else { return Ok(None) };
            if last.as_str() >= first || volume.len() < FULL {
                files.push(file);
                bound.extend(volume);
            }
        }
        Ok(Some((bound, files)))
    }

    /// Create the volume of `entries`, and return the name of its file.
    fn write_volume(&self, entries: &Entries<T>) -> Result<String> {
        let place = self.storage.place(&self.folder);
        let mut text = Vec::new();
        for (name, entry) in entries {
            text.extend(json::write_entry(&place, name, entry)?);
        }
        let last = entries.keys().next_back().map_or("", String::as_str);
        let file = format!("{last}_{}.jsonl", &sha256_hex(&text)[..12]);
        let key = self.folder.join(&file)?;
        match self.storage.create(&key, &text) {
            // The name is made of the content, so that whoever wrote it has written the same.
            Err(_) if self.storage.get(&key)?.is_some() => {}
            written => drop(written?),
        }
        Ok(file)
    }

    /// The entries whose names are `single`, and all of the volumes whose last names are `bound`. Who binds moves entries
    /// while they are listed and read, so they are read again until the volumes before and after are the same.
    fn read(&self, single: impl Fn(&str) -> bool, bound: impl Fn(&str) -> bool) -> Result<Entries<T>> {
        let mut before = self.names()?;
        loop {
            let mut found = Entries::new();
            for (_, file) in before.volumes.iter().filter(|(last, _)| bound(last)) {
                found.extend(self.volume(file)?.unwrap_or_default());
            }
            for name in before.single.iter().filter(|name| single(name)) {
                let key = self.key(name)?;
                if let Some(bytes) = self.storage.get(&key)? {
                    found.insert(name.clone(), json::read(&self.storage.place(&key), &bytes)?);
                }
            }
            let after = self.names()?;
            if before.volumes == after.volumes {
                return Ok(found);
            }
            before = after;
        }
    }

    /// The entries of a volume; `None` where it is gone.
    fn volume(&self, file: &str) -> Result<Option<Entries<T>>> {
        let key = self.folder.join(file)?;
        let Some(bytes) = self.storage.get(&key)? else { return Ok(None) };
        let lines: Vec<(String, T)> = json::read_lines(&self.storage.place(&key), &bytes)?;
        Ok(Some(lines.into_iter().collect()))
    }

    fn names(&self) -> Result<Names> {
        let mut names = Names::default();
        for file in self.storage.list(&self.folder)? {
            if let Some(name) = file.strip_suffix(".json") {
                names.single.push(name.into());
            } else if let Some((last, _)) = file.strip_suffix(".jsonl").and_then(|name| name.rsplit_once('_')) {
                names.volumes.push((last.into(), file));
            }
        }
        Ok(names)
    }

    fn key(&self, name: &str) -> Result<Key> {
        self.folder.join(format_args!("{name}.json"))
    }
}

/// The number in a name, 0 where there is none.
fn number(name: &str) -> usize {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    end.split('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
