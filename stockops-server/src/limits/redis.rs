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

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::limits::conformance;
    use crate::testing::Redis;

    const RATE: Rate = Rate { most: 3, period: Duration::from_secs(600) };

    #[tokio::test]
    #[ignore = "it needs redis-server"]
    async fn it_keeps_the_promises_of_limiters() {
        let redis = Redis::start();
        conformance::all(&RedisLimiter::new(redis.shared())).await;
    }

    #[tokio::test]
    #[ignore = "it needs redis-server"]
    async fn limits_and_budget_hold_over_replicas() {
        let redis = Redis::start();
        let replicas = [(); 4].map(|()| RedisLimiter::new(redis.shared()));
        let asked = join_all((0..40).map(|n| replicas[n % 4].take("training", "GOOG", RATE))).await;
        assert_eq!(asked.iter().filter(|wait| wait.is_none()).count(), 3);
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let spent = join_all((0..40).map(|n| replicas[n % 4].spend(day, 100, 1000))).await;
        assert_eq!(spent.iter().filter(|fits| **fits).count(), 10);
        // Nothing stays for ever.
        for key in redis::cmd("KEYS").arg("*").query::<Vec<String>>(&mut redis.connection()).unwrap() {
            let ttl: i64 = redis::cmd("TTL").arg(&key).query(&mut redis.connection()).unwrap();
            assert!(ttl > 0, "{key} stays for {ttl}");
        }
    }

    #[tokio::test]
    #[ignore = "it needs redis-server"]
    async fn while_redis_is_away_each_server_counts_for_itself() {
        let mut redis = Redis::start();
        let limiter = RedisLimiter::new(redis.shared());
        assert_eq!(limiter.take("training", "GOOG", RATE).await, None);
        redis.kill();
        let asked = join_all((0..10).map(|_| limiter.take("training", "GOOG", RATE))).await;
        assert_eq!(asked.iter().filter(|wait| wait.is_none()).count(), 3, "not without a limit");
        redis.start_again();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(limiter.take("training", "GOOG", RATE).await, None, "Redis counts again");
    }
}
