//! `Fault`: what is wrong with a graph of nodes or with one of its runs, and what to do about it.

use std::fmt;
use std::time::Duration;

/// What is wrong with a graph or with one of its runs, sorted by what the caller can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A word cannot be the name of a node. Choose another.
    Name {
        /// What was given.
        name: String,
    },
    /// Two nodes have one name, or a node has two choices. Rename one, or take one away.
    Duplicate {
        /// What there are two of.
        what: String,
    },
    /// An edge, a choice or a fallback names a node that is not there. Add it or mend the name.
    UnknownNode {
        /// The name.
        node: String,
        /// What names it.
        by: String,
    },
    /// A node writes a field that the state does not have, or a start has one. Mend the name.
    UnknownField {
        /// The name.
        field: String,
        /// What names it.
        by: String,
        /// Fields that there are.
        known: String,
    },
    /// No path from the start comes to a node. Add an edge or take the node away.
    Unreachable {
        /// The node.
        node: String,
    },
    /// No path from a node comes to the end. Add an edge.
    NoEnd {
        /// The node.
        node: String,
    },
    /// From a node on the graph goes in a circle, whatever is chosen. Let a choice leave it.
    Endless {
        /// A node of the circle.
        node: String,
    },
    /// A node has edges, and nothing leads to it: it only stands in for others. Take its edges away, or lead to it.
    StandIn {
        /// The node.
        node: String,
    },
    /// Two nodes of which neither is before the other write a field that takes one writer.
    TwoWriters {
        /// The field.
        field: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A choice chose nothing, or what it does not declare. Mend the function.
    Target {
        /// The node that it stands after.
        node: String,
        /// What it chose.
        got: String,
        /// What it declares.
        allowed: String,
    },
    /// A node wrote a field that it does not declare. Declare it.
    Undeclared {
        /// The node.
        node: String,
        /// The field.
        field: String,
    },
    /// A value does not fit its place in the state, in a journal or in an answer. Mend the value.
    Value {
        /// Which value.
        what: String,
        /// Why not.
        problem: String,
    },
    /// The run took as many turns of nodes as it may. Raise the limit or mend the loop.
    Steps {
        /// The limit.
        limit: u64,
    },
    /// The budget does not hold what was asked for. Raise it or ask for less.
    Budget {
        /// What was asked for.
        asked: u64,
        /// What is left of it.
        left: u64,
    },
    /// A node did not end in its time. Try again or give it more.
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// A node panicked. Look at its message.
    Panicked {
        /// What it said.
        message: String,
    },
    /// A run asks or is resumed, and keeps nothing. Give it a store.
    NoStore {
        /// What needs one.
        what: String,
    },
    /// A thread is started that is there. Resume it, forget it, or choose another name.
    Exists {
        /// The thread.
        thread: String,
    },
    /// A thread was kept by another graph than the one that resumes it. Resume it with that one, or start anew.
    Mismatch {
        /// The thread.
        thread: String,
        /// What differs.
        what: String,
        /// As it was kept.
        kept: String,
        /// As it is now.
        now: String,
    },
    /// An answer is given to what nobody asks. Answer what is open.
    Unasked {
        /// Its id.
        id: String,
        /// Ids that are open.
        open: String,
    },
    /// An effect was begun or ended when the turn of its node was over, so its result is not kept. Wait for it in the node.
    Over {
        /// The node.
        node: String,
        /// The key of the effect.
        key: String,
    },
    /// The run was stopped. Resume its thread.
    Stopped,
}

impl Fault {
    /// A stable word for programs: `graph` for what cannot be built, `update` for values that do not fit, `limit`,
    /// `timeout`, `panic`, `thread` for what was kept, or `cancelled`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. }
            | Self::Duplicate { .. }
            | Self::UnknownNode { .. }
            | Self::UnknownField { .. }
            | Self::Unreachable { .. }
            | Self::NoEnd { .. }
            | Self::Endless { .. }
            | Self::StandIn { .. }
            | Self::TwoWriters { .. } => "graph",
            Self::Target { .. } | Self::Undeclared { .. } | Self::Value { .. } => "update",
            Self::Steps { .. } | Self::Budget { .. } => "limit",
            Self::TimedOut { .. } => "timeout",
            Self::Panicked { .. } => "panic",
            Self::NoStore { .. }
            | Self::Exists { .. }
            | Self::Mismatch { .. }
            | Self::Unasked { .. }
            | Self::Over { .. } => "thread",
            Self::Stopped => "cancelled",
        }
    }

    /// Whether the same call will fail again.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::TimedOut { .. } | Self::Panicked { .. } | Self::Stopped)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(
                f,
                "`{name}` cannot be the name of a node: 1 to 150 letters, digits and ^ . - = _ @ &, no dot \
                 first, and neither start nor end"
            ),
            Self::Duplicate { what } => write!(f, "there are two of {what}; keep one, or give one another name"),
            Self::UnknownNode { node, by } => {
                write!(f, "{by} names `{node}`, and there is no such node; add it, or mend the name")
            }
            Self::UnknownField { field, by, known } => {
                write!(f, "{by} names the field `{field}`, and the state has {known}; mend the name")
            }
            Self::Unreachable { node } => {
                write!(f, "no path from the start comes to `{node}`; add an edge to it, or take it away")
            }
            Self::NoEnd { node } => write!(f, "no path from `{node}` comes to the end; add an edge from it"),
            Self::Endless { node } => {
                write!(f, "from `{node}` on it goes in a circle whatever is chosen; let a choice leave the circle")
            }
            Self::StandIn { node } => write!(
                f,
                "`{node}` only stands in for others and goes on where they do, so its edges are never taken; \
                 take them away, or lead to it"
            ),
            Self::TwoWriters { field, first, second } => write!(
                f,
                "`{first}` and `{second}` both write `{field}`, which keeps the last value, and neither is before the other; \
                 give the field a reducer such as Append, or put an edge between the two"
            ),
            Self::Target { node, got, allowed } => {
                write!(f, "the choice after `{node}` chose {got}, and may choose {allowed}; mend its function")
            }
            Self::Undeclared { node, field } => {
                write!(f, "`{node}` wrote `{field}`, which is not among the fields that it writes; add it there")
            }
            Self::Value { what, problem } => write!(f, "{what} does not fit: {problem}"),
            Self::Steps { limit } => {
                write!(f, "it took {limit} steps and is not at the end; mend its loop, or raise the limit of steps")
            }
            Self::Budget { asked, left } => {
                write!(
                    f,
                    "{asked} tokens were to be reserved and {left} are left; raise the limit of tokens, or ask for less"
                )
            }
            Self::TimedOut { after } => write!(f, "it did not end in {} s; give it more time", after.as_secs_f64()),
            Self::Panicked { message } => write!(f, "it panicked: {message}"),
            Self::NoStore { what } => write!(f, "{what}, and the run keeps nothing; give it a thread and a store"),
            Self::Exists { thread } => {
                write!(f, "the thread `{thread}` is there; resume it, forget it, or choose another name")
            }
            Self::Mismatch { thread, what, kept, now } => write!(
                f,
                "the thread `{thread}` was kept with another {what}: {kept}, now {now}; resume it with the graph \
                 that kept it, or start anew"
            ),
            Self::Unasked { id, open } => write!(f, "nobody asks `{id}`; open are {open}"),
            Self::Over { node, key } => write!(
                f,
                "the turn of `{node}` is over, and the result of `{key}` is not kept; wait for it before the node is done"
            ),
            Self::Stopped => write!(f, "stopped before the end; a thread with a store can be resumed"),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// The error of a fault in the graph of that name.
    #[cfg(feature = "graph")]
    pub(crate) fn of(self, graph: &str) -> super::Error {
        super::Error::Graph { graph: graph.into(), fault: self }
    }
}
