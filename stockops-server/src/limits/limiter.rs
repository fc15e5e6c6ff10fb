//! `Limiter`: who counts.

use std::fmt::Debug;
use std::time::Duration;

use chrono::NaiveDate;
use futures_util::future::BoxFuture;

/// At most so many in any stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many; 0 refuses all.
    pub most: u32,
    /// In how long.
    pub period: Duration,
}

/// Counts what is asked: in this process, or in Redis for several servers.
pub trait Limiter: Debug + Send + Sync {
    /// Count one more of `who` under `rule`; or, where `rate` is reached, count nothing and say how long to wait.
    fn take<'a>(&'a self, rule: &'static str, who: &'a str, rate: Rate) -> BoxFuture<'a, Option<Duration>>;

    /// Set `tokens` of the `budget` of `day` aside; `false` where so many are not left, and nothing is taken.
    fn spend(&self, day: NaiveDate, tokens: u64, budget: u64) -> BoxFuture<'_, bool>;

    /// Put `used` in the place of `tokens` that were set aside.
    fn settle(&self, day: NaiveDate, tokens: u64, used: u64) -> BoxFuture<'_, ()>;
}
