//! Answers in Redis, behind the memory of each server.
//!
//! An answer stands under `stockops:kept:KEY`, its body as it is. The set `stockops:kept-of:TICKER` holds the keys about a ticker,
//! and the sorted set `stockops:kept-tickers` the tickers, by when their last answer is over.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Pipeline;

use super::{Answer, Key};
use crate::shared::Shared;

/// Answers in Redis. Where it is away nothing is found and nothing kept.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    shared: Arc<Shared>,
    ttl: Duration,
}

impl Behind {
    pub(super) fn new(shared: Arc<Shared>, ttl: Duration) -> Self {
        Self { shared, ttl }
    }

    pub(super) async fn get(&self, key: &Key) -> Option<Answer> {
        let mut calls = Pipeline::new();
        calls.get(self.of_key(&key.text()));
        let (body,) = self.shared.ask::<(Option<Vec<u8>>,)>(calls).await?;
        body.map(Answer::new)
    }

    pub(super) async fn put(&self, key: &Key, answer: &Answer) {
        let (text, ticker, ttl) = (key.text(), key.ticker.as_str(), self.ttl.as_millis() as u64);
        let (now, keys) = (now(), self.of_ticker(ticker));
        let mut calls = Pipeline::new();
        calls.atomic();
        calls.cmd("SET").arg(self.of_key(&text)).arg(&answer.body[..]).arg("PX").arg(ttl).ignore();
        calls.cmd("SADD").arg(&keys).arg(&text).ignore();
        calls.cmd("PEXPIRE").arg(&keys).arg(ttl).ignore();
        calls.cmd("ZADD").arg(self.all()).arg(now + ttl).arg(ticker).ignore();
        calls.cmd("ZREMRANGEBYSCORE").arg(self.all()).arg("-inf").arg(now).ignore();
        self.shared.ask::<()>(calls).await;
    }

    /// The keys about a ticker; an answer that is over may be among them.
    pub(super) async fn of(&self, ticker: &str) -> Vec<Key> {
        let mut calls = Pipeline::new();
        calls.cmd("SMEMBERS").arg(self.of_ticker(ticker));
        let (texts,) = self.shared.ask::<(Vec<String>,)>(calls).await.unwrap_or_default();
        texts.iter().filter_map(|text| Key::read(text)).collect()
    }

    pub(super) async fn tickers(&self) -> Vec<String> {
        let mut calls = Pipeline::new();
        calls.cmd("ZRANGEBYSCORE").arg(self.all()).arg(now()).arg("+inf");
        self.shared.ask::<(Vec<String>,)>(calls).await.unwrap_or_default().0
    }

    pub(super) async fn purge(&self, ticker: &str) -> bool {
        let mut asked = Pipeline::new();
        asked.cmd("SMEMBERS").arg(self.of_ticker(ticker));
        let Some((texts,)) = self.shared.ask::<(Vec<String>,)>(asked).await else { return false };
        let mut calls = Pipeline::new();
        calls.atomic();
        for text in &texts {
            calls.cmd("DEL").arg(self.of_key(text)).ignore();
            calls.cmd("SREM").arg(self.of_ticker(ticker)).arg(text).ignore();
        }
        calls.cmd("ZREM").arg(self.all()).arg(ticker).ignore();
        self.shared.ask::<()>(calls).await.is_some()
    }

    pub(super) async fn clear(&self) -> bool {
        let mut all = Pipeline::new();
        all.cmd("ZRANGE").arg(self.all()).arg(0).arg(-1);
        let Some((tickers,)) = self.shared.ask::<(Vec<String>,)>(all).await else { return false };
        for ticker in &tickers {
            if !self.purge(ticker).await {
                return false;
            }
        }
        true
    }

    fn of_key(&self, text: &str) -> String {
        self.shared.key(&["kept", text])
    }

    fn of_ticker(&self, ticker: &str) -> String {
        self.shared.key(&["kept-of", ticker])
    }

    fn all(&self) -> String {
        self.shared.key(&["kept-tickers"])
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
