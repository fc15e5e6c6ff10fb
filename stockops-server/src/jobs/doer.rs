//! `StockDoer`: what the workers do for each kind of work.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use stockops_agents::analyze::{Analyst, Request};
use stockops_core::pipeline::parent_id;
use stockops_core::service::{MonitorRequest, TrainChild, TrainParent, Training};
use stockops_core::{Error, Stockops, Ticker};
use tokio::sync::Notify;

use super::ask::{has_parent, new_task};
use super::fence::Fenced;
use super::status::now;
use super::telling::{Voice, watch_of};
use super::{Job, Listener, Work};
use crate::Fault;
use crate::queue::{Doer, Failure, Hand, Lane, NewTask, Queue, QueueError, Task};

/// How long a job waits where someone else trains the ticker.
const BUSY: Duration = Duration::from_secs(2);

pub(super) struct StockDoer {
    pub(super) queue: Arc<dyn Queue>,
    pub(super) stockops: Stockops,
    pub(super) analyst: Option<Analyst>,
    pub(super) listener: Arc<dyn Listener>,
}

impl Doer for StockDoer {
    fn work(&self, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        let unknown = |error| hopeless(format!("this program does not know such work ({error})"));
        let work: Work = serde_json::from_value(task.work.clone()).map_err(unknown)?;
        match work {
            Work::TrainParent(request) => self.train_parent(&request, task, hand),
            Work::TrainChild(request) => self.train_child(&request, task, hand),
            Work::Monitor(request) => self.monitored(&request, task, hand),
            Work::Analyze(request) => self.analyze(request, hand),
            Work::Nightly { tickers, retrain } => self.nightly(&tickers, retrain, task, hand),
        }
    }

    fn ended(&self, task: &Task) {
        self.listener.ended(&Job::of(task.clone()));
    }
}

impl StockDoer {
    /// The service as the job of `hand` may use it.
    fn fenced(&self, hand: &Hand) -> Stockops {
        let (stockops, queue, patience) = (self.stockops.clone(), Arc::clone(&self.queue), self.queue.config().lease);
        self.stockops.with_registry(Fenced { stockops, queue, hand: hand.clone(), patience })
    }

    fn train_parent(&self, request: &TrainParent, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        let trained = self.fenced(hand).train_parent(request, &mut watch_of(hand));
        let training = trained.map_err(|error| self.failure(error, task))?;
        self.listener.model_changed(&training.ticker);
        Ok(result_of(&training))
    }

    /// The parent comes before the child, the child before its forecast.
    fn train_child(&self, request: &TrainChild, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        self.check_parent(request, task, hand)?;
        let trained = self.fenced(hand).train_child(request, &mut watch_of(hand));
        let training = trained.map_err(|error| self.failure(error, task))?;
        self.listener.model_changed(&training.ticker);
        self.forecast(&training.ticker, hand);
        Ok(result_of(&training))
    }

    /// The forecast of a ticker whose work is done. Where there is none the work stands, and the next request forecasts.
    fn forecast(&self, ticker: &Ticker, hand: &Hand) {
        hand.tell("stage", json!({"stage": "forecast"}));
        let span = tracing::info_span!("forecast", %ticker);
        match span.in_scope(|| self.stockops.forecast(ticker)) {
            Ok(forecast) => self.listener.forecast_made(&forecast),
            Err(error) => tracing::warn!(%error, %ticker, "no forecast beside a job"),
        }
    }

    /// Where the training of a parent that this job stood behind has failed, another parent will do; without one it fails too.
    fn check_parent(&self, request: &TrainChild, task: &Task, hand: &Hand) -> Result<(), Failure> {
        let Some(behind) = task.behind.as_ref().filter(|_| request.strategy.needs_parent()) else { return Ok(()) };
        if has_parent(&self.stockops).map_err(|error| self.failure(error, task))? {
            return Ok(());
        }
        let parent = hand.runtime().block_on(self.queue.task(behind)).map_err(of_queue)?;
        let why = parent.and_then(|parent| parent.error).unwrap_or_else(|| "there is none".into());
        Err(hopeless(format!("the parent that it comes from was not trained: {why}")))
    }

    /// After a monitor of the nightly round comes the forecast of the day, by whichever version forecasts then, also where the
    /// monitor failed: so the record has every day, whether or not somebody asks.
    fn monitored(&self, request: &MonitorRequest, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        let report = self.monitor(request, task, hand);
        if task.lane == Lane::Nightly {
            self.forecast(&request.ticker, hand);
        }
        report
    }

    fn monitor(&self, request: &MonitorRequest, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        let request = MonitorRequest { pool: self.pool_of(request), ..request.clone() };
        let champion = || self.stockops.registry().champion(&request.ticker).ok().flatten().map(|one| one.version);
        let before = champion();
        let done = self.fenced(hand).monitor(&request, &mut watch_of(hand));
        let report = done.map_err(|error| self.failure(error, task))?;
        if champion() != before {
            self.listener.model_changed(&request.ticker);
        }
        Ok(json!(report))
    }

    /// The tickers of a pooled parent besides its own, where none were named.
    fn pool_of(&self, request: &MonitorRequest) -> Vec<Ticker> {
        let is_parent = || parent_id(self.stockops.registry()).is_ok_and(|parent| parent.ticker == request.ticker);
        if !request.pool.is_empty() || !request.retrain || !is_parent() {
            return request.pool.clone();
        }
        let parent = self.stockops.parent().map(|parent| parent.forecaster.about().trained_on.clone());
        parent.unwrap_or_default().into_iter().filter(|ticker| *ticker != request.ticker).collect()
    }

    fn analyze(&self, request: Request, hand: &Hand) -> Result<Json, Failure> {
        let Some(analyst) = &self.analyst else { return Err(hopeless("this server has no analysts".into())) };
        let stop = Arc::new(Notify::new());
        let bell = Arc::clone(&stop);
        hand.on_stop(move || bell.notify_one());
        let kept = hand.runtime().block_on(async {
            let mut analysis = analyst.analyze(request);
            let telling = async {
                let mut voice = Voice::new(hand);
                while let Some(event) = analysis.next_event().await {
                    voice.tell(&event);
                }
                voice.flush();
                analysis.finish().await
            };
            tokio::select! {
                kept = telling => Some(kept),
                () = stop.notified() => None,
            }
        });
        match kept {
            None => Err(Failure::Stopped),
            Some(Ok(kept)) => Ok(json!(kept.report)),
            Some(Err(error)) => {
                let again = !matches!(&error, stockops_agents::Error::Config { .. })
                    && !matches!(&error, stockops_agents::Error::Core(error) if error.is_input());
                Err(Failure::Failed { error: Fault::from(error).detail, again })
            }
        }
    }

    /// Queue a monitor of each ticker. Where the round is done a second time, since its first worker was lost, those that were
    /// queued before are not queued again.
    fn nightly(&self, tickers: &[Ticker], retrain: bool, task: &Task, hand: &Hand) -> Result<Json, Failure> {
        let all = || self.stockops.registry().tickers().map_err(|error| self.failure(error, task));
        let mut every = all()?;
        every.extend(tickers.iter().filter(|ticker| !every.contains(ticker)).cloned().collect::<Vec<_>>());
        let tickers = every;
        for ticker in &tickers {
            if hand.is_stopped() {
                return Err(Failure::Stopped);
            }
            hand.runtime().block_on(self.queue_monitor(ticker, retrain, &task.id)).map_err(of_queue)?;
        }
        Ok(json!({"tickers": tickers, "retrain": retrain}))
    }

    async fn queue_monitor(&self, ticker: &Ticker, retrain: bool, round: &str) -> crate::queue::Result<()> {
        let work = Work::Monitor(MonitorRequest { retrain, ..MonitorRequest::new(ticker.clone()) });
        let key = format!("{}:{round}", work.alias());
        if self.queue.newest(&work.alias()).await?.is_some_and(|task| task.key == key) {
            return Ok(());
        }
        self.queue.push(&NewTask { lane: Lane::Nightly, ..new_task(&work, key, None, None) }).await.map(drop)
    }

    /// What an error of the service means for the job. Whoever looks at the job reads no more of it than who asks a route.
    fn failure(&self, error: Error, task: &Task) -> Failure {
        let has_waited = (now() - task.created).to_std().unwrap_or_default();
        match error {
            Error::Cancelled => Failure::Stopped,
            Error::Busy { .. } if has_waited < self.queue.config().longest => Failure::Later(BUSY),
            error => Failure::Failed { again: !error.is_input(), error: Fault::from(error).detail },
        }
    }
}

fn hopeless(error: String) -> Failure {
    Failure::Failed { error, again: false }
}

fn of_queue(error: QueueError) -> Failure {
    Failure::Failed { error: Fault::from(error).detail, again: true }
}

/// What is said of a training that is done.
fn result_of(training: &Training) -> Json {
    json!({
        "ticker": training.ticker,
        "run_id": training.run_id,
        "metrics": training.metrics,
        "version": training.version,
        "alias": training.alias,
        "strategy": training.strategy,
        "parent_version": training.parent_version,
        "unproven": training.unproven,
        "reason": training.reason,
        "notes": training.notes,
    })
}
