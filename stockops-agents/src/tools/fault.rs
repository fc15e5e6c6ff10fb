//! `ToolFault`: why a tool gave no answer, in words that say what to do next.

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::Error;

/// Why a tool gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolFault {
    /// There is no such tool.
    #[error("there is no tool `{name}`; call one of {}", known.join(", "))]
    Unknown {
        /// What was called, cut to a readable length.
        name: String,
        /// The tools that there are.
        known: Vec<String>,
    },
    /// The arguments are not those of the tool.
    #[error("the arguments of `{tool}` cannot be used: {problem}; it takes {takes}")]
    Arguments {
        /// The tool.
        tool: String,
        /// What is wrong with them.
        problem: String,
        /// The names of its arguments.
        takes: String,
    },
    /// The question cannot be answered: another one may be.
    #[error("`{tool}` cannot answer this: {problem}; ask with other arguments, or say that it is not known")]
    Refused {
        /// The tool.
        tool: String,
        /// Why.
        problem: String,
    },
    /// The tool cannot answer now.
    #[error("`{tool}` cannot answer now: {problem}; go on without it and say that it is not known")]
    Failed {
        /// The tool.
        tool: String,
        /// Why.
        problem: String,
    },
    /// The same call was made before in this conversation.
    #[error("`{tool}` was called with these arguments before; use the answer above")]
    Repeated {
        /// The tool.
        tool: String,
    },
    /// No call is left.
    #[error("all {limit} calls are made; answer with what is known")]
    OverBudget {
        /// Calls that there were.
        limit: usize,
    },
}

impl ToolFault {
    /// What `tool` met in the house.
    pub fn of(tool: &str, error: &Error) -> Self {
        let (tool, problem) = (tool.to_owned(), error.to_string());
        match error {
            Error::Core(core) if core.is_input() => Self::Refused { tool, problem },
            Error::Config { .. } => Self::Refused { tool, problem },
            _ => Self::Failed { tool, problem },
        }
    }

    /// Which kind, as a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_tool",
            Self::Arguments { .. } => "arguments",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::Repeated { .. } => "repeated",
            Self::OverBudget { .. } => "over_budget",
        }
    }

    /// As a tool's result: `{"error": {"kind": .., "message": ..}}`.
    pub fn to_json(&self) -> Value {
        json!({"error": {"kind": self.kind(), "message": self.to_string()}})
    }
}
