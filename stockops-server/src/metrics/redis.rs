//! Redis: whether it answers, how many keys it holds, and how much of its memory is taken.

use super::Metrics;

/// How much Redis holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Keys in the database.
    pub keys: u64,
    /// Bytes that it uses.
    pub memory: u64,
    /// Bytes that it may use; 0 where it has no limit.
    pub memory_limit: u64,
}

impl Metrics {
    /// What Redis said of itself; `None` where it does not answer. Its memory stands as it was said last.
    pub fn redis(&self, usage: Option<Usage>) {
        let all = &self.0;
        let number = |count: u64| count.try_into().unwrap_or(i64::MAX);
        all.redis_up.set(usage.is_some().into());
        all.redis_keys.set(number(usage.map_or(0, |usage| usage.keys)));
        if let Some(usage) = usage {
            all.redis_used.set(number(usage.memory));
            all.redis_limit.set(number(usage.memory_limit));
        }
    }

    /// Ask Redis every `every` from now on how it is, until the handle is aborted.
    #[cfg(feature = "redis")]
    pub fn watch_redis(
        &self,
        redis: std::sync::Arc<crate::shared::Shared>,
        every: std::time::Duration,
    ) -> tokio::task::JoinHandle<()> {
        let metrics = self.clone();
        metrics.0.redis_set.set(1);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(every);
            loop {
                ticks.tick().await;
                metrics.redis(redis.usage().await);
            }
        })
    }
}
