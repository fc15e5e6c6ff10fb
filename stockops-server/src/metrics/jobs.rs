//! Trainings: of a parent or of a child.

use std::time::Duration;

use prometheus::{Gauge, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use super::{Metrics, counters, enter, gauge, histograms};

/// Seconds of a training.
const TRAINING_SECONDS: [f64; 10] = [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

/// What `task_id` of `stockops_jobs_total` may be.
const JOBS: [&str; 5] = ["parent", "child", "monitor", "report", "nightly"];
/// What `outcome` of it may be.
const OUTCOMES: [&str; 3] = ["completed", "failed", "cancelled"];

/// Whose model a task trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// The parent's.
    Parent,
    /// A child's.
    Child,
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It runs: 1 in `training_status`.
    Running,
    /// It is done: 2.
    Completed,
    /// It failed: 0.
    Failed,
}

impl TaskKind {
    fn word(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
        }
    }
}

#[derive(Debug)]
pub(super) struct Jobs {
    status: IntGaugeVec,
    seconds: HistogramVec,
    mse: Gauge,
    ended: IntCounterVec,
    waiting: IntGauge,
    running: IntGauge,
    oldest: Gauge,
    workers: IntGauge,
}

impl Jobs {
    pub(super) fn new(r: &Registry) -> Self {
        let status = "How the newest training stands: 1 running, 2 completed, 0 failed.";
        let ended = counters(r, "stockops_jobs_total", "Jobs that ended, by whose and how.", &["task_id", "outcome"]);
        // A first failure is only seen as an increase where 0 stood before.
        for job in JOBS {
            OUTCOMES.iter().for_each(|outcome| drop(ended.with_label_values(&[job, outcome])));
        }
        Self {
            status: enter(r, IntGaugeVec::new(Opts::new("training_status", status), &["task_id"])),
            seconds: histograms(
                r,
                "training_duration_seconds",
                "Time that a training took.",
                &["task_id"],
                &TRAINING_SECONDS,
            ),
            mse: enter(
                r,
                Gauge::new("training_mse_last", "Mean squared error of the last training, on scaled columns."),
            ),
            ended,
            waiting: gauge(r, "stockops_jobs_waiting", "Jobs that wait for a worker."),
            running: gauge(r, "stockops_jobs_running", "Jobs that run, on all servers of the queue."),
            oldest: enter(
                r,
                Gauge::new(
                    "stockops_jobs_oldest_age_seconds",
                    "How long the job that waits the longest could have been begun; 0 where none waits.",
                ),
            ),
            workers: gauge(r, "stockops_workers", "Jobs that this server does at once."),
        }
    }
}

impl Metrics {
    /// The newest training of a kind stands so.
    pub fn training_is(&self, kind: TaskKind, state: TaskState) {
        let number = match state {
            TaskState::Running => 1,
            TaskState::Completed => 2,
            TaskState::Failed => 0,
        };
        self.0.jobs.status.with_label_values(&[kind.word()]).set(number);
    }

    /// A training ended after so many seconds, with its mean squared error where it has one.
    pub fn trained(&self, kind: TaskKind, state: TaskState, seconds: f64, mse: Option<f64>) {
        self.training_is(kind, state);
        self.0.jobs.seconds.with_label_values(&[kind.word()]).observe(seconds);
        if let Some(mse) = mse.filter(|mse| mse.is_finite()) {
            self.0.jobs.mse.set(mse);
        }
    }

    /// A job ended: `parent`, `child` (trainings), `monitor`, `report` or `nightly`, and `completed`, `failed` or `cancelled`. Other
    /// words are not counted.
    pub fn job_ended(&self, job: &str, outcome: &str) {
        if JOBS.contains(&job) && OUTCOMES.contains(&outcome) {
            self.0.jobs.ended.with_label_values(&[job, outcome]).inc();
        }
    }

    /// How many jobs wait and run, and how long the oldest of those that are due has waited.
    pub fn jobs(&self, waiting: usize, running: usize, oldest: Duration) {
        self.0.jobs.waiting.set(waiting.try_into().unwrap_or(i64::MAX));
        self.0.jobs.running.set(running.try_into().unwrap_or(i64::MAX));
        self.0.jobs.oldest.set(oldest.as_secs_f64());
    }

    /// How many jobs this server does at once.
    pub fn workers(&self, count: usize) {
        self.0.jobs.workers.set(count.try_into().unwrap_or(i64::MAX));
    }
}
