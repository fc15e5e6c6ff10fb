//! `Purging`: what a job has changed is forgotten by the caches, and counted.

use std::sync::{Arc, OnceLock, Weak};

use stockops_core::Ticker;
use tokio::runtime::Handle;

use super::{App, Inner};
use crate::jobs::{Job, Listener, Work};
use crate::metrics::{TaskKind, TaskState};
use crate::queue::State;

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

    fn ended(&self, job: &Job) {
        let Some(app) = self.app() else { return };
        app.count(job);
        let (id, used) = (job.id.clone(), tokens(job));
        self.runtime.spawn(async move { app.settle(&id, used).await });
    }
}

/// Tokens that a report has taken; none where it is not known.
fn tokens(job: &Job) -> Option<u64> {
    let tokens = &job.result.as_ref()?["cost"]["tokens"];
    Some(tokens["prompt"].as_u64()? + tokens["answer"].as_u64()?)
}

impl App {
    /// A training that ended becomes a metric.
    fn count(&self, job: &Job) {
        let kind = match &job.work {
            Some(Work::TrainParent(_)) => TaskKind::Parent,
            Some(Work::TrainChild(_)) => TaskKind::Child,
            _ => return,
        };
        let state = if job.state == State::Done { TaskState::Completed } else { TaskState::Failed };
        let seconds = job.ended.zip(job.began).map_or(0.0, |(ended, began)| (ended - began).as_seconds_f64());
        let mse = job.result.as_ref().and_then(|result| result["metrics"]["legacy"]["mse"].as_f64());
        self.0.metrics.trained(kind, state, seconds, mse);
    }
}
