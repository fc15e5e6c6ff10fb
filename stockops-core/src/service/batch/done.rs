//! `Done`: what a batch has done, in pages that are only ever added, so that it can go on after it was killed.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::request::digest;
use super::{BatchRequest, BatchResult};
use crate::error::Result;
use crate::market::Ticker;
use crate::storage::{Key, Storage, json};

/// Entries that are written together, at most.
const PAGE: usize = 64;

/// Entries of a page that was put together of others.
const PACKED: usize = 1024;

/// How long an entry waits for others. A process that is killed loses the entries of so long: a child is found
/// again in the registry by its job, forecasts and monitors are done again.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// One ticker that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) ticker: Ticker,
    /// What went in: program, work, settings, model and data.
    pub(super) key: String,
    /// The [call](super::BatchRequest::call) that it was done in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
    #[serde(flatten)]
    pub(super) result: BatchResult,
}

/// What counts of what was done before.
pub(super) enum Kept<'a> {
    /// All of it.
    All,
    /// What was done in this call.
    Of(&'a str),
    /// Nothing.
    Nothing,
}

impl<'a> Kept<'a> {
    pub(super) fn by(request: &'a BatchRequest) -> Self {
        match &request.call {
            _ if request.resume => Self::All,
            Some(call) => Self::Of(call),
            None => Self::Nothing,
        }
    }

    fn has(&self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Of(call) => entry.call.as_deref() == Some(call),
            Self::Nothing => false,
        }
    }
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

/// The place of each entry that was written before; the entry itself is read when it is asked for. Some hundred bytes a
/// ticker.
pub(super) struct Known<'a> {
    storage: &'a dyn Storage,
    folder: &'a Key,
    /// By the digest of the ticker.
    places: HashMap<u64, Place>,
}

/// Where an entry is.
struct Place {
    /// Digest of its key.
    key: u64,
    page: u64,
    bytes: Range<u64>,
}

impl Known<'_> {
    /// What was done for `ticker` with `key`, if it was.
    pub(super) fn find(&self, ticker: &Ticker, key: &str) -> Result<Option<Entry>> {
        let place = self.places.get(&digest(ticker.as_str())).filter(|place| place.key == digest(key));
        let Some(Place { page, bytes, .. }) = place else { return Ok(None) };
        let page = page_key(self.folder, *page)?;
        // A page that is gone was put together with others by another process, and the work is done again.
        let Some(line) = self.storage.part(&page, bytes.clone())? else { return Ok(None) };
        let entry = json::read_lines(&self.storage.place(&page), &line)?.pop();
        // Two names may have one digest.
        Ok(entry.filter(|entry: &Entry| entry.ticker == *ticker && entry.key == key))
    }

    /// Remember the entries of a page, in the place of older ones, where they are `kept`; whether all are.
    fn read(&mut self, page: u64, kept: &Kept<'_>) -> Result<bool> {
        let mut all = true;
        for (bytes, entry) in self.entries(page)? {
            if kept.has(&entry) {
                let place = Place { key: digest(&entry.key), page, bytes };
                self.places.insert(digest(entry.ticker.as_str()), place);
            } else {
                all = false;
            }
        }
        Ok(all)
    }

    /// The entries of a page, each with the bytes that it has there.
    fn entries(&self, page: u64) -> Result<Vec<(Range<u64>, Entry)>> {
        let key = page_key(self.folder, page)?;
        let bytes = self.storage.get(&key)?.unwrap_or_default();
        let entries: Vec<Entry> = json::read_lines(&self.storage.place(&key), &bytes)?;
        let mut start = 0;
        let ranges = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
            let range = start..start + line.len() as u64;
            start = range.end;
            range
        });
        // A page has no empty line.
        Ok(ranges.zip(entries).collect())
    }
}

fn page_key(folder: &Key, page: u64) -> Result<Key> {
    folder.join(format_args!("{page:010}.jsonl"))
}

impl<'a> Done<'a> {
    /// What is there and counts, and the door to more. The rest goes.
    pub(super) fn open(storage: &'a dyn Storage, folder: &'a Key, kept: &Kept<'_>) -> Result<(Self, Known<'a>)> {
        let number = |name: &String| name.strip_suffix(".jsonl")?.parse::<u64>().ok();
        let pages: Vec<u64> = storage.list(folder)?.iter().filter_map(number).collect();
        let next = pages.last().map_or(1, |last| last + 1);
        let mut done = Self { storage, folder, next, waiting: Vec::new(), since: Instant::now() };
        let mut known = Known { storage, folder, places: HashMap::new() };
        let mut all = true;
        for page in pages.iter().filter(|_| !matches!(kept, Kept::Nothing)) {
            all &= known.read(*page, kept)?;
        }
        let needed = known.places.len().div_ceil(PACKED).max(1);
        if !all || matches!(kept, Kept::Nothing) || pages.len() >= 2 * needed {
            known = done.put_together(&pages, known)?;
        }
        Ok((done, known))
    }

    /// Write what is `known` as few pages, before the others go: to stop in the middle loses nothing.
    fn put_together(&mut self, pages: &[u64], known: Known<'a>) -> Result<Known<'a>> {
        let first = self.next;
        let mut entries = Vec::new();
        for page in pages.iter().filter(|_| !known.places.is_empty()) {
            for (bytes, entry) in known.entries(*page)? {
                let place = known.places.get(&digest(entry.ticker.as_str()));
                if place.is_some_and(|place| (place.page, &place.bytes) == (*page, &bytes)) {
                    entries.push(entry);
                }
            }
            while entries.len() >= PACKED {
                let more = entries.split_off(PACKED);
                self.write(&std::mem::replace(&mut entries, more))?;
            }
        }
        self.write(&entries)?;
        let mut moved = Known { places: HashMap::with_capacity(known.places.len()), ..known };
        (first..self.next).try_for_each(|page| moved.read(page, &Kept::All).map(drop))?;
        pages.iter().try_for_each(|page| self.storage.remove(&page_key(self.folder, *page)?))?;
        Ok(moved)
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
            let key = page_key(self.folder, self.next)?;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::BatchVersion;
    use crate::storage::MemoryStorage;

    fn entry(ticker: &str, version: u32) -> Entry {
        let (bundle_sha256, parent_version, alias) = (String::new(), None, Vec::new());
        let made = BatchVersion { version, bundle_sha256, parent_version, alias, unproven: false };
        let (ticker, key) = (ticker.parse().unwrap(), format!("key {version}"));
        Entry { ticker, key, call: None, result: BatchResult::Train(made) }
    }

    fn folder() -> Key {
        Key::new("batch/train-1/1-of-1").unwrap()
    }

    /// The version with which `ticker` is known.
    fn version(known: &Known<'_>, ticker: &str) -> Option<u32> {
        let ticker = ticker.parse().unwrap();
        (1..=3).find(|version| known.find(&ticker, &format!("key {version}")).unwrap().is_some())
    }

    #[test]
    fn what_was_written_is_known_when_a_batch_goes_on_and_the_newest_counts() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        for version in 1..=3 {
            let (mut done, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
            done.add(entry("GOOG", version)).unwrap();
            done.add(entry(&format!("T{version}"), version)).unwrap();
            done.flush().unwrap();
        }
        let (_, known) = Done::open(&storage, &folder, &Kept::All).unwrap();
        let found = ["GOOG", "T1", "T2", "T3", "T4"].map(|ticker| version(&known, ticker));
        assert_eq!(found, [Some(3), Some(1), Some(2), Some(3), None]);
        assert_eq!(known.find(&"T2".parse().unwrap(), "key 2").unwrap(), Some(entry("T2", 2)), "and all of it");
        assert_eq!(storage.list(&folder).unwrap().len(), 1, "pages are put together");
        let (_, known) = Done::open(&storage, &folder, &Kept::All).unwrap();
        assert_eq!((known.places.len(), version(&known, "GOOG")), (4, Some(3)), "and nothing of them is lost");
    }

    #[test]
    fn a_batch_that_begins_anew_knows_nothing() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut done, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
        done.add(entry("GOOG", 1)).unwrap();
        done.flush().unwrap();
        assert_eq!(version(&Done::open(&storage, &folder, &Kept::Nothing).unwrap().1, "GOOG"), None);
        assert_eq!(version(&Done::open(&storage, &folder, &Kept::All).unwrap().1, "GOOG"), None);
    }

    #[test]
    fn a_call_that_comes_again_knows_what_was_done_in_it_and_no_more() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let in_call = |ticker: &str, call: &str| Entry { call: Some(call.into()), ..entry(ticker, 1) };
        let (mut done, _) = Done::open(&storage, &folder, &Kept::Nothing).unwrap();
        for entry in [entry("A", 1), in_call("B", "one"), in_call("C", "two")] {
            done.add(entry).unwrap();
        }
        done.flush().unwrap();
        for _ in 0..2 {
            let (_, known) = Done::open(&storage, &folder, &Kept::Of("two")).unwrap();
            assert_eq!(["A", "B", "C"].map(|ticker| version(&known, ticker)), [None, None, Some(1)]);
        }
        let (_, known) = Done::open(&storage, &folder, &Kept::All).unwrap();
        assert_eq!(known.places.len(), 1, "the rest went when the call began");
    }

    #[test]
    fn many_entries_do_not_wait() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut done, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
        (0..PAGE).for_each(|number| done.add(entry(&format!("T{number}"), 1)).unwrap());
        assert!(done.waiting.is_empty());
        let (_, known) = Done::open(&storage, &folder, &Kept::All).unwrap();
        assert_eq!(known.places.len(), PAGE);
    }

    #[test]
    fn pages_that_were_put_together_stay_small_and_are_left_alone() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let count = 2 * PACKED + 5;
        let (mut done, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
        (0..count).for_each(|number| done.add(entry(&format!("T{number}"), 1)).unwrap());
        done.flush().unwrap();
        assert!(storage.list(&folder).unwrap().len() >= 6, "as they were written");
        let mut pages = Vec::new();
        for _ in 0..2 {
            let (mut done, known) = Done::open(&storage, &folder, &Kept::All).unwrap();
            let all = (0..count).all(|number| version(&known, &format!("T{number}")) == Some(1));
            assert!(all && known.places.len() >= count);
            pages.push(storage.list(&folder).unwrap());
            done.add(entry("NEW", 1)).unwrap();
            done.flush().unwrap();
        }
        assert_eq!(pages[0].len(), 3);
        assert_eq!(pages[1].len(), 4, "one page more is no reason to write a million entries again");
    }

    #[test]
    fn a_page_of_another_process_stays() {
        let (storage, folder) = (MemoryStorage::new(), folder());
        let (mut one, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
        let (mut other, _) = Done::open(&storage, &folder, &Kept::All).unwrap();
        for (done, ticker) in [(&mut one, "GOOG"), (&mut other, "AMZN")] {
            done.add(entry(ticker, 1)).unwrap();
            done.flush().unwrap();
        }
        assert_eq!(Done::open(&storage, &folder, &Kept::All).unwrap().1.places.len(), 2);
    }
}
