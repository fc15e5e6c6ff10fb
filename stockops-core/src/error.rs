//! The one error type of the crate, sorted by what the caller can do next.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

pub use fault::Fault;
pub use outage::Outage;
pub use refusal::Refusal;
pub use trouble::Trouble;

mod fault;
mod outage;
mod refusal;
mod trouble;

/// Everything that can go wrong in this crate.
///
/// Messages name the thing, what was wanted, what was given and what to do next; the underlying cause of a
/// [`Error::Storage`] is its `source()` and not repeated in the message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range. Fix the setting.
    #[error("`{field}` must be {rule}, got {got}")]
    Config {
        /// Name of the setting, as in the config.
        field: &'static str,
        /// The rule in words, such as "at least 1".
        rule: &'static str,
        /// What was given.
        got: String,
    },
    /// A word is not a ticker. Fix the word.
    #[error("`{got}` is not a ticker: {rule}")]
    Ticker {
        /// What was given, cut to a readable length.
        got: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A bar breaks a rule that every bar obeys. Fix or drop the row.
    #[error("{ticker} {date}: {problem}; correct or remove this row")]
    Bar {
        /// Whose bar.
        ticker: String,
        /// Day of the bar.
        date: NaiveDate,
        /// Which rule, with the values.
        problem: String,
    },
    /// A series as a whole is none of daily bars. Do what the text says: give daily bars of one series, or say the calendar.
    #[error("{ticker}: {problem}")]
    Series {
        /// Whose series.
        ticker: String,
        /// What it is instead, and what to do.
        problem: String,
    },
    /// An input file cannot be used. Fix the file or name another.
    #[error("{}{}: {problem}", path.display(), line.map(|l| format!(", line {l}")).unwrap_or_default())]
    File {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1, where one is to blame.
        line: Option<usize>,
        /// What is wrong and what was wanted.
        problem: String,
    },
    /// Bars end before the last finished session. Ask again later, or allow bars that are stale.
    #[error(
        "{ticker}: the last bar is of {last_day}, and the session of {wanted} is over; {why}; ask again later, give newer bars, \
         or set `allow_stale`"
    )]
    Stale {
        /// Whose bars.
        ticker: String,
        /// Day of the last bar.
        last_day: NaiveDate,
        /// Day of the last finished session.
        wanted: NaiveDate,
        /// Why newer ones are not there.
        why: String,
    },
    /// A source on the network gave no bars. Do what the trouble says.
    #[error("{source_name}: {trouble}")]
    Network {
        /// Which source, such as `Yahoo`, and for whom.
        source_name: String,
        /// What went wrong, and what to do.
        trouble: Trouble,
    },
    /// An array or tensor has the wrong shape. Fix the call.
    #[error("{what}: expected shape {expected:?}, got {got:?}")]
    Shape {
        /// The argument.
        what: String,
        /// Wanted.
        expected: Vec<usize>,
        /// Given.
        got: Vec<usize>,
    },
    /// There are too few rows. Fetch more history.
    #[error("{what} needs at least {needed} bars, got {got}; give a longer history")]
    TooShort {
        /// The work that needs rows.
        what: String,
        /// Rows needed.
        needed: usize,
        /// Rows given.
        got: usize,
    },
    /// Something that was named does not exist. Create it first.
    #[error("no {kind} named {name}; {hint}")]
    NotFound {
        /// Kind of thing, such as "version".
        kind: &'static str,
        /// Its name.
        name: String,
        /// How to get it.
        hint: String,
    },
    /// The parent saw days that the child is to be tested on. Use an older parent, or allow and mark it.
    #[error(
        "{ticker}: the parent saw days up to {parent_last_day}, which leaves {days} test days after it where {needed} \
         are needed; train the parent up to an earlier day, give newer bars, or allow the leak, which marks the bundle"
    )]
    Leak {
        /// The child.
        ticker: String,
        /// Last day that the parent saw.
        parent_last_day: NaiveDate,
        /// Days left for the test.
        days: usize,
        /// Days wanted.
        needed: usize,
    },
    /// No parent may be used that saw nothing of the judged days. Give bars to train one from.
    #[error(
        "{ticker}: the judged days begin on {first_day}, and the parent {parent} saw days up to {parent_last_day}; give the \
         bars of the index, so that a parent can be trained on days before, or newer bars of {ticker}"
    )]
    ParentLeak {
        /// Whose days are judged.
        ticker: String,
        /// The parent that is known.
        parent: String,
        /// Last day that it saw.
        parent_last_day: NaiveDate,
        /// First judged day.
        first_day: NaiveDate,
    },
    /// A bundle of weights cannot be used. Train it again or name another.
    #[error("bundle {name}: {problem}; train it again or choose another version")]
    Bundle {
        /// File or version.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A model was trained on other features than are served. Train it again, or serve it by the version that trained it.
    #[error(
        "{name} was trained on other features than are served: {}; train it again, or serve it by the version of stockops that \
         trained it", differences.join("; ")
    )]
    Skew {
        /// The version of the model.
        name: String,
        /// Each field that differs, and how.
        differences: Vec<String>,
    },
    /// A training went astray, and nothing of it can be used. Train with a lower rate, or look at the bars.
    #[error(
        "training diverged in epoch {epoch}: its loss or its weights are no finite numbers; use a lower rate (`lr`)"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// A device cannot be used. Choose another or build with its feature.
    #[error("device `{word}`: {problem}")]
    Device {
        /// The word that was given.
        word: String,
        /// Why not, and what to do.
        problem: String,
    },
    /// Someone else is doing the same work. Wait and try again.
    #[error("{what} is busy: another process holds {}; wait for it to end and try again", path.display())]
    Busy {
        /// The work.
        what: String,
        /// The lock file.
        path: PathBuf,
    },
    /// The work was stopped by its cancel flag. Nothing was written.
    #[error("stopped before the end; nothing was written")]
    Cancelled,
    /// A server of runs did not do what it was asked. Do what the refusal says; the runs are at home.
    #[error("{server}: {refusal}")]
    Tracker {
        /// Its address.
        server: String,
        /// Why, and what to do.
        refusal: Refusal,
    },
    /// A graph of nodes cannot be built, or a run of it cannot go on. Do what the fault says.
    #[error("graph `{graph}`: {fault}")]
    Graph {
        /// Its name.
        graph: String,
        /// What is wrong, and what to do.
        fault: Fault,
    },
    /// A node of a graph failed for good. Look at the source of this error, then resume the thread or start again.
    #[error(
        "graph `{graph}`: node `{node}` failed in each of {tries} tries; look at the cause, then resume or start again"
    )]
    Node {
        /// Name of the graph.
        graph: String,
        /// Name of the node.
        node: String,
        /// How often it was tried.
        tries: u32,
        /// What the node said at last.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An online store did not do what it was asked. Do what the outage says; every row is in the offline store.
    #[error("{store}: {outage}")]
    Online {
        /// Its address, without a password.
        store: String,
        /// Why, and what to do.
        outage: Outage,
    },
    /// The disk or the bucket refused. Look at the source of this error, then try again.
    #[error("could not {action} {}; {}", path.display(), cure(path))]
    Storage {
        /// What was tried, such as "write".
        action: &'static str,
        /// The file or folder, or the address in a bucket.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// What to do where the disk or the bucket refused.
fn cure(path: &Path) -> &'static str {
    match path.to_str() {
        Some(address) if address.contains("://") => {
            "check that the bucket exists, can be reached and lets these credentials in"
        }
        _ => "check that the folder exists, is writable and has room",
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A stable word for programs: `config`, `ticker`, `bar`, `file`, `stale`, `shape`, `too_short`, `not_found`, `leak`,
    /// `bundle`, `skew`, `device`, `diverged`, `busy`, `cancelled`, `node` or `storage`; for the network the words of [`Trouble::kind`],
    /// for a server of runs those of [`Refusal::kind`], for an online store those of [`Outage::kind`], for a graph those of
    /// [`Fault::kind`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Ticker { .. } => "ticker",
            Self::Bar { .. } | Self::Series { .. } => "bar",
            Self::File { .. } => "file",
            Self::Stale { .. } => "stale",
            Self::Network { trouble, .. } => trouble.kind(),
            Self::Shape { .. } => "shape",
            Self::TooShort { .. } => "too_short",
            Self::NotFound { .. } => "not_found",
            Self::Leak { .. } | Self::ParentLeak { .. } => "leak",
            Self::Bundle { .. } => "bundle",
            Self::Skew { .. } => "skew",
            Self::Device { .. } => "device",
            Self::Diverged { .. } => "diverged",
            Self::Busy { .. } => "busy",
            Self::Cancelled => "cancelled",
            Self::Tracker { refusal, .. } => refusal.kind(),
            Self::Graph { fault, .. } => fault.kind(),
            Self::Node { .. } => "node",
            Self::Online { outage, .. } => outage.kind(),
            Self::Storage { .. } => "storage",
        }
    }

    /// It in words, with all that caused it: `error: cause: cause`.
    pub fn with_causes(&self) -> String {
        with_causes(self)
    }

    /// It in words for those who do not run this machine: without a path of it.
    pub fn without_path(&self) -> String {
        match self {
            Self::Storage { action, source, .. } => format!("the storage could not {action} it ({})", source.kind()),
            Self::File { path, line, problem } => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
                format!("{name}{line}: {problem}")
            }
            error => error.to_string(),
        }
    }

    /// Whether the call or its input was wrong, so that the same call will fail again.
    ///
    /// `false` for what may pass by itself: busy, stopped, disk, network, a server, a node, bars that a source has not yet.
    pub fn is_input(&self) -> bool {
        use Error::{Busy, Cancelled, Graph, Network, Node, Online, Stale, Storage, Tracker};
        match self {
            Graph { fault, .. } => fault.is_input(),
            Busy { .. } | Cancelled | Storage { .. } | Network { .. } | Stale { .. } => false,
            Tracker { .. } | Node { .. } | Online { .. } => false,
            _ => true,
        }
    }

    /// Maker of [`Error::Storage`] for `map_err`.
    pub(crate) fn storage(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Storage { action, path, source }
    }

    /// Maker of the error of a file that was named and cannot be read, for `map_err`: [`Error::File`] where there is none.
    pub(crate) fn unread(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::file(&path, "no such file; check the path"),
            _ => Self::storage("read", &path)(error),
        }
    }

    /// [`Error::File`] without a line.
    pub(crate) fn file(path: &Path, problem: impl Into<String>) -> Self {
        Self::File { path: path.to_path_buf(), line: None, problem: problem.into() }
    }

    /// [`Error::Shape`] from two shapes.
    pub(crate) fn shape(what: impl Into<String>, expected: &[usize], got: &[usize]) -> Self {
        Self::Shape { what: what.into(), expected: expected.to_vec(), got: got.to_vec() }
    }
}

/// `Ok` where `holds`, else [`Error::Config`]; NaN fails every rule by itself because rules say what must hold.
pub(crate) fn check(holds: bool, field: &'static str, rule: &'static str, got: impl ToString) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Config { field, rule, got: got.to_string() }) }
}

/// Any error in words, with all that caused it: `error: cause: cause`.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_to_the_last() {
        let broken = std::io::Error::other("the cable is out");
        let stored = Error::Storage { action: "read", path: "GOOG.csv".into(), source: broken };
        let cure = "check that the folder exists, is writable and has room";
        assert_eq!(stored.with_causes(), format!("could not read GOOG.csv; {cure}: the cable is out"));
        let node = Error::Node { graph: "a".into(), node: "b".into(), tries: 2, source: Box::new(stored) };
        let text = node.with_causes();
        assert!(text.starts_with("graph `a`: node `b` failed in each of 2 tries"), "{text}");
        assert!(text.ends_with(&format!(": could not read GOOG.csv; {cure}: the cable is out")), "{text}");
        assert_eq!(Error::Cancelled.with_causes(), Error::Cancelled.to_string());
    }
}
