//! `QueueError`: what can go wrong with a queue.

/// What can go wrong with a queue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// A setting is outside its range. Fix it.
    #[error("`{field}` must be {rule}, got {got}")]
    Config {
        /// Name of the setting.
        field: &'static str,
        /// The rule in words.
        rule: &'static str,
        /// What was given.
        got: String,
    },
    /// The task is not held by this grip any more. Stop the work and write nothing.
    #[error("task {task} is held by another worker or has ended; this worker stops and writes nothing")]
    Lost {
        /// Its id.
        task: String,
    },
    /// As many tasks are queued as may be. Ask again later.
    #[error("{most} tasks wait already; ask again later")]
    Full {
        /// How many may be queued.
        most: usize,
    },
    /// The store cannot be used. Do what the problem says.
    #[error("the queue of tasks in {place}: {problem}")]
    Store {
        /// Where it is.
        place: String,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// `Result` with [`QueueError`].
pub type Result<T, E = QueueError> = std::result::Result<T, E>;
