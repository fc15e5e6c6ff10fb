//! `MemoryAnswers`: answers in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, FutureExt, ready};
use stockops_core::Ticker;

use super::store::closest;
use super::{AnswerStore, CacheEntry, Purge, Wanted};
use crate::error::Result;

/// Answers in memory: for tests, and for who keeps nothing.
#[derive(Debug, Default)]
pub struct MemoryAnswers(Mutex<BTreeMap<String, CacheEntry>>);

impl MemoryAnswers {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, CacheEntry>> {
        // Every change is one call on the map, so a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AnswerStore for MemoryAnswers {
    fn place(&self) -> String {
        "memory".into()
    }

    fn put<'a>(&'a self, entry: &'a CacheEntry) -> BoxFuture<'a, Result<()>> {
        self.locked().insert(entry.id.clone(), entry.clone());
        ready(Ok(())).boxed()
    }

    fn nearest<'a>(&'a self, wanted: &'a Wanted) -> BoxFuture<'a, Result<Option<(CacheEntry, f32)>>> {
        let entries: Vec<CacheEntry> =
            self.locked().values().filter(|entry| is_as_wanted(entry, wanted)).cloned().collect();
        ready(Ok(closest(entries, &wanted.vector))).boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        ready(Ok(self.locked().remove(id).is_some())).boxed()
    }

    fn purge<'a>(&'a self, purge: &'a Purge) -> BoxFuture<'a, Result<u64>> {
        let mut entries = self.locked();
        let before = entries.len();
        entries.retain(|_, entry| !is_purged(entry, purge));
        ready(Ok((before - entries.len()) as u64)).boxed()
    }

    fn entries<'a>(&'a self, ticker: Option<&'a Ticker>) -> BoxFuture<'a, Result<Vec<CacheEntry>>> {
        let is_of = |entry: &&CacheEntry| ticker.is_none_or(|ticker| entry.scope.ticker == *ticker);
        let mut entries: Vec<CacheEntry> = self.locked().values().filter(is_of).cloned().collect();
        entries.iter_mut().for_each(|entry| entry.vector.clear());
        entries.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        ready(Ok(entries)).boxed()
    }
}

fn is_as_wanted(entry: &CacheEntry, wanted: &Wanted) -> bool {
    let [first, last] = wanted.created;
    entry.scope == wanted.scope
        && entry.embedder == wanted.embedder
        && entry.content_words == wanted.content_words
        && (first..=last).contains(&entry.created)
}

fn is_purged(entry: &CacheEntry, purge: &Purge) -> bool {
    match purge {
        Purge::Before(moment) => entry.created < *moment,
        Purge::Superseded { ticker, current } => entry.scope.ticker == *ticker && entry.scope.model_version != *current,
        Purge::Version(version) => entry.scope.model_version == *version,
        Purge::All => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::conformance::conformance;

    #[tokio::test]
    async fn memory_keeps_the_promises() {
        conformance(&MemoryAnswers::new()).await;
    }
}
