//! `Draft`: an answer as it comes in, and the one place that decides whether it is one.

use serde_json::Value;

use super::thinking::without_thoughts;
use super::{Answer, Finish, Request, ToolCall, Usage, tokens};
use crate::error::ModelFault;

/// What came of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    /// Whether it reasoned in a field of its own.
    pub(super) has_reasoned: bool,
    /// The words with which it declined.
    pub(super) declined: String,
    pub(super) calls: Vec<DraftCall>,
    /// Why it ended, in the server's word; none until it says that it did.
    pub(super) finish: Option<String>,
    pub(super) usage: Option<Usage>,
}

/// A call of a tool as it comes in.
#[derive(Debug, Default)]
pub(super) struct DraftCall {
    pub(super) id: String,
    pub(super) name: String,
    /// JSON in text.
    pub(super) arguments: String,
}

impl Draft {
    /// The answer, where it is one: whole, closed, not empty, and of all of the prompt.
    pub(super) fn answer(self, request: &Request) -> Result<Answer, ModelFault> {
        self.read_all(request)?;
        let finish = self.ended(request)?;
        let Some(text) = without_thoughts(&self.text) else { return Err(malformed("it does not close its thinking")) };
        let calls = self.calls.iter().map(DraftCall::call).collect::<Result<Vec<_>, _>>()?;
        match (finish, calls.is_empty()) {
            (_, false) if request.tools.is_empty() => return Err(malformed("it calls tools, and there are none")),
            (Finish::Tools, true) => return Err(malformed("it says that it calls tools, and calls none")),
            (_, true) if text.is_empty() && self.has_thought() => return Err(malformed("it thought and said nothing")),
            (_, true) if text.is_empty() => return Err(malformed("it is empty")),
            _ => {}
        }
        let finish = if calls.is_empty() { finish } else { Finish::Tools };
        let usage = self.usage.unwrap_or_else(|| self.estimated(request));
        Ok(Answer { text, calls, finish, usage })
    }

    /// A server that cuts a prompt counts fewer tokens than it has, and often exactly as many as its context holds. One
    /// that counts none does not count.
    fn read_all(&self, request: &Request) -> Result<(), ModelFault> {
        let Some(Usage { prompt: read @ 1.., .. }) = self.usage else { return Ok(()) };
        let sent = tokens::at_least(request);
        let is_full = read >= 2048 && read.is_power_of_two() && tokens::at_most(request) > read;
        if read < sent || is_full {
            return Err(ModelFault::ContextTruncated { read, sent: sent.max(read + 1) });
        }
        Ok(())
    }

    fn ended(&self, request: &Request) -> Result<Finish, ModelFault> {
        if !self.declined.is_empty() {
            return Err(malformed(format!("it declined: {}", self.declined)));
        }
        match self.finish.as_deref() {
            Some("stop") => Ok(Finish::Stop),
            Some("tool_calls" | "function_call") => Ok(Finish::Tools),
            Some("length") => {
                Err(malformed(format!("it ran into its limit of {} tokens, or into the context", request.max_tokens)))
            }
            Some(other) => Err(malformed(format!("it ended with `{other}`"))),
            None => Err(malformed("it was cut off before its end")),
        }
    }

    fn has_thought(&self) -> bool {
        self.has_reasoned || !self.text.trim().is_empty()
    }

    fn estimated(&self, request: &Request) -> Usage {
        let calls = self.calls.iter().map(|call| tokens::most(&call.name) + tokens::most(&call.arguments));
        Usage { prompt: tokens::at_most(request), answer: tokens::most(&self.text) + calls.sum::<u64>() }
    }
}

impl DraftCall {
    fn call(&self) -> Result<ToolCall, ModelFault> {
        let Self { id, name, arguments } = self;
        if name.is_empty() {
            return Err(malformed("it calls a tool without a name"));
        }
        let text = if arguments.trim().is_empty() { "{}" } else { arguments };
        match serde_json::from_str(text) {
            Ok(arguments @ Value::Object(_)) => Ok(ToolCall { id: id.clone(), name: name.clone(), arguments }),
            _ => Err(malformed(format!("the arguments of `{name}` are no JSON object"))),
        }
    }
}

pub(crate) fn malformed(what: impl Into<String>) -> ModelFault {
    ModelFault::Malformed(what.into())
}
