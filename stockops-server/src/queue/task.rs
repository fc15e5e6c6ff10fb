//! What is pushed, taken, told and ended.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The kind of the entries that a queue writes itself, one for each change of state: `{"state": "running", "attempt": 1}`,
/// with `"error"` where one is known.
pub const STATE: &str = "state";

/// The part of a task's work that names the span of who pushed it, as a `traceparent`; whoever does the work need not know it.
pub const TRACE: &str = "trace";

/// Which tasks go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Somebody waits for it.
    Interactive,
    /// It is done when there is time.
    Nightly,
}

impl Lane {
    /// All lanes, the first one first.
    pub const ALL: [Self; 2] = [Self::Interactive, Self::Nightly];

    pub(super) fn number(self) -> i64 {
        match self {
            Self::Interactive => 0,
            Self::Nightly => 1,
        }
    }

    pub(super) fn of_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.number() == number)
    }
}

/// Where a task is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for its time or for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It ended well.
    Done,
    /// It ended without a result.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl State {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// Its word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to the task.
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A task to push.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// A name that stays the same from one task to the next, such as `parent_training`.
    pub alias: String,
    /// What makes it the same task: of one key one task is queued or running.
    pub key: String,
    /// Which tasks go first. Default [`Lane::Interactive`].
    pub lane: Lane,
    /// Whose it is.
    pub owner: Option<String>,
    /// What is to be done; the queue does not look into it.
    pub work: Json,
    /// Not before; now where none is given.
    pub due: Option<DateTime<Utc>>,
    /// Not before the task of this id has ended, however it ends.
    pub behind: Option<String>,
}

impl NewTask {
    /// A task that is due now.
    pub fn new(alias: impl Into<String>, key: impl Into<String>, work: Json) -> Self {
        let (alias, key) = (alias.into(), key.into());
        Self { alias, key, lane: Lane::Interactive, owner: None, work, due: None, behind: None }
    }

    /// A name for one task of this alias, that nobody can guess.
    pub(super) fn new_id(&self) -> String {
        // Each state is keyed anew, at random.
        format!("{}~{:016x}", self.alias, RandomState::new().hash_one(&self.key))
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// Its name: the alias, `~`, and 16 hexadecimal digits.
    pub id: String,
    /// The name that it shares with those before and after it.
    pub alias: String,
    /// What makes it the same task.
    pub key: String,
    /// Which tasks go first.
    pub lane: Lane,
    /// Whose it is.
    pub owner: Option<String>,
    /// What is to be done.
    pub work: Json,
    /// Where it is on its way.
    pub state: State,
    /// How often it was taken, without those times that it was handed back.
    pub attempts: u32,
    /// The token of the last who took it; it grows each time.
    pub token: u64,
    /// Who has it, or had it last.
    pub worker: Option<String>,
    /// Whether somebody wants it to stop.
    pub cancel: bool,
    /// When it was pushed.
    pub created: DateTime<Utc>,
    /// Not before.
    pub due: DateTime<Utc>,
    /// Not before the task of this id has ended.
    pub behind: Option<String>,
    /// When it was taken last.
    pub taken: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// What came of it.
    pub result: Option<Json>,
    /// What went wrong last.
    pub error: Option<String>,
    /// The number of its last entry.
    pub last_entry: u64,
}

/// What a push did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// The new task, or the one that was there.
    pub task: Task,
    /// Whether it is new.
    pub is_new: bool,
}

/// The right to one task: its id, and the token of one taking of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grip {
    /// The task.
    pub id: String,
    /// A number that grows each time the task is taken.
    pub token: u64,
}

/// What a worker hears when it renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Go on.
    GoOn,
    /// Somebody wants the task to stop.
    Cancel,
    /// The try has lasted as long as one may; the lease is not renewed any more.
    TooLong,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is done.
    Done(Json),
    /// It failed.
    Failed {
        /// Why.
        error: String,
        /// Whether another try may do better.
        again: bool,
    },
    /// It stopped because somebody wanted it to.
    Cancelled,
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// [`STATE`], or a word of the worker.
    pub kind: String,
    /// What.
    pub body: Json,
}

impl Entry {
    /// The state that the task is in from this entry on; `None` for an entry of the worker.
    pub fn state(&self) -> Option<State> {
        if self.kind == STATE { State::of_word(self.body["state"].as_str()?) } else { None }
    }
}

/// How much waits and runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Depth {
    /// Queued tasks somebody waits for.
    pub interactive: usize,
    /// Queued tasks that are done when there is time.
    pub nightly: usize,
    /// Running tasks.
    pub running: usize,
    /// Since when the task that waits the longest is due; `None` where nothing is due. What stands behind another is not yet due.
    pub oldest_due: Option<DateTime<Utc>>,
}

impl Depth {
    /// Queued tasks of all lanes.
    pub fn queued(&self) -> usize {
        self.interactive + self.nightly
    }
}
