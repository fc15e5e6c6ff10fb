//! How often something may be asked: per client, per ticker, and of the language model per day.

#[cfg(any(test, feature = "testing"))]
pub mod conformance;
mod limiter;
mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::sync::Arc;
use std::time::Duration;

use stockops_core::Ticker;

pub use limiter::{Limiter, Rate};
pub use memory::MemoryLimiter;
pub(crate) use memory::Windows;
#[cfg(feature = "redis")]
pub use redis::RedisLimiter;

use crate::Fault;

/// How often each thing may be asked. `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitConfig {
    /// Requests of a client. Default 100 a minute.
    pub client: Option<Rate>,
    /// Trainings of a ticker. Default 5 an hour.
    pub training: Option<Rate>,
    /// Predictions of a ticker. Default 40 an hour.
    pub prediction: Option<Rate>,
    /// Tokens of the language model, of all clients together, in a day of UTC. Default 2,000,000.
    pub tokens_a_day: Option<u64>,
}

impl Default for LimitConfig {
    fn default() -> Self {
        Self {
            client: Some(Rate { most: 100, period: Duration::from_secs(60) }),
            training: Some(Rate { most: 5, period: Duration::from_secs(3600) }),
            prediction: Some(Rate { most: 40, period: Duration::from_secs(3600) }),
            tokens_a_day: Some(2_000_000),
        }
    }
}

impl LimitConfig {
    /// No limit of anything: for a measurement.
    pub fn off() -> Self {
        Self { client: None, training: None, prediction: None, tokens_a_day: None }
    }
}

/// The limits of a server. What is refused is a [`Fault`] with 429 and the seconds to wait.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use stockops_core::Ticker;
/// use stockops_server::limits::{LimitConfig, Limits, MemoryLimiter};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_core::Result<()> {
/// let limits = Limits::new(LimitConfig::default(), Arc::new(MemoryLimiter::new()));
/// let ticker = Ticker::new("GOOG")?;
/// for _ in 0..5 {
///     assert!(limits.training(&ticker).await.is_ok());
/// }
/// assert_eq!(limits.training(&ticker).await.unwrap_err().status, 429);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    config: LimitConfig,
    limiter: Arc<dyn Limiter>,
}

impl Limits {
    /// Limits that `limiter` counts.
    pub fn new(config: LimitConfig, limiter: Arc<dyn Limiter>) -> Self {
        Self { config, limiter }
    }

    /// Count a request of a client, see [`Caller::client`](crate::guard::Caller::client).
    ///
    /// # Errors
    ///
    /// 429, as for all of them.
    pub async fn client(&self, client: &str) -> Result<(), Fault> {
        self.take(self.config.client, "client", client, "too many requests").await
    }

    /// Count a training of a ticker that is about to begin.
    ///
    /// # Errors
    ///
    /// 429.
    pub async fn training(&self, ticker: &Ticker) -> Result<(), Fault> {
        self.take(self.config.training, "training", ticker.as_str(), "too many trainings of this ticker").await
    }

    /// Count a prediction of a ticker.
    ///
    /// # Errors
    ///
    /// 429.
    pub async fn prediction(&self, ticker: &Ticker) -> Result<(), Fault> {
        self.take(self.config.prediction, "prediction", ticker.as_str(), "too many predictions of this ticker").await
    }

    /// Set tokens of today's budget aside, for a call of the language model. What it really took is told by
    /// [`Reserved::settle`]; without that all of them count as spent.
    ///
    /// # Errors
    ///
    /// 429 with the seconds until the next day of UTC.
    pub async fn reserve(&self, tokens: u64) -> Result<Reserved, Fault> {
        let Some(budget) = self.config.tokens_a_day else { return Ok(Reserved { limits: self.clone(), taken: None }) };
        let day = chrono::Utc::now().date_naive();
        if self.limiter.spend(day, tokens, budget).await {
            return Ok(Reserved { limits: self.clone(), taken: Some((day, tokens)) });
        }
        let what = format!("the budget of {budget} tokens a day for the language model is spent");
        Err(Fault::too_many(&what, until_tomorrow()))
    }

    /// [`Reserved::settle`] of `tokens` that were set aside on `day`, for who has not kept the [`Reserved`].
    pub async fn settle(&self, day: chrono::NaiveDate, tokens: u64, used: u64) {
        if self.config.tokens_a_day.is_some() {
            self.limiter.settle(day, tokens, used).await;
        }
    }

    async fn take(&self, rate: Option<Rate>, rule: &'static str, who: &str, what: &str) -> Result<(), Fault> {
        let Some(rate) = rate else { return Ok(()) };
        let wait = self.limiter.take(rule, who, rate).await;
        wait.map_or(Ok(()), |wait| Err(Fault::too_many(what, wait)))
    }
}

/// Tokens that are set aside.
#[derive(Debug)]
#[must_use = "tokens that are not settled count as spent"]
pub struct Reserved {
    limits: Limits,
    taken: Option<(chrono::NaiveDate, u64)>,
}

impl Reserved {
    /// Give back what the call did not need. What it needed beyond that is counted, and the day is overdrawn by it.
    pub async fn settle(self, used: u64) {
        if let Some((day, tokens)) = self.taken {
            self.limits.limiter.settle(day, tokens, used).await;
        }
    }
}

fn until_tomorrow() -> Duration {
    let seconds = chrono::Utc::now().timestamp().rem_euclid(86_400);
    Duration::from_secs(86_400 - seconds.unsigned_abs())
}
