//! `Done`: what a batch has done, in pages that are only ever added, so that it can go on after it was killed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::BatchResult;
use crate::error::Result;
use crate::market::Ticker;
use crate::storage::{Key, Storage, json};

/// Entries that are written together, at most.
const PAGE: usize = 64;

/// How long an entry waits for others. A process that is killed loses the entries of so long: a child is found
/// again in the registry by its job, forecasts and monitors are done again.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// One ticker that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) ticker: Ticker,
    /// What went in: program, work, settings, model and data.
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) result: BatchResult,
}

/// What a batch has done, in a folder of its own that one process writes to.
///
/// ```text
/// <folder>/0000000001.jsonl     a page: one entry a line
/// ```
///
/// A page is created whole or not at all, so no line is ever torn. Of several entries of a ticker the newest counts.
pub(super) struct Done<'a> {
    storage: &'a dyn Storage,
    folder: &'a Key,
    /// The number of the next page.
    next: u64,
    waiting: Vec<Entry>,
    since: Instant,
}

impl<'a> Done<'a> {
    /// What is there, and the door to more. Where a batch does not [resume](super::BatchRequest::resume), what is there goes.
    pub(super) fn open(
        storage: &'a dyn Storage,
        folder: &'a Key,
        resume: bool,
    ) -> Result<(Self, HashMap<Ticker, Entry>)> {
        let number = |name: &String| name.strip_suffix(".jsonl")?.parse::<u64>().ok();
        let pages: Vec<u64> = storage.list(folder)?.iter().filter_map(number).collect();
        let next = pages.last().map_or(1, |last| last + 1);
        let mut done = Self { storage, folder, next, waiting: Vec::new(), since: Instant::now() };
        let mut known = HashMap::new();
        for page in pages.iter().filter(|_| resume) {
            known.extend(done.read(*page)?.into_iter().map(|entry| (entry.ticker.clone(), entry)));
        }
        if pages.len() > 1 || !resume {
            // As one page, before the others go: to stop in the middle loses nothing.
            done.write(&known.values().cloned().collect::<Vec<_>>())?;
            pages.iter().try_for_each(|page| storage.remove(&done.key(*page)?))?;
        }
        Ok((done, known))
    }

    /// Remember `entry`; it is written with others a moment later.
    pub(super) fn add(&mut self, entry: Entry) -> Result<()> {
        self.waiting.push(entry);
        if self.waiting.len() >= PAGE || self.since.elapsed() >= EVERY { self.flush() } else { Ok(()) }
    }

    /// Write what waits.
    pub(super) fn flush(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.since = Instant::now();
        self.write(&waiting)
    }

    fn write(&mut self, entries: &[Entry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        for entry in entries {
            text.extend(json::write(&self.storage.place(self.folder), entry)?);
            text.push(b'\n');
        }
        loop {
            let key = self.key(self.next)?;
            self.next += 1;
            match self.storage.create(&key, &text) {
                Ok(true) => return Ok(()),
                // Another process had the same right, as may be in a bucket: what it wrote stays.
                Ok(false) => {}
                // The answer may have been lost.
                Err(_) if self.storage.get(&key)?.is_some_and(|there| there == text) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn read(&self, page: u64) -> Result<Vec<Entry>> {
        let key = self.key(page)?;
        let bytes = self.storage.get(&key)?.unwrap_or_default();
        json::read_lines(&self.storage.place(&key), &bytes)
    }

    fn key(&self, page: u64) -> Result<Key> {
        self.folder.join(format_args!("{page:010}.jsonl"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::BatchVersion;
    use crate::storage::MemoryStorage;

    fn entry(ticker: &str, version: u32) -> Entry {
        let (bundle_sha256, parent_version, alias) = (String::new(), None, Vec::new());
        let made = BatchVersion { version, bundle_sha256, parent_version, alias, unproven: false };
        Entry { ticker: ticker.parse().unwrap(), key: format!("key {version}"), result: BatchResult::Train(made) }
    }

    fn folder() -> Key {
        Key::new("batch/train-1/1-of-1").unwrap()
    }

    fn versions(known: &HashMap<Ticker, Entry>) -> Vec<(String, String)> {
        let mut all: Vec<_> = known.values().map(|entry| (entry.ticker.to_string(), entry.key.clone())).collect();
        all.sort();
        all
    }

    #[test]
    fn what_was_written_is_known_when_a_batch_goes_on_and_the_newest_counts() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        for version in 1..=3 {
            let (mut done, _) = Done::open(&storage, &folder, true).unwrap();
            done.add(entry("GOOG", version)).unwrap();
            done.add(entry(&format!("T{version}"), version)).unwrap();
            done.flush().unwrap();
        }
        let (_, known) = Done::open(&storage, &folder, true).unwrap();
        let pair = |ticker: &str, version: u32| (ticker.to_string(), format!("key {version}"));
        assert_eq!(versions(&known), [pair("GOOG", 3), pair("T1", 1), pair("T2", 2), pair("T3", 3)]);
        assert_eq!(storage.list(&folder).unwrap().len(), 1, "pages are put together");
        let (_, known) = Done::open(&storage, &folder, true).unwrap();
        assert_eq!(known.len(), 4, "and nothing of them is lost");
    }

    #[test]
    fn a_batch_that_begins_anew_knows_nothing() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut done, _) = Done::open(&storage, &folder, true).unwrap();
        done.add(entry("GOOG", 1)).unwrap();
        done.flush().unwrap();
        assert!(Done::open(&storage, &folder, false).unwrap().1.is_empty());
        assert!(Done::open(&storage, &folder, true).unwrap().1.is_empty());
    }

    #[test]
    fn many_entries_do_not_wait() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut done, _) = Done::open(&storage, &folder, true).unwrap();
        (0..PAGE).for_each(|number| done.add(entry(&format!("T{number}"), 1)).unwrap());
        assert!(done.waiting.is_empty());
        let (_, known) = Done::open(&storage, &folder, true).unwrap();
        assert_eq!(known.len(), PAGE);
    }

    #[test]
    fn a_page_of_another_process_stays() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut one, _) = Done::open(&storage, &folder, true).unwrap();
        let (mut other, _) = Done::open(&storage, &folder, true).unwrap();
        for (done, ticker) in [(&mut one, "GOOG"), (&mut other, "AMZN")] {
            done.add(entry(ticker, 1)).unwrap();
            done.flush().unwrap();
        }
        assert_eq!(Done::open(&storage, &folder, true).unwrap().1.len(), 2);
    }
}
