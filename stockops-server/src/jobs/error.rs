//! `JobsError`: what can go wrong when a job is asked for or looked at.

use crate::queue::QueueError;

/// What can go wrong when a job is asked for or looked at. What goes wrong within a job stands in the job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobsError {
    /// The queue did not do what it was asked. Do what it says.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// What is asked for cannot be begun, such as a training of a ticker without bars. Do what it says.
    #[error(transparent)]
    Core(#[from] stockops_core::Error),
    /// A line of cron is none. Fix it.
    #[error("`{line}` is no line of cron: {problem}; write minute, hour, day, month, weekday, such as `0 22 * * 1-5`")]
    Schedule {
        /// What was given.
        line: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The process is ending. Ask another one, or again later.
    #[error("the work was dropped, because the process is ending")]
    Ending,
}

/// `Result` with [`JobsError`].
pub type Result<T, E = JobsError> = std::result::Result<T, E>;
