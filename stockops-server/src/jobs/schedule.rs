//! `Schedule`: when the nightly round begins.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use croner::Cron;
use stockops_core::Ticker;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::ask::new_task;
use super::status::now;
use super::work::NIGHTLY;
use super::{JobsError, Result, Work};
use crate::queue::{NewTask, Queue};

/// How often it is looked whether the next round has to be queued.
const PERIOD: Duration = Duration::from_secs(20);

/// When the nightly round begins, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// A line of cron in UTC, such as `0 22 * * 1-5`.
    pub cron: String,
    /// Whose drift is looked at, beside all that have a version.
    pub tickers: Vec<Ticker>,
    /// Train where the policy says so.
    pub retrain: bool,
}

impl Schedule {
    fn parsed(&self) -> Result<Cron> {
        let wrong = |problem: String| JobsError::Schedule { line: self.cron.clone(), problem };
        let cron = Cron::from_str(&self.cron).map_err(|error| wrong(error.to_string()))?;
        cron.find_next_occurrence(&now(), false).map_err(|error| wrong(error.to_string()))?;
        Ok(cron)
    }
}

/// Queues each round ahead of its time, once, however many processes have the same schedule.
#[derive(Debug)]
pub(super) struct Ticking {
    stop: CancellationToken,
    _stops: DropGuard,
}

impl Ticking {
    pub(super) fn start(schedule: Option<Schedule>, queue: Arc<dyn Queue>) -> Result<Self> {
        let stop = CancellationToken::new();
        if let Some(schedule) = schedule {
            let cron = schedule.parsed()?;
            tokio::spawn(stop.clone().run_until_cancelled_owned(ticking(schedule, cron, queue)));
        }
        Ok(Self { _stops: stop.clone().drop_guard(), stop })
    }

    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

async fn ticking(schedule: Schedule, cron: Cron, queue: Arc<dyn Queue>) {
    let mut queued = None;
    loop {
        // What is left of a second would stay in the answer, and then each process would have a time of its own.
        let next = cron.find_next_occurrence(&now().trunc_subsecs(0), false).ok();
        if let Some(next) = next.filter(|next| queued != Some(*next)) {
            match queue_round(&schedule, next, &queue).await {
                // One that somebody cancels stays cancelled.
                Ok(()) => queued = Some(next),
                Err(error) => tracing::warn!(%error, "the nightly round could not be queued"),
            }
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// The key holds the time, and the round is queued before it: of several processes one is first, and none of them is late.
async fn queue_round(schedule: &Schedule, at: DateTime<Utc>, queue: &Arc<dyn Queue>) -> crate::queue::Result<()> {
    let key = format!("{NIGHTLY}:{}:{}", schedule.cron, at.to_rfc3339());
    if queue.newest(NIGHTLY).await?.is_some_and(|task| task.key == key) {
        return Ok(());
    }
    let work = Work::Nightly { tickers: schedule.tickers.clone(), retrain: schedule.retrain };
    queue.push(&NewTask { due: Some(at), ..new_task(&work, key, None, None) }).await.map(drop)
}
