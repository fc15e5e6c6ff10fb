//! `RedisLimiter`: counts that several servers share.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use futures_util::future::{BoxFuture, FutureExt};
use redis::Pipeline;

use super::{Limiter, MemoryLimiter, Rate};
use crate::shared::Shared;

/// Counts one more, or says how many microseconds to wait.
const TAKE: &str = include_str!("take.lua");
/// Sets tokens aside.
const SPEND: &str = include_str!("spend.lua");
/// Days that the count of tokens is kept, in seconds.
const TWO_DAYS: u64 = 2 * 86_400;

/// Counts that several servers share, in Redis and by its clock. While Redis is away each server counts for itself.
#[derive(Debug)]
pub struct RedisLimiter {
    shared: Arc<Shared>,
    alone: MemoryLimiter,
}

impl RedisLimiter {
    /// Counts in `shared`.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, alone: MemoryLimiter::new() }
    }

    fn spent(&self, day: NaiveDate) -> String {
        self.shared.key(&["tokens", &day.to_string()])
    }
}

impl Limiter for RedisLimiter {
    fn take<'a>(&'a self, rule: &'static str, who: &'a str, rate: Rate) -> BoxFuture<'a, Option<Duration>> {
        let mut call = Pipeline::new();
        call.cmd("EVAL").arg(TAKE).arg(1).arg(self.shared.key(&["limit", rule, who]));
        call.arg(rate.most).arg(rate.period.as_micros() as u64);
        async move {
            match self.shared.ask::<(i64,)>(call).await {
                Some((wait,)) => (wait > 0).then(|| Duration::from_micros(wait.unsigned_abs())),
                None => self.alone.take(rule, who, rate).await,
            }
        }
        .boxed()
    }

    fn spend(&self, day: NaiveDate, tokens: u64, budget: u64) -> BoxFuture<'_, bool> {
        let mut call = Pipeline::new();
        call.cmd("EVAL").arg(SPEND).arg(1).arg(self.spent(day)).arg(tokens).arg(budget).arg(TWO_DAYS);
        async move {
            match self.shared.ask::<(bool,)>(call).await {
                Some((fits,)) => fits,
                None => self.alone.spend(day, tokens, budget).await,
            }
        }
        .boxed()
    }

    fn settle(&self, day: NaiveDate, tokens: u64, used: u64) -> BoxFuture<'_, ()> {
        let more = i128::from(used) - i128::from(tokens);
        let mut call = Pipeline::new();
        call.cmd("INCRBY").arg(self.spent(day)).arg(more.to_string()).ignore();
        call.cmd("EXPIRE").arg(self.spent(day)).arg(TWO_DAYS).ignore();
        async move {
            if self.shared.ask::<()>(call).await.is_none() {
                self.alone.settle(day, tokens, used).await;
            }
        }
        .boxed()
    }
}
