//! `Shift`: one worker: take, do, keep the lease, end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::super::{Grip, Lane, Outcome, Queue, QueueError, Result, Signal, TRACE, Task};
use super::{Doer, Failure, Hand};

/// How often a worker without work looks for some: others push in other processes, and tasks come to be due.
const PERIOD: Duration = Duration::from_millis(250);

/// How long a worker waits after the queue could not be asked.
const OUTAGE: Duration = Duration::from_secs(1);

/// One worker.
pub(super) struct Shift {
    pub(super) queue: Arc<dyn Queue>,
    pub(super) doer: Arc<dyn Doer>,
    pub(super) worker: String,
    pub(super) lanes: &'static [Lane],
    pub(super) bell: Arc<Notify>,
    /// Nothing more is taken.
    pub(super) closing: CancellationToken,
    /// What is not done is handed back.
    pub(super) stopping: CancellationToken,
}

/// Why work was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Cancelled,
    TooLong,
    Draining,
    Lost,
}

/// The last word of a try.
enum Word {
    End(Outcome),
    Release(Duration),
}

impl Shift {
    pub(super) async fn work(self) {
        while !self.closing.is_cancelled() {
            match self.queue.take(&self.worker, self.lanes).await {
                Ok(Some((grip, task))) => self.task(grip, task).await,
                Ok(None) => self.rest(PERIOD).await,
                Err(error) => {
                    tracing::warn!(%error, worker = self.worker, "no task could be taken");
                    self.rest(OUTAGE).await;
                }
            }
        }
    }

    async fn rest(&self, period: Duration) {
        tokio::select! {
            () = self.bell.notified() => {}
            () = self.closing.cancelled() => {}
            () = tokio::time::sleep(period) => {}
        }
    }

    async fn task(&self, grip: Grip, task: Task) {
        let (sender, said) = unbounded_channel();
        let hand = Hand::new(grip.clone(), Arc::clone(&self.queue), sender);
        let (doer, own, work_of) = (Arc::clone(&self.doer), hand.clone(), task.clone());
        let span =
            tracing::info_span!("job", task = task.id, attempt = task.attempts, traceparent = tracing::field::Empty);
        // The trace of who asked for it goes on here.
        if let Some(trace) = task.work[TRACE].as_str() {
            span.record("traceparent", trace);
        }
        let in_span = span.clone();
        let work = tokio::task::spawn_blocking(move || in_span.in_scope(|| doer.work(&work_of, &own)));
        let (result, why) = self.beside(&grip, &hand, work, said).await;
        if let Err(Failure::Failed { error, .. }) = &result {
            span.in_scope(|| tracing::warn!(error, "a try of a job failed"));
        }
        let ended = self.end(&grip, result, why).await;
        match ended {
            Ok(Some(task)) if task.state.is_end() => {
                let doer = Arc::clone(&self.doer);
                let _ = tokio::task::spawn_blocking(move || doer.ended(&task)).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, task = task.id, "a task could not be ended by this worker"),
        }
    }

    /// Keep the lease and write what is said until the work comes to its end.
    async fn beside(
        &self,
        grip: &Grip,
        hand: &Hand,
        mut work: tokio::task::JoinHandle<Result<Json, Failure>>,
        mut said: UnboundedReceiver<(String, Json)>,
    ) -> (Result<Json, Failure>, Option<Why>) {
        let mut why = None;
        let period = self.queue.config().lease / 4;
        let mut renewal = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
        renewal.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let result = loop {
            let reason = tokio::select! {
                biased;
                result = &mut work => break result,
                _ = renewal.tick() => self.renewed(grip).await,
                Some((kind, body)) = said.recv() => self.tell(grip, &kind, &body).await,
                () = self.stopping.cancelled(), if why.is_none() => Some(Why::Draining),
            };
            if let Some(reason) = reason
                && (why.is_none() || reason == Why::Lost)
            {
                why = Some(reason);
                hand.stop();
            }
        };
        while let Ok((kind, body)) = said.try_recv() {
            self.tell(grip, &kind, &body).await;
        }
        (result.unwrap_or_else(|error| Err(panicked(error))), why)
    }

    /// A queue that cannot be asked says nothing: while it is away no other worker takes the task, and when it is back it says
    /// who has it.
    async fn renewed(&self, grip: &Grip) -> Option<Why> {
        match self.queue.renew(grip).await {
            Ok(Signal::GoOn) => None,
            Ok(Signal::Cancel) => Some(Why::Cancelled),
            Ok(Signal::TooLong) => Some(Why::TooLong),
            Err(QueueError::Lost { .. }) => Some(Why::Lost),
            Err(error) => {
                tracing::warn!(%error, task = grip.id, "a lease could not be renewed");
                None
            }
        }
    }

    /// An entry that cannot be written is left out; the work goes on.
    async fn tell(&self, grip: &Grip, kind: &str, body: &Json) -> Option<Why> {
        match self.queue.tell(grip, kind, body).await {
            Ok(_) => None,
            Err(QueueError::Lost { .. }) => Some(Why::Lost),
            Err(error) => {
                tracing::warn!(%error, task = grip.id, "an entry could not be written");
                None
            }
        }
    }

    async fn end(&self, grip: &Grip, result: Result<Json, Failure>, why: Option<Why>) -> Result<Option<Task>> {
        let again = |error: &str| Word::End(Outcome::Failed { error: error.into(), again: true });
        let word = match (result, why) {
            (_, Some(Why::Lost)) => return Ok(None),
            // What is done is done, whoever wanted it to stop.
            (Ok(result), _) => Word::End(Outcome::Done(result)),
            (Err(_), Some(Why::Cancelled)) => Word::End(Outcome::Cancelled),
            (Err(_), Some(Why::TooLong)) => {
                Word::End(Outcome::Failed { error: self.queue.config().too_long(), again: false })
            }
            (Err(_), Some(Why::Draining)) => Word::Release(Duration::ZERO),
            (Err(Failure::Failed { error, again }), None) => Word::End(Outcome::Failed { error, again }),
            (Err(Failure::Later(after)), None) => Word::Release(after),
            (Err(Failure::Stopped), None) => again("it stopped, and nobody wanted it to"),
        };
        self.last(grip, &word).await.map(Some)
    }

    /// Say the last word of a try. While the queue is away it is said again, for as long as a lease: after that the task is
    /// another's.
    async fn last(&self, grip: &Grip, word: &Word) -> Result<Task> {
        let deadline = tokio::time::Instant::now() + self.queue.config().lease;
        loop {
            let heard = match word {
                Word::End(outcome) => self.queue.end(grip, outcome).await,
                Word::Release(after) => self.queue.release(grip, *after).await,
            };
            if !matches!(heard, Err(QueueError::Store { .. })) || tokio::time::Instant::now() > deadline {
                return heard;
            }
            tokio::time::sleep(PERIOD).await;
        }
    }
}

/// The log has what the panic said; who asked does not hear it.
fn panicked(error: JoinError) -> Failure {
    tracing::error!(%error, "the work of a task broke off");
    Failure::Failed { error: "the work broke off; the log says why".into(), again: true }
}
