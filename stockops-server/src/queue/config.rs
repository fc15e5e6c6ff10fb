//! `QueueConfig`: how long a lease is, how often is tried, how much is kept.

use std::time::Duration;

use super::{QueueError, Result};

/// Settings of a queue. Those who share a queue have the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueConfig {
    /// How long a task stays with a worker that does not renew; above 0. Default 10 seconds.
    pub lease: Duration,
    /// How often a task is tried; at least 1. Default 3.
    pub attempts: u32,
    /// Time before the second try of a task that failed; it doubles with each further one. Default 2 seconds.
    pub backoff: Duration,
    /// How many tasks may be queued; at least 1. Default 20,000.
    pub most_queued: usize,
    /// How many entries of a task are kept, the last ones; at least 1. Default 1,000.
    pub entries: usize,
    /// How long an ended task is kept. Default 1 hour.
    pub keep_ended: Duration,
    /// How long one try may last; above 0. Default 2 hours.
    pub longest: Duration,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(10),
            attempts: 3,
            backoff: Duration::from_secs(2),
            most_queued: 20_000,
            entries: 1_000,
            keep_ended: Duration::from_secs(3_600),
            longest: Duration::from_secs(7_200),
        }
    }
}

impl QueueConfig {
    /// [`QueueError::Config`] names the first setting outside its range.
    pub(super) fn checked(self) -> Result<Self> {
        let millisecond = Duration::from_millis(1);
        check(self.lease >= millisecond, "lease", "at least 1 ms", format!("{:?}", self.lease))?;
        check(self.longest >= millisecond, "longest", "at least 1 ms", format!("{:?}", self.longest))?;
        check(self.attempts >= 1, "attempts", "at least 1", self.attempts)?;
        check(self.most_queued >= 1, "most_queued", "at least 1", self.most_queued)?;
        check(self.entries >= 1, "entries", "at least 1", self.entries)?;
        Ok(self)
    }

    /// What is said of a task whose holder did not renew.
    pub(crate) fn orphaned(&self) -> String {
        format!("its worker did not answer for {:?}: the process ended, or it was stopped for so long", self.lease)
    }

    /// What is said of a task whose holder did not stop in time.
    pub(super) fn too_long(&self) -> String {
        format!("it ran for longer than {:?}", self.longest)
    }
}

fn check(holds: bool, field: &'static str, rule: &'static str, got: impl ToString) -> Result<()> {
    if holds { Ok(()) } else { Err(QueueError::Config { field, rule, got: got.to_string() }) }
}

/// Milliseconds, at most as many as a store takes.
pub(super) fn millis(time: Duration) -> i64 {
    // A hundred years: sums of times stay far from the end.
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).min(100 * 366 * 86_400_000)
}
