//! `Kept`: answers that were computed already, in memory and behind it in Redis.

mod answer;
mod flight;
mod key;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use prometheus::IntCounter;
use stockops_core::Ticker;
use tokio::sync::RwLock;

pub use answer::Answer;
pub use key::{Key, Kind};

use crate::metrics::Metrics;
#[cfg(feature = "redis")]
use crate::shared::Shared;
use flight::{Flights, Landed};
use memory::Memory;

/// How much is kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptConfig {
    /// Bytes in memory; what was asked for least goes first. Default 64 MiB.
    pub bytes: u64,
    /// How long an answer is kept. Default 24 hours.
    pub ttl: Duration,
    /// How long an answer stays in memory where Redis is behind it: so long a purge by another server may go unseen. Default a
    /// minute.
    pub beside_redis: Duration,
}

impl Default for KeptConfig {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { bytes: 64 << 20, ttl: 24 * 60 * minute, beside_redis: minute }
    }
}

/// Answers by [`Key`], ready as they are sent. A clone is the same.
///
/// However many ask for the same at once, it is computed once, in a task of its own: who goes away stops nobody else. A failure is
/// given to those who wait for it, and is not kept. Redis behind the memory serves several servers; where it is away, answers are
/// computed.
///
/// `E` is the error of who computes.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_server::Fault;
/// use stockops_server::kept::{Kept, KeptConfig, Key, Kind};
/// use stockops_server::metrics::Metrics;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let kept = Kept::<Fault>::new(KeptConfig::default(), &Metrics::new(&[]));
/// let key = Key::new(Kind::Prediction, Ticker::new("GOOG")?, chrono::NaiveDate::default(), "GOOG@3", "");
/// for _ in 0..2 {
///     let answer = kept.get_or(&key, || async { Ok("{}".into()) }).await.map_err(|no| no.detail)?;
///     assert_eq!(answer.body, "{}");
/// }
/// assert_eq!(kept.counts(Kind::Prediction), (1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Kept<E>(Arc<Inner<E>>);

impl<E> Clone for Kept<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[derive(Debug)]
struct Inner<E> {
    memory: Memory,
    flights: Flights<E>,
    counts: [(IntCounter, IntCounter); Kind::ALL.len()],
    #[cfg(feature = "redis")]
    redis: Option<redis::Behind>,
    /// Keeping holds it for reading, purging for writing, so that what was purged is not kept a moment later.
    purge: Arc<RwLock<()>>,
}

impl<E: Clone + Send + Sync + 'static> Kept<E> {
    /// Nothing is kept yet. Hits and misses are counted in `metrics`.
    pub fn new(config: KeptConfig, metrics: &Metrics) -> Self {
        Self(Arc::new(Inner::new(config, config.ttl, metrics)))
    }

    /// The same over Redis.
    #[cfg(feature = "redis")]
    pub fn over(config: KeptConfig, metrics: &Metrics, redis: Arc<Shared>) -> Self {
        let inner = Inner::new(config, config.ttl.min(config.beside_redis), metrics);
        Self(Arc::new(Inner { redis: Some(redis::Behind::new(redis, config.ttl)), ..inner }))
    }

    /// The answer that is kept under `key`; else that of `compute`, which is then kept.
    ///
    /// # Errors
    ///
    /// That of `compute`, for all who wait for it.
    ///
    /// # Panics
    ///
    /// Where `compute` does.
    pub async fn get_or<F, Fut>(&self, key: &Key, compute: F) -> Result<Answer, E>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Bytes, E>> + Send + 'static,
    {
        let (hits, misses) = self.counters(key.kind);
        if let Some(answer) = self.0.memory.get(key) {
            hits.inc();
            return Ok(answer);
        }
        let (flight, is_first) = self.0.flights.join(key, |number| self.clone().fly(key.clone(), number, compute));
        let landed = flight.await.expect("computing an answer panicked");
        let is_hit = landed.is_kept || !is_first && landed.outcome.is_ok();
        (if is_hit { hits } else { misses }).inc();
        landed.outcome
    }

    /// The answer that is kept under `key`, without computing or counting.
    pub async fn get(&self, key: &Key) -> Option<Answer> {
        match self.0.memory.get(key) {
            Some(answer) => Some(answer),
            None => self.behind(key).await,
        }
    }

    /// The newest answer of a kind that is kept for a ticker: of the latest bar.
    pub async fn newest(&self, kind: Kind, ticker: &Ticker) -> Option<Answer> {
        let mut keys = self.0.memory.of(ticker);
        keys.extend(self.keys_behind(ticker).await);
        let newest = keys.into_iter().filter(|key| key.kind == kind).max_by(|a, b| a.last_bar.cmp(&b.last_bar))?;
        self.get(&newest).await
    }

    /// The tickers of which an answer is kept, in order.
    pub async fn tickers(&self) -> Vec<String> {
        let here = self.0.memory.tickers().into_iter().map(|ticker| ticker.to_string());
        let all: BTreeSet<String> = here.chain(self.tickers_behind().await).collect();
        all.into_iter().collect()
    }

    /// Forget all answers about a ticker, and keep none that is being computed.
    pub async fn purge(&self, ticker: &Ticker) {
        let _alone = self.0.purge.write().await;
        self.0.flights.forget(|key| key.ticker == *ticker);
        self.0.memory.forget(|key| key.ticker == *ticker);
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.0.redis {
            redis.purge(ticker.as_str()).await;
        }
    }

    /// Forget everything. `false` where Redis did not answer: what it holds goes with its time.
    pub async fn clear(&self) -> bool {
        let _alone = self.0.purge.write().await;
        self.0.flights.forget(|_| true);
        self.0.memory.forget(|_| true);
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.0.redis {
            return redis.clear().await;
        }
        true
    }

    /// Hits and misses of a kind since the start.
    pub fn counts(&self, kind: Kind) -> (u64, u64) {
        let (hits, misses) = self.counters(kind);
        (hits.get(), misses.get())
    }
}

impl<E: Clone + Send + Sync + 'static> Kept<E> {
    /// Find the answer of `key` or compute it, and keep it.
    async fn fly<F, Fut>(self, key: Key, number: u64, compute: F) -> Option<Landed<E>>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Bytes, E>> + Send + 'static,
    {
        // Between a look and the start of a flight another may have ended.
        if let Some(answer) = self.get(&key).await {
            self.0.flights.land(&key, number, || self.0.memory.put(&key, answer.clone()));
            return Some(Landed { outcome: Ok(answer), is_kept: true });
        }
        let computed = AssertUnwindSafe(async move { compute().await }).catch_unwind().await;
        let Ok(Ok(body)) = computed else {
            self.0.flights.land(&key, number, || ());
            return computed.ok().map(|outcome| Landed { outcome: outcome.map(Answer::new), is_kept: false });
        };
        let answer = Answer::new(body);
        self.keep(&key, number, &answer).await;
        Some(Landed { outcome: Ok(answer), is_kept: false })
    }

    /// Into memory at once; nobody waits for Redis.
    async fn keep(&self, key: &Key, number: u64, answer: &Answer) {
        let keeping = self.0.purge.clone().read_owned().await;
        let is_current = self.0.flights.land(key, number, || self.0.memory.put(key, answer.clone()));
        #[cfg(feature = "redis")]
        if let Some(redis) = self.0.redis.clone().filter(|_| is_current) {
            let (key, answer) = (key.clone(), answer.clone());
            tokio::spawn(async move {
                redis.put(&key, &answer).await;
                drop(keeping);
            });
        }
        #[cfg(not(feature = "redis"))]
        let _ = (is_current, keeping);
    }

    #[cfg(feature = "redis")]
    async fn behind(&self, key: &Key) -> Option<Answer> {
        self.0.redis.as_ref()?.get(key).await
    }

    #[cfg(not(feature = "redis"))]
    async fn behind(&self, _: &Key) -> Option<Answer> {
        None
    }

    async fn tickers_behind(&self) -> Vec<String> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.0.redis {
            return redis.tickers().await;
        }
        Vec::new()
    }

    async fn keys_behind(&self, ticker: &Ticker) -> Vec<Key> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.0.redis {
            return redis.of(ticker.as_str()).await;
        }
        let _ = ticker;
        Vec::new()
    }

    fn counters(&self, kind: Kind) -> &(IntCounter, IntCounter) {
        &self.0.counts[kind as usize]
    }
}

impl<E: Clone + Send + Sync + 'static> Inner<E> {
    fn new(config: KeptConfig, in_memory: Duration, metrics: &Metrics) -> Self {
        Self {
            memory: Memory::new(config.bytes, in_memory),
            flights: Flights::new(),
            counts: Kind::ALL.map(|kind| metrics.kept(kind)),
            #[cfg(feature = "redis")]
            redis: None,
            purge: Arc::default(),
        }
    }
}
