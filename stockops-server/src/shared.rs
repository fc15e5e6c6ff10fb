//! `Shared`: the Redis that several servers share, which may be away at any time.

pub(crate) mod connections;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::{FromRedisValue, Pipeline, RedisError};
use stockops_core::{Error, Result};

use crate::metrics::Usage;
use connections::{Connections, RULE};

/// Where Redis is, and how long it is waited for.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedConfig {
    /// `redis://user:password@host:port/database`, or `rediss://` with TLS.
    pub url: String,
    /// What all keys begin with. Default `stockops`.
    pub prefix: String,
    /// How long connecting and each answer may take. Default 250 milliseconds.
    pub timeout: Duration,
    /// How long nobody asks after a failure. Then one does, and the rest if that one had an answer. Default a second.
    pub pause: Duration,
}

impl Default for SharedConfig {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".into(),
            prefix: "stockops".into(),
            timeout: Duration::from_millis(250),
            pause: Duration::from_secs(1),
        }
    }
}

/// The address is not shown, since it may hold a password.
impl std::fmt::Debug for SharedConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { prefix, timeout, pause, .. } = self;
        f.debug_struct("SharedConfig")
            .field("prefix", prefix)
            .field("timeout", timeout)
            .field("pause", pause)
            .finish_non_exhaustive()
    }
}

/// The Redis that several servers share.
///
/// It is asked beside the async threads, each time for a short while only. After a failure nobody asks for a moment, so that a Redis
/// that is away or hangs costs one wait a second and not one for each request. That it went and that it came back is logged once.
pub struct Shared {
    connections: Arc<Connections>,
    config: SharedConfig,
    closed_until: Mutex<Option<Instant>>,
    is_up: AtomicBool,
}

impl Shared {
    /// Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for an address that is none. It is not repeated, since it may hold a password.
    pub fn new(config: SharedConfig) -> Result<Arc<Self>> {
        let wrong = || Error::Config { field: "redis", rule: RULE, got: "another".into() };
        let connections = Arc::new(Connections::new(&config.url).ok_or_else(wrong)?);
        Ok(Arc::new(Self { connections, config, closed_until: Mutex::default(), is_up: AtomicBool::new(true) }))
    }

    /// Its connections, for others who ask the same server.
    pub(crate) fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// How many keys there are in the database; `None` where it does not answer.
    pub async fn keys(self: &Arc<Self>) -> Option<u64> {
        let mut calls = Pipeline::new();
        calls.cmd("DBSIZE");
        self.ask::<(u64,)>(calls).await.map(|(keys,)| keys)
    }

    /// How many keys there are, and how much of the memory is taken; `None` where it does not answer.
    pub async fn usage(self: &Arc<Self>) -> Option<Usage> {
        let mut calls = Pipeline::new();
        calls.cmd("DBSIZE").cmd("INFO").arg("memory");
        let (keys, info): (u64, String) = self.ask(calls).await?;
        let of = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        Some(Usage {
            keys,
            memory: of("used_memory:").unwrap_or_default(),
            memory_limit: of("maxmemory:").unwrap_or_default(),
        })
    }

    /// A key of ours: the prefix and `parts`, colons between them.
    pub(crate) fn key(&self, parts: &[&str]) -> String {
        format!("{}:{}", self.config.prefix, parts.join(":"))
    }

    /// Send `calls` in one go; their answers, or `None` where Redis is away. Whatever is asked may be asked twice: a kept connection
    /// that the server has closed meanwhile is replaced by a new one.
    pub(crate) async fn ask<T: FromRedisValue + Send + 'static>(self: &Arc<Self>, calls: Pipeline) -> Option<T> {
        if !self.may_ask() {
            return None;
        }
        let shared = self.clone();
        let ask = move || shared.connections.ask(shared.config.timeout, |connection| calls.query(connection));
        let asked = tokio::task::spawn_blocking(ask).await.ok()?;
        self.note(asked.as_ref().err());
        asked.ok()
    }

    /// Whether the last answer came.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// Whether the pause after a failure is over; the first to ask then keeps the others waiting for its answer.
    fn may_ask(&self) -> bool {
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = *closed else { return true };
        let now = Instant::now();
        if now < until {
            return false;
        }
        *closed = Some(now + self.config.pause + self.config.timeout);
        true
    }

    fn note(&self, failure: Option<&RedisError>) {
        let pause = failure.map(|_| Instant::now() + self.config.pause);
        *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = pause;
        let was_up = self.is_up.swap(failure.is_none(), Ordering::Relaxed);
        match failure {
            Some(error) if was_up => tracing::warn!(%error, "Redis is away: each server counts and keeps for itself"),
            None if !was_up => tracing::info!("Redis is back"),
            _ => {}
        }
    }
}

/// The address is not shown, since it may hold a password.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("prefix", &self.config.prefix)
            .field("is_up", &self.is_up())
            .finish_non_exhaustive()
    }
}
