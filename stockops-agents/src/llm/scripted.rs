//! `ScriptedModel`: a model that says what it is told to, for tests of what is built on models.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde::Serialize;
use serde_json::Value;

use super::{Answer, ChatModel, Finish, Request, ToolCall, Usage, tokens};
use crate::error::{Error, ModelFault, Result};

/// A model that answers from a script, for tests.
///
/// Each [`Line`] is one answer or one failure. They are taken in their order, or, where calls run side by side and come
/// in any order, by the words of the prompt.
///
/// # Example
///
/// ```
/// use stockops_agents::llm::{ChatModel, Line, Message, Request, ScriptedModel};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_agents::Result<()> {
/// let model = ScriptedModel::new([Line::says("Quiet.").to("GOOG"), Line::breaks_off("It will")]);
/// let request = Request::new([Message::user("How is GOOG?")]);
/// assert_eq!(model.chat(&request, &|_| {}).await?.text, "Quiet.");
/// assert!(model.chat(&request, &|_| {}).await.is_err());
/// assert_eq!(model.seen().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ScriptedModel {
    name: String,
    in_any_order: bool,
    script: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    /// Lines that are not said yet.
    lines: Vec<Line>,
    seen: Vec<Request>,
}

impl ScriptedModel {
    /// A model with this script. Its name is `scripted`.
    pub fn new(lines: impl IntoIterator<Item = Line>) -> Self {
        let script = Script { lines: lines.into_iter().collect(), seen: Vec::new() };
        Self { name: "scripted".into(), in_any_order: false, script: Mutex::new(script) }
    }

    /// Take the first line that is left whose words are all in the prompt, and not simply the next.
    #[must_use]
    pub fn in_any_order(self) -> Self {
        Self { in_any_order: true, ..self }
    }

    /// Another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Request> {
        self.script().seen.clone()
    }

    /// How many lines it has not said.
    pub fn left(&self) -> usize {
        self.script().lines.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line for `request`.
    fn next(&self, request: &Request) -> Result<Line, ModelFault> {
        let mut script = self.script();
        script.seen.push(request.clone());
        let call = script.seen.len();
        let fits = |line: &Line| line.missing(request).is_none();
        let at = if self.in_any_order {
            script.lines.iter().position(fits)
        } else {
            (!script.lines.is_empty()).then_some(0)
        };
        let Some(at) = at else { return Err(off_script(format!("it has no line for call {call}"))) };
        let line = script.lines.remove(at);
        match line.missing(request) {
            Some(word) => Err(off_script(format!("call {call} was to hold `{word}`: {}", prompt(request)))),
            None => Ok(line),
        }
    }
}

impl ChatModel for ScriptedModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>> {
        let error = |fault| Error::Model { model: self.name.clone(), fault };
        let line = self.next(request);
        async move { line.map_err(error)?.say(request, token).await.map_err(error) }.boxed()
    }
}

/// One answer of a [`ScriptedModel`], or one failure.
#[derive(Debug, Clone)]
pub struct Line {
    words: Vec<String>,
    delay: Duration,
    text: String,
    calls: Vec<ToolCall>,
    fault: Option<ModelFault>,
}

impl Line {
    /// It says `text`, word by word.
    pub fn says(text: impl Into<String>) -> Self {
        Self { words: Vec::new(), delay: Duration::ZERO, text: text.into(), calls: Vec::new(), fault: None }
    }

    /// It answers with `value` as JSON; what has no JSON is said as `null`.
    pub fn answers(value: &impl Serialize) -> Self {
        Self::says(serde_json::to_string(value).unwrap_or_else(|_| "null".into()))
    }

    /// It calls the tool `name`.
    pub fn calls(name: impl Into<String>, arguments: Value) -> Self {
        Self { calls: vec![ToolCall { id: "call_1".into(), name: name.into(), arguments }], ..Self::says("") }
    }

    /// It fails.
    pub fn fails(fault: ModelFault) -> Self {
        Self { fault: Some(fault), ..Self::says("") }
    }

    /// It tells `text`, word by word, and is cut off.
    pub fn breaks_off(text: impl Into<String>) -> Self {
        Self { fault: Some(ModelFault::Malformed("it broke off".into())), ..Self::says(text) }
    }

    /// It takes so long before its first word.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The prompt has to hold `words`; said again, those as well.
    #[must_use]
    pub fn to(mut self, words: impl Into<String>) -> Self {
        self.words.push(words.into());
        self
    }

    /// Words that the prompt should hold and does not.
    fn missing(&self, request: &Request) -> Option<&str> {
        let prompt = prompt(request);
        self.words.iter().map(String::as_str).find(|word| !prompt.contains(word))
    }

    async fn say(self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer, ModelFault> {
        tokio::time::sleep(self.delay).await;
        for word in self.text.split_inclusive(' ') {
            token(word);
            // Whoever wants to stop it can do so after each word.
            tokio::task::yield_now().await;
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let finish = if self.calls.is_empty() { Finish::Stop } else { Finish::Tools };
        let usage = Usage { prompt: tokens::at_most(request), answer: tokens::most(&self.text) };
        Ok(Answer { text: self.text, calls: self.calls, finish, usage })
    }
}

fn prompt(request: &Request) -> String {
    request.messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Not asked again: the script would not change.
fn off_script(reason: String) -> ModelFault {
    ModelFault::Refused { status: 400, reason }
}
