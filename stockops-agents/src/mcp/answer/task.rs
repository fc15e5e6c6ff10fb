//! The answer of long work: a task, and the answer itself when it is done.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Answer;

/// Long work: its task, and what came of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct Longer<T> {
    task: TaskAnswer,
    /// What came of it; null while the task runs, and where it was stopped.
    result: Option<T>,
}

/// Where a task is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(in crate::mcp) struct TaskAnswer {
    /// Name of the task: call the same tool with it to ask again.
    pub(in crate::mcp) id: String,
    pub(in crate::mcp) state: State,
    /// What it is doing, or what came of it.
    pub(in crate::mcp) message: String,
    /// Seconds since it began.
    pub(in crate::mcp) seconds: f64,
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::mcp) enum State {
    Running,
    Done,
    Stopped,
}

impl TaskAnswer {
    /// The task, with what came of it where it is done.
    pub(in crate::mcp) fn answer(&self, tool: &str, result: Option<Answer>) -> Answer {
        let Self { id, state, message, seconds } = self;
        let (words, result) = match (state, result) {
            (_, Some(done)) => (format!("{id} is done after {seconds:.0} s.\n\n{}", done.words), Some(done.json)),
            (State::Running, None) => {
                let next = format!("call {tool} again with {{\"task\": \"{id}\"}}, and with \"stop\": true to stop it");
                (format!("{id} runs since {seconds:.0} s ({message}). There is no result yet: {next}."), None)
            }
            (_, None) => (format!("{id}: {message}."), None),
        };
        Answer::new(words, &Longer::<Value> { task: self.clone(), result })
    }
}
