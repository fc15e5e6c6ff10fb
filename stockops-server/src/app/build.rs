//! `Builder`: from settings to a server that can answer.

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::Cache;
use stockops_agents::Analyst;
use stockops_agents::cache::SemanticCache;
use stockops_agents::llm::ChatModel;
use stockops_agents::news::NewsSource;
use stockops_core::source::BuiltinSource;
use stockops_core::storage::{self, Storage};
use stockops_core::{BarSource, Stockops, service};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::listener::Purging;
use super::{App, AppConfig, Inner};
use crate::Fault;
use crate::bars::Shelf;
use crate::guard::Guard;
use crate::jobs::{Jobs, Schedule};
use crate::kept::Kept;
use crate::limits::{Limiter, Limits, MemoryLimiter};
use crate::logs::Logs;
use crate::metrics::Metrics;
use crate::queue::{Queue, QueueConfig, SqliteQueue};

/// Tickers whose place is remembered.
const PLACES: usize = 10_000;
/// How often the machine is measured.
const MEASURED: std::time::Duration = std::time::Duration::from_secs(5);

/// A server before it is put together.
#[must_use = "a server is made with `build`"]
pub struct Builder {
    config: AppConfig,
    core: service::Builder,
    source: Arc<dyn BarSource>,
    model: Option<Arc<dyn ChatModel>>,
    news: Option<Arc<dyn NewsSource>>,
    semantic: Option<SemanticCache>,
    logs: Option<Logs>,
}

impl App {
    /// A server by `config`: bars that ship with stockops, no language model, no news.
    pub fn builder(config: AppConfig) -> Builder {
        let core = Stockops::builder();
        let source = Arc::new(BuiltinSource);
        Builder { config, core, source, model: None, news: None, semantic: None, logs: None }
    }
}

impl Builder {
    /// Where bars come from that nobody has sent.
    pub fn source(mut self, source: impl BarSource + 'static) -> Self {
        self.source = Arc::new(source);
        self
    }

    /// The library's surroundings beyond home and source, such as the device.
    pub fn core(mut self, core: service::Builder) -> Self {
        self.core = core;
        self
    }

    /// The language model that writes reports.
    pub fn model(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.model = Some(model);
        self
    }

    /// Where headlines come from.
    pub fn news(mut self, news: Arc<dyn NewsSource>) -> Self {
        self.news = Some(news);
        self
    }

    /// Where answers of the analysts are kept.
    pub fn semantic(mut self, cache: SemanticCache) -> Self {
        self.semantic = Some(cache);
        self
    }

    /// The log that `/system/logs` shows.
    pub fn logs(mut self, logs: Logs) -> Self {
        self.logs = Some(logs);
        self
    }

    /// Put it together, and start its workers on the runtime of tokio that this is called in.
    ///
    /// # Errors
    ///
    /// A [`Fault`] with what cannot be used: the home, the address of Redis, the line of the schedule.
    pub async fn build(self) -> Result<App, Fault> {
        let Self { config, core, source, model, news, semantic, logs } = self;
        let storage = storage::open(&config.home)?;
        let shelf = Shelf::new(Arc::clone(&storage), source, config.read, config.fresh);
        let stockops = core.home(&config.home).source(shelf.clone()).build()?;
        let metrics = Metrics::new(&config.watch);
        let has_model = model.is_some();
        let analyst = analyst(&config, &stockops, Arc::clone(&storage), model, news, semantic.clone())?;

        #[cfg(feature = "redis")]
        let redis = config.redis.as_deref().map(shared).transpose()?;
        #[cfg(feature = "redis")]
        if let Some(redis) = &redis {
            one_home(redis, &storage).await?;
        }
        #[cfg(feature = "redis")]
        let (limiter, kept) = match &redis {
            Some(redis) => (over(redis), Kept::over(config.kept, &metrics, Arc::clone(redis))),
            None => (alone(), Kept::new(config.kept, &metrics)),
        };
        #[cfg(not(feature = "redis"))]
        let (limiter, kept) = (alone(), Kept::new(config.kept, &metrics));

        let limits = Limits::new(config.limits.clone(), limiter);
        let guard = Guard::new(config.guard.clone(), limits.clone(), metrics.clone());
        let listener = Purging::new(Handle::current());
        let schedule =
            config.schedule.clone().map(|cron| Schedule { cron, tickers: config.watch.clone(), retrain: true });
        #[cfg(feature = "redis")]
        let queue = match &redis {
            Some(redis) => queue_over(redis).await?,
            None => queue_alone(&config).await?,
        };
        #[cfg(not(feature = "redis"))]
        let queue = queue_alone(&config).await?;
        let jobs = Jobs::builder(queue, stockops.clone())
            .analyst(analyst.clone())
            .workers(config.workers)
            .schedule(schedule)
            .listener(Arc::clone(&listener) as _)
            .start()?;
        metrics.workers(config.workers);
        metrics.watch_machine(&storage::local(&config.home)?, MEASURED);
        #[cfg(feature = "redis")]
        if let Some(redis) = &redis {
            metrics.watch_redis(Arc::clone(redis), MEASURED);
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let app = App(Arc::new(Inner {
            stockops,
            shelf,
            analyst,
            semantic,
            has_model,
            jobs,
            kept,
            limits,
            guard,
            metrics,
            logs,
            #[cfg(feature = "redis")]
            redis,
            processors: Arc::new(Semaphore::new(processors)),
            long: Arc::new(Semaphore::new((processors / 2).max(1))),
            places: Cache::new(PLACES),
            stirred: Arc::default(),
            config,
        }));
        listener.of(&app);
        super::listener::watch_jobs(&app, MEASURED);
        let is_bucket = storage::folder(&app.config().home)?.is_none();
        super::standing::watch_models(&app, is_bucket);
        Ok(app)
    }
}

fn analyst(
    config: &AppConfig,
    stockops: &Stockops,
    storage: Arc<dyn Storage>,
    model: Option<Arc<dyn ChatModel>>,
    news: Option<Arc<dyn NewsSource>>,
    semantic: Option<SemanticCache>,
) -> Result<Analyst, Fault> {
    let builder = Analyst::builder(stockops.clone()).bars_from(&config.bars_from).settings(config.analysts.clone());
    let builder = builder.storage(storage);
    let builder = model.into_iter().fold(builder, |builder, model| builder.model(model));
    let builder = news.into_iter().fold(builder, |builder, news| builder.news(news));
    // Where callers have keys, one must not read what another one asked.
    let shared = semantic.filter(|_| config.guard.keys.is_empty());
    let builder = shared.into_iter().fold(builder, |builder, cache| builder.cache(cache));
    Ok(builder.build()?)
}

fn alone() -> Arc<dyn Limiter> {
    Arc::new(MemoryLimiter::new())
}

#[cfg(feature = "redis")]
fn over(redis: &Arc<crate::shared::Shared>) -> Arc<dyn Limiter> {
    Arc::new(crate::limits::RedisLimiter::new(Arc::clone(redis)))
}

#[cfg(feature = "redis")]
fn shared(url: &str) -> Result<Arc<crate::shared::Shared>, Fault> {
    use crate::shared::{Shared, SharedConfig};
    Ok(Shared::new(SharedConfig { url: url.to_owned(), ..SharedConfig::default() })?)
}

/// Refuse a Redis that serves another home: each server would train what the other one has already, and answer with it. A Redis that
/// is away is asked by the queue, which says so.
#[cfg(feature = "redis")]
async fn one_home(redis: &Arc<crate::shared::Shared>, storage: &Arc<dyn Storage>) -> Result<(), Fault> {
    let own = identity(storage)?;
    let key = redis.key(&["home"]);
    let mut calls = redis::Pipeline::new();
    calls.cmd("SET").arg(&key).arg(&own).arg("NX").ignore().cmd("GET").arg(&key);
    match redis.ask::<(String,)>(calls).await {
        Some((other,)) if other != own => {
            let detail = format!(
                "this Redis serves another home; servers on one Redis share their home, so start with the same --home, or with another \
                 database of Redis, or delete its key {key} where that home is gone"
            );
            Err(Fault::new(axum::http::StatusCode::CONFLICT, detail))
        }
        _ => Ok(()),
    }
}

/// What tells a home from all others; made once.
#[cfg(feature = "redis")]
fn identity(storage: &Arc<dyn Storage>) -> Result<String, Fault> {
    use std::hash::{BuildHasher, RandomState};

    let key = stockops_core::storage::Key::new("server/home")?;
    let random = || RandomState::new().hash_one(std::process::id());
    storage.create(&key, format!("{:016x}{:016x}", random(), random()).as_bytes())?;
    let found = storage.get(&key)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&found).into_owned())
}

/// The queue of all servers on one Redis.
#[cfg(feature = "redis")]
async fn queue_over(redis: &crate::shared::Shared) -> Result<Arc<dyn Queue>, Fault> {
    let timeout = std::time::Duration::from_secs(2);
    let opened = crate::queue::RedisQueue::beside(redis, "stockops", timeout, QueueConfig::default()).await;
    Ok(Arc::new(opened.map_err(unusable)?))
}

/// The queue of this home; of this machine where the home is a bucket.
async fn queue_alone(config: &AppConfig) -> Result<Arc<dyn Queue>, Fault> {
    let folder = storage::local(&config.home)?;
    let failed = |source| stockops_core::Error::Storage { action: "create", path: folder.clone(), source };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok(Arc::new(SqliteQueue::open(folder.join("jobs.sqlite"), QueueConfig::default()).await.map_err(unusable)?))
}

/// Who starts a server reads the whole of it.
fn unusable(error: crate::queue::QueueError) -> Fault {
    Fault::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
