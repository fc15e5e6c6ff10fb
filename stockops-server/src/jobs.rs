//! `Jobs`: the work that takes long: trainings, monitors, reports, the nightly round, as tasks of a queue.
//!
//! ```text
//! ask ──► Work ──key, alias, lane──► queue ──► workers ──► Stockops, analysts ──► registry, record, runs
//!                                      │          └─ events: stages, epochs, nodes, tokens
//!            status, events, cancel ◄──┘
//! ```

mod ask;
mod doer;
mod error;
mod fence;
mod schedule;
mod status;
mod telling;
mod work;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::Stream;
use stockops_agents::analyze::Analyst;
use stockops_core::{Forecast, Stockops, Ticker};

pub use ask::{Asked, Began};
pub use error::{JobsError, Result};
pub use schedule::Schedule;
pub use status::{Job, Status};
pub use work::{PARENT, Work};

use crate::queue::{Depth, Entry, Queue, State, Workers, follow};
use doer::StockDoer;

/// Who hears what jobs have changed. It is called in the process that did the work, on a thread that may block.
pub trait Listener: Send + Sync + 'static {
    /// The versions of `ticker` have changed; of the parent's ticker also what other tickers are forecast by.
    fn model_changed(&self, _ticker: &Ticker) {}

    /// A forecast was made beside a training.
    fn forecast_made(&self, _forecast: &Forecast) {}

    /// A job has ended.
    fn ended(&self, _job: &Job) {}
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
struct Nobody;

impl Listener for Nobody {}

/// Jobs over one queue, and the workers of this process. Clones share all of it.
///
/// A job has an id of its own, such as `GOOGL_training~0123456789abcdef`, and shares an alias (`GOOGL_training`,
/// `parent_training`) with those before and after it. Wherever a name is asked for, an id, an alias, `parent`, or a ticker will
/// do; what is no id means the newest job of its alias.
///
/// # Example
///
/// ```no_run
/// use std::sync::Arc;
///
/// use stockops_core::service::TrainChild;
/// use stockops_core::{Stockops, Ticker};
/// use stockops_server::jobs::{Jobs, Work};
/// use stockops_server::queue::{QueueConfig, SqliteQueue};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let stockops = Stockops::builder().home("stockops-home").build()?;
/// let queue = SqliteQueue::open("stockops-home/jobs.sqlite", QueueConfig::default()).await?;
/// let jobs = Jobs::builder(Arc::new(queue), stockops).workers(2).start()?;
/// let asked = jobs.ask(Work::TrainChild(TrainChild::new(Ticker::new("GOOGL")?)), None).await?;
/// println!("{}: {:?}", asked.task_id, jobs.status(&asked.task_id).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Jobs {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<dyn Queue>,
    stockops: Stockops,
    workers: Workers,
    schedule: schedule::Ticking,
}

/// Jobs before their workers start.
#[must_use = "nothing is done before `start`"]
pub struct Builder {
    queue: Arc<dyn Queue>,
    stockops: Stockops,
    analyst: Option<Analyst>,
    workers: usize,
    schedule: Option<Schedule>,
    listener: Arc<dyn Listener>,
}

impl Builder {
    /// The analysts who write reports. Without them a job that is a report fails.
    pub fn analyst(mut self, analyst: Analyst) -> Self {
        self.analyst = Some(analyst);
        self
    }

    /// How many jobs this process does at once; 0 for a process that only asks. Default 2: one of them is kept free of the
    /// nightly round.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// When the nightly round begins. Default never.
    pub fn schedule(mut self, schedule: Option<Schedule>) -> Self {
        self.schedule = schedule;
        self
    }

    /// Who hears what jobs have changed.
    pub fn listener(mut self, listener: Arc<dyn Listener>) -> Self {
        self.listener = listener;
        self
    }

    /// Start the workers on the runtime of tokio that this is called in.
    ///
    /// # Errors
    ///
    /// [`JobsError::Schedule`] for a line of cron that is none.
    pub fn start(self) -> Result<Jobs> {
        let Self { queue, stockops, analyst, workers, schedule, listener } = self;
        let doer = StockDoer { queue: Arc::clone(&queue), stockops: stockops.clone(), analyst, listener };
        let workers = Workers::start(Arc::clone(&queue), Arc::new(doer), workers);
        let schedule = schedule::Ticking::start(schedule, Arc::clone(&queue))?;
        Ok(Jobs { inner: Arc::new(Inner { queue, stockops, workers, schedule }) })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("queue", &self.queue).field("workers", &self.workers).finish_non_exhaustive()
    }
}

impl Jobs {
    /// Jobs that are kept in `queue` and done by `stockops`.
    pub fn builder(queue: Arc<dyn Queue>, stockops: Stockops) -> Builder {
        Builder { queue, stockops, analyst: None, workers: 2, schedule: None, listener: Arc::new(Nobody) }
    }

    /// Ask for work on behalf of `owner`, unless the same is asked for already or was just done.
    ///
    /// The same is: the same request on the same bars and, for a child, from the same parent. A report is also the same only
    /// for the same owner. A training whose version is still there and whose job is still kept is
    /// [`Completed`](Began::Completed), and not done again.
    ///
    /// # Errors
    ///
    /// [`JobsError::Queue`] with [`QueueError::Full`](crate::queue::QueueError::Full) where too much waits, and
    /// [`JobsError::Core`] for a ticker that the source does not have.
    pub async fn ask(&self, work: Work, owner: Option<&str>) -> Result<Asked> {
        let asked = ask::ask(&self.inner.queue, &self.inner.stockops, work, owner).await?;
        self.inner.workers.ring();
        tracing::info!(task = asked.task_id, "a job was asked for");
        Ok(asked)
    }

    /// How a job is going, in the contract's shape; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// Those of the queue.
    pub async fn status(&self, name: &str) -> Result<Option<Status>> {
        Ok(self.job(name).await?.map(|job| job.status()))
    }

    /// A job; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// Those of the queue.
    pub async fn job(&self, name: &str) -> Result<Option<Job>> {
        if let Some(task) = self.inner.queue.task(name).await? {
            return Ok(Some(Job::of(task)));
        }
        for alias in work::aliases(name) {
            if let Some(task) = self.inner.queue.newest(&alias).await? {
                return Ok(Some(Job::of(task)));
            }
        }
        Ok(None)
    }

    /// At most `most` jobs, of one state or of all, the one that was asked for last first.
    ///
    /// # Errors
    ///
    /// Those of the queue.
    pub async fn list(&self, state: Option<State>, most: usize) -> Result<Vec<Job>> {
        Ok(self.inner.queue.tasks(state, most).await?.into_iter().map(Job::of).collect())
    }

    /// Cancel a job: one that waits at once, one that runs within a moment; what is on the disk already stays there. `None`
    /// where there is none of this name.
    ///
    /// # Errors
    ///
    /// Those of the queue.
    pub async fn cancel(&self, name: &str) -> Result<Option<Job>> {
        let Some(job) = self.job(name).await? else { return Ok(None) };
        Ok(self.inner.queue.cancel(&job.id).await?.map(Job::of))
    }

    /// What happens to the job of an id (as [`job`](Self::job) finds it), from the entry after `after` on, as it comes; the stream
    /// ends after the entry of its end. See `docs/jobs.md` for the kinds of entries.
    pub fn events(&self, id: &str, after: u64) -> impl Stream<Item = crate::queue::Result<Entry>> + Send + use<> {
        follow(Arc::clone(&self.inner.queue), id.to_owned(), after)
    }

    /// How much waits and runs, in all processes.
    ///
    /// # Errors
    ///
    /// Those of the queue.
    pub async fn depth(&self) -> Result<Depth> {
        Ok(self.inner.queue.depth().await?)
    }

    /// Take no more jobs in this process, wait for `patience`, then hand back what is not done: another process does it, or this
    /// one after a restart.
    pub async fn drain(&self, patience: Duration) {
        self.inner.schedule.stop();
        self.inner.workers.drain(patience).await;
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").field("workers", &self.inner.workers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
