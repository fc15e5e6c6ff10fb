//! `Purging`: what a job has changed is forgotten by the caches, and counted.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use stockops_core::{Forecast, Ticker};
use tokio::runtime::Handle;

use super::{App, Inner};
use crate::jobs::{Job, Listener, Work};
use crate::metrics::{Change, Quality, TaskKind, TaskState};
use crate::queue::State;

/// Running jobs that are looked at.
const RUNNING: usize = 100;

/// Hears for a server that is put together after its jobs.
#[derive(Debug)]
pub(super) struct Purging {
    app: OnceLock<Weak<Inner>>,
    runtime: Handle,
}

impl Purging {
    pub(super) fn new(runtime: Handle) -> Arc<Self> {
        Arc::new(Self { app: OnceLock::new(), runtime })
    }

    pub(super) fn of(&self, app: &App) {
        let _ = self.app.set(Arc::downgrade(&app.0));
    }

    fn app(&self) -> Option<App> {
        self.app.get()?.upgrade().map(App)
    }
}

impl Listener for Purging {
    fn model_changed(&self, ticker: &Ticker) {
        if let Some(app) = self.app() {
            self.runtime.block_on(app.purge(ticker));
        }
    }

    fn forecast_made(&self, forecast: &Forecast) {
        let Some(app) = self.app() else { return };
        if let Err(fault) = self.runtime.block_on(crate::routes::keep(&app, forecast.clone())) {
            tracing::warn!(ticker = %forecast.ticker, problem = fault.detail, "the forecast beside a training was not kept");
        }
    }

    fn ended(&self, job: &Job) {
        let Some(app) = self.app() else { return };
        app.count(job);
        job.work.as_ref().and_then(Work::ticker).into_iter().for_each(|ticker| app.stir(ticker));
        let job = job.clone();
        self.runtime.spawn(async move {
            app.settle(&job, tokens(&job)).await;
            app.look_again(&job).await;
        });
    }
}

/// Tokens that a report has taken; none where it is not known.
fn tokens(job: &Job) -> Option<u64> {
    let tokens = &job.result.as_ref()?["cost"]["tokens"];
    Some(tokens["prompt"].as_u64()? + tokens["answer"].as_u64()?)
}

/// Let metrics say how many jobs wait and run, and which trainings, as long as the server is there.
pub(super) fn watch_jobs(app: &App, every: Duration) {
    let app = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            let Some(app) = app.upgrade().map(App) else { return };
            if let Ok(depth) = app.0.jobs.depth().await {
                let now = DateTime::<Utc>::from(std::time::SystemTime::now());
                let oldest = depth.oldest_due.and_then(|due| (now - due).to_std().ok()).unwrap_or_default();
                app.0.metrics.jobs(depth.queued(), depth.running, oldest);
            }
            for job in app.0.jobs.list(Some(State::Running), RUNNING).await.unwrap_or_default() {
                if let Some(kind) = kind(&job) {
                    app.0.metrics.training_is(kind, TaskState::Running);
                }
            }
        }
    });
}

/// Whose model a job trains; none where it trains none.
fn kind(job: &Job) -> Option<TaskKind> {
    match &job.work {
        Some(Work::TrainParent(_)) => Some(TaskKind::Parent),
        Some(Work::TrainChild(_)) => Some(TaskKind::Child),
        _ => None,
    }
}

/// What a job is called in metrics.
fn word(job: &Job) -> &'static str {
    match &job.work {
        Some(Work::TrainParent(_)) => "parent",
        Some(Work::TrainChild(_)) => "child",
        Some(Work::Monitor(_)) => "monitor",
        Some(Work::Analyze(_)) => "report",
        Some(Work::Nightly { .. }) => "nightly",
        None => "",
    }
}

/// Whether the version that a training or a monitor made forecasts from now on.
fn has_taken_over(result: &Json) -> bool {
    let is_champion = |alias: &Json| alias == "champion";
    result["alias"].as_array().is_some_and(|all| all.iter().any(is_champion)) || result["action"]["verdict"] == "swap"
}

impl App {
    /// The quality of a ticker that a job has looked at is a metric.
    async fn look_again(&self, job: &Job) {
        match &job.work {
            Some(Work::Monitor(request)) if job.state == State::Done => {
                let ticker = request.ticker.clone();
                let judged = self.read(move |app| -> stockops_core::Result<()> {
                    let record = app.0.stockops.record();
                    if let Some(drift) = record.latest_report(&ticker)? {
                        let kept = record.forecasts(&ticker)?;
                        app.0.metrics.judged(&ticker, &Quality::of(&drift, kept.iter().flat_map(|one| &one.outcomes)));
                    }
                    Ok(())
                });
                if let Err(fault) = judged.await {
                    tracing::warn!(problem = fault.detail, "the quality of a model could not be looked at");
                }
            }
            _ => {}
        }
    }

    /// A job that ended becomes a metric.
    fn count(&self, job: &Job) {
        let metrics = &self.0.metrics;
        let outcome = match job.state {
            State::Done => "completed",
            State::Cancelled => "cancelled",
            _ => "failed",
        };
        metrics.job_ended(word(job), outcome);
        if job.result.as_ref().is_some_and(has_taken_over) {
            metrics.changed(Change::Trained);
        }
        let Some(kind) = kind(job) else { return };
        let state = if job.state == State::Done { TaskState::Completed } else { TaskState::Failed };
        let seconds = job.ended.zip(job.began).map_or(0.0, |(ended, began)| (ended - began).as_seconds_f64());
        let mse = job.result.as_ref().and_then(|result| result["metrics"]["evaluation"]["legacy"]["mse"].as_f64());
        metrics.trained(kind, state, seconds, mse);
    }
}
