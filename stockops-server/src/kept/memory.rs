//! Answers in this process, so many bytes of them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use stockops_core::Ticker;

use super::{Answer, Key};

/// Answers in this process. What is over is not given any more, and makes room like the rest.
pub(super) struct Memory {
    cache: Cache<Key, Entry, Weight>,
    ttl: Duration,
}

#[derive(Debug, Clone)]
struct Entry {
    answer: Answer,
    until: Instant,
}

/// Bytes of an entry, its key and what it takes beside.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Entry> for Weight {
    fn weight(&self, key: &Key, entry: &Entry) -> u64 {
        (key.model.len() + key.details.len() + entry.answer.body.len() + 256) as u64
    }
}

impl Memory {
    pub(super) fn new(bytes: u64, ttl: Duration) -> Self {
        Self { cache: Cache::with_weighter((bytes / 4096) as usize, bytes, Weight), ttl }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Answer> {
        let entry = self.cache.get(key)?;
        (entry.until > Instant::now()).then_some(entry.answer)
    }

    pub(super) fn put(&self, key: &Key, answer: Answer) {
        self.cache.insert(key.clone(), Entry { answer, until: Instant::now() + self.ttl });
    }

    pub(super) fn forget(&self, which: impl Fn(&Key) -> bool) {
        self.cache.retain(|key, _| !which(key));
    }

    pub(super) fn tickers(&self) -> BTreeSet<Ticker> {
        self.live().map(|key| key.ticker).collect()
    }

    pub(super) fn of(&self, ticker: &Ticker) -> Vec<Key> {
        self.live().filter(|key| key.ticker == *ticker).collect()
    }

    fn live(&self) -> impl Iterator<Item = Key> {
        let now = Instant::now();
        self.cache.iter().filter(move |(_, entry)| entry.until > now).map(|(key, _)| key)
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("entries", &self.cache.len()).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}
