//! `App`: the state of the server: the library, its bars, analysts, jobs, kept answers, limits, metrics and logs.

mod build;
mod config;
mod listener;
mod standing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use stockops_agents::cache::{Purge, SemanticCache};
use stockops_agents::{Analyst, Request};
use stockops_core::registry::VersionId;
use stockops_core::{Sourced, Stockops, Ticker};
use tokio::sync::{Notify, Semaphore};

pub use build::Builder;
pub use config::AppConfig;

use crate::Fault;
use crate::bars::Shelf;
use crate::guard::Guard;
use crate::jobs::{Asked, Began, Job, Jobs, Work};
use crate::kept::{Kept, Key, Kind};
use crate::limits::{Limits, Reserved};
use crate::logs::Logs;
use crate::metrics::Metrics;
#[cfg(feature = "redis")]
use crate::shared::Shared;

/// Everything that routes stand on. Clones are the same server.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: AppConfig,
    stockops: Stockops,
    shelf: Shelf,
    analyst: Analyst,
    semantic: Option<SemanticCache>,
    /// Whether a language model writes, which takes tokens of the day's budget.
    has_model: bool,
    jobs: Jobs,
    kept: Kept<Fault>,
    limits: Limits,
    guard: Guard,
    metrics: Metrics,
    logs: Option<Logs>,
    #[cfg(feature = "redis")]
    redis: Option<Arc<Shared>>,
    /// Computations at once: more would only wait for each other.
    processors: Arc<Semaphore>,
    /// Long work at once.
    long: Arc<Semaphore>,
    places: Cache<Ticker, Place>,
    /// Rung where something of a watched ticker has changed.
    stirred: Arc<Notify>,
}

/// How long it is believed where a ticker stands. What this server changes for the ticker itself is seen at once.
const BELIEVED: Duration = Duration::from_millis(250);

/// Where a ticker stands: what its answers depend on.
#[derive(Debug, Clone)]
struct Place {
    bars: Arc<Sourced>,
    /// Of the bars, its beginning.
    sha256: String,
    model: VersionId,
    at: Instant,
}

impl App {
    /// Its settings.
    pub fn config(&self) -> &AppConfig {
        &self.0.config
    }

    /// The library behind it.
    pub fn stockops(&self) -> &Stockops {
        &self.0.stockops
    }

    /// Its jobs.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// What stands around its routes.
    pub fn guard(&self) -> &Guard {
        &self.0.guard
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    pub(crate) fn analyst(&self) -> &Analyst {
        &self.0.analyst
    }

    pub(crate) fn semantic(&self) -> Option<&SemanticCache> {
        self.0.semantic.as_ref()
    }

    pub(crate) fn has_model(&self) -> bool {
        self.0.has_model
    }

    pub(crate) fn kept(&self) -> &Kept<Fault> {
        &self.0.kept
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The log that `/system/logs` shows.
    pub fn logs(&self) -> Option<&Logs> {
        self.0.logs.as_ref()
    }

    #[cfg(feature = "redis")]
    pub(crate) fn redis(&self) -> Option<&Arc<Shared>> {
        self.0.redis.as_ref()
    }

    /// Run `work` beside the async threads, as soon as a processor is free.
    pub(crate) async fn run<T, E>(&self, work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static) -> Result<T, Fault>
    where
        T: Send + 'static,
        E: Into<Fault> + Send + 'static,
    {
        let place = Arc::clone(&self.0.processors).acquire_owned().await;
        self.read(move |app| {
            let _place = place;
            work(app)
        })
        .await
    }

    /// Run `work` that reads or writes files beside the async threads, and waits for no computation.
    pub(crate) async fn read<T, E>(&self, work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static) -> Result<T, Fault>
    where
        T: Send + 'static,
        E: Into<Fault> + Send + 'static,
    {
        let (app, span) = (self.clone(), tracing::Span::current());
        let ran = tokio::task::spawn_blocking(move || span.in_scope(|| work(&app).map_err(Into::into)));
        ran.await.unwrap_or_else(|error| Err(Fault::panicked(&error)))
    }

    /// Run `work` that takes long, one at a time, so that short work goes on beside it.
    pub(crate) async fn run_long<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        E: Into<Fault> + Send + 'static,
    {
        let place = Arc::clone(&self.0.long).acquire_owned().await;
        self.read(move |app| {
            let _place = place;
            work(app)
        })
        .await
    }

    /// The bars of `ticker`, those of the index beside them.
    pub(crate) fn bars(&self, ticker: &Ticker) -> stockops_core::Result<Sourced> {
        self.0.stockops.bars(ticker)
    }

    /// What an answer about `ticker` depends on now: its last bar, and the version that forecasts it.
    pub(crate) async fn key(&self, kind: Kind, ticker: &Ticker, details: String) -> Result<Key, Fault> {
        let place = self.place(ticker).await?;
        let last_bar = place.bars.bars.last_day().unwrap_or_default();
        Ok(Key::new(kind, ticker.clone(), last_bar, place.model.to_string(), format!("{} {details}", place.sha256)))
    }

    /// Where `ticker` stands, as it was a moment ago at the most.
    async fn place(&self, ticker: &Ticker) -> Result<Place, Fault> {
        match self.0.places.get(ticker).filter(|place| place.at.elapsed() < BELIEVED) {
            Some(place) => Ok(place),
            None => self.look(ticker).await,
        }
    }

    /// Where `ticker` stands now.
    async fn look(&self, ticker: &Ticker) -> Result<Place, Fault> {
        let of = ticker.clone();
        let place = self.read(move |app| -> stockops_core::Result<Place> {
            let bars = app.0.shelf.shared(&of)?;
            let model = app.0.stockops.forecasts_by(&of)?;
            let sha256 = bars.bars.sha256()[..16].to_owned();
            Ok(Place { bars, sha256, model, at: Instant::now() })
        });
        let place = place.await?;
        self.0.places.insert(ticker.clone(), place.clone());
        Ok(place)
    }

    /// Whether `ticker` has a version of its own, or is what the parent is of. A ticker without bars is an error.
    pub(crate) async fn has_version(&self, ticker: &Ticker) -> Result<bool, Fault> {
        // Another server may have trained it a moment ago, so a "no" is looked at again.
        Ok(self.place(ticker).await?.model.ticker == *ticker || self.look(ticker).await?.model.ticker == *ticker)
    }

    /// Let the analysts report as a task of `owner`. Where a language model writes, tokens of the day are set aside until it ends.
    pub(crate) async fn ask_analysts(&self, request: Request, owner: Option<&str>) -> Result<Asked, Fault> {
        let reserved = self.reserve().await?;
        let asked = self.0.jobs.ask(Work::Analyze(request), owner).await?;
        match reserved {
            // The same report is under way, and has its own.
            Some(reserved) if asked.status == Began::Running => reserved.settle(0).await,
            _ => {}
        }
        Ok(asked)
    }

    /// Set aside what a report may take, where a language model writes.
    pub(crate) async fn reserve(&self) -> Result<Option<Reserved>, Fault> {
        match self.0.has_model {
            true => self.0.limits.reserve(self.0.config.analysts.tokens).await.map(Some),
            false => Ok(None),
        }
    }

    /// Give back what the report of a task did not take, once it has ended; all of it counts where nobody knows what it took.
    pub(crate) async fn settle(&self, job: &Job, used: Option<u64>) {
        if let (true, Some(Work::Analyze(_)), Some(used)) = (self.0.has_model, &job.work, used) {
            self.0.limits.settle(job.created.date_naive(), self.0.config.analysts.tokens, used).await;
        }
    }

    /// Forget where tickers stand, after all of them have changed.
    pub(crate) fn forget_places(&self) {
        self.0.places.clear();
    }

    /// Forget what was answered about `ticker`: its bars or its model are others now.
    pub(crate) async fn purge(&self, ticker: &Ticker) {
        self.0.places.remove(ticker);
        self.stir(ticker);
        self.0.kept.purge(ticker).await;
        if let Err(error) = self.purge_semantic(ticker).await {
            tracing::warn!(%ticker, error = error.detail, "kept answers of the analysts could not be purged");
        }
    }

    async fn purge_semantic(&self, ticker: &Ticker) -> Result<(), Fault> {
        let Some(semantic) = &self.0.semantic else { return Ok(()) };
        let of = ticker.clone();
        let current = self.read(move |app| app.0.stockops.forecasts_by(&of)).await?.to_string();
        semantic.purge(&Purge::Superseded { ticker: ticker.clone(), current }).await?;
        Ok(())
    }
}
