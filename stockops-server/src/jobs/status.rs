//! `Job` and `Status`: what is known of a job.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::Work;
use crate::queue::{Lane, State, Task};

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Job {
    /// Its own name.
    pub id: String,
    /// The name that it shares with those before and after it.
    pub alias: String,
    /// What it does; `None` where an older or newer program asked for what this one does not know.
    #[schemars(with = "Option<Json>")]
    pub work: Option<Work>,
    /// Who asked for it first.
    #[serde(skip)]
    pub owner: Option<String>,
    /// Where it is on its way.
    pub state: State,
    /// Which work goes first.
    pub lane: Lane,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether somebody wants it to stop.
    pub cancel: bool,
    /// When it was asked for.
    pub created: DateTime<Utc>,
    /// When its last try began.
    pub began: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// What came of it.
    pub result: Option<Json>,
    /// What went wrong last.
    pub error: Option<String>,
    /// The number of its last entry.
    pub last_event: u64,
}

/// How a job is going, in the contract's shape.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    /// It waits or runs.
    Running {
        /// Since it was asked for.
        elapsed_seconds: f64,
        /// Its own name.
        task_id: String,
        /// `queued` or `running`.
        state: State,
    },
    /// It is done, and all that it made is kept.
    Completed {
        /// Of a training `ticker`, `run_id` and `metrics`, and more.
        result: Json,
        /// When.
        completed_at: DateTime<Utc>,
    },
    /// It failed or was cancelled.
    Failed {
        /// Why.
        error: String,
        /// When.
        failed_at: DateTime<Utc>,
    },
}

impl Job {
    pub(super) fn of(task: Task) -> Self {
        Self {
            work: serde_json::from_value(task.work).ok(),
            id: task.id,
            alias: task.alias,
            owner: task.owner,
            state: task.state,
            lane: task.lane,
            attempts: task.attempts,
            cancel: task.cancel,
            created: task.created,
            began: task.taken,
            ended: task.ended,
            result: task.result,
            error: task.error,
            last_event: task.last_entry,
        }
    }

    /// Whether `owner` may see it, follow it and cancel it: a report its owner alone, all else everybody.
    pub fn is_open_to(&self, owner: Option<&str>) -> bool {
        let is_private = self.work.as_ref().is_none_or(Work::is_private);
        !is_private || self.owner.as_deref() == owner
    }

    /// How it is going, in the contract's shape.
    pub fn status(&self) -> Status {
        let at = self.ended.unwrap_or(self.created);
        match self.state {
            State::Queued | State::Running => {
                let elapsed = now() - self.created;
                let elapsed_seconds = elapsed.num_milliseconds().max(0) as f64 / 1000.0;
                Status::Running { elapsed_seconds, task_id: self.id.clone(), state: self.state }
            }
            State::Done => Status::Completed { result: self.result.clone().unwrap_or_default(), completed_at: at },
            State::Failed => Status::Failed { error: self.error.clone().unwrap_or_default(), failed_at: at },
            State::Cancelled => Status::Failed { error: "it was cancelled".into(), failed_at: at },
        }
    }
}

/// The time by which queues stamp tasks.
pub(super) fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}
