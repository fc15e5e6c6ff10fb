//! `Line`: the model of one run: who pays, what is hidden from it, and whether it still answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::error::{Error, ModelFault, Result};
use crate::facts::Masked;
use crate::graph::Spent;
use crate::llm::{Account, Answer, ChatModel, Cost, Message, Metered, Request, ToolCall};

/// The model of one run, which all nodes share.
#[derive(Debug)]
pub struct Line {
    model: Arc<dyn ChatModel>,
    account: Account,
    masked: Option<Masked>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Why nobody answers any more.
    gone: Option<ModelFault>,
    /// What went wrong last.
    problem: Option<String>,
    without_tools: bool,
    /// What readers of the report have to know, by the node that met it.
    warnings: BTreeMap<String, Vec<String>>,
    /// Tokens of the thread before it was resumed, as long as nobody has counted them.
    before: Option<u64>,
}

impl Line {
    /// A line to `model`, paid from `account`; `masked` says what the model is not to see.
    pub fn new(model: Arc<dyn ChatModel>, account: Account, masked: Option<Masked>) -> Self {
        Self { model, account, masked, state: Mutex::default() }
    }

    /// The name of the model.
    pub fn name(&self) -> &str {
        self.model.name()
    }

    /// Whether names and days are hidden from the model.
    pub fn is_masked(&self) -> bool {
        self.masked.is_some()
    }

    /// What went wrong with the model last, in words.
    pub fn problem(&self) -> Option<String> {
        self.state().problem.clone()
    }

    /// Whether the model was not yet found to be one that calls no tools.
    pub(super) fn has_tools(&self) -> bool {
        !self.state().without_tools
    }

    /// From now on no tools are offered. Whether they were until now.
    pub(super) fn without_tools(&self) -> bool {
        !std::mem::replace(&mut self.state().without_tools, true)
    }

    pub(super) fn paid(&self, payer: &str) -> Metered {
        Metered::new(Arc::clone(&self.model), self.account.clone().paid_by(payer))
    }

    /// The thread goes on: it has used so many tokens, of which nodes will say what they know.
    pub(crate) fn resumes(&self, tokens: Option<u64>) {
        self.state().before = tokens;
    }

    /// Count what a resumed thread has spent: what is noted of it, and the rest of its tokens at the dearer of the two prices.
    pub(crate) fn count(&self, spent: &[Spent]) {
        let Some(tokens) = self.state().before.take() else { return };
        let noted = spent.iter().fold(Cost::default(), |cost, spent| cost.and(spent.cost));
        let rest = tokens.saturating_sub(noted.usage.prompt + noted.usage.answer);
        let millionths = noted.millionths + self.account.dearest(rest);
        // The run counts the tokens of the thread itself.
        self.account.add(Cost { millionths, ..Cost::default() });
    }

    /// What the tries of `node` have spent, failed ones too, and were not asked for yet.
    pub(crate) fn spent(&self, node: &str) -> Vec<Spent> {
        let cost = self.account.take(node);
        if cost == Cost::default() { Vec::new() } else { vec![Spent { node: node.into(), cost }] }
    }

    /// What the tries of `node` have met that the reader has to know, and were not asked for yet.
    pub(crate) fn warnings(&self, node: &str) -> Vec<String> {
        self.state().warnings.remove(node).unwrap_or_default()
    }

    pub(super) fn warn(&self, node: &str, warning: String) {
        let mut state = self.state();
        let told = state.warnings.entry(node.into()).or_default();
        if !told.contains(&warning) {
            told.push(warning);
        }
    }

    /// An error where a call was refused before for a reason that all calls share.
    pub(super) fn open(&self) -> Result<()> {
        let gone = self.state().gone.clone();
        gone.map_or(Ok(()), |fault| Err(Error::Model { model: self.model.name().into(), fault }))
    }

    /// Remember that a call has failed with `error`.
    pub(super) fn failed(&self, error: &Error) {
        let mut state = self.state();
        state.problem = Some(match error {
            Error::Model { fault, .. } => fault.to_string(),
            other => other.to_string(),
        });
        if let Error::Model { fault, .. } = error
            && is_of_all_calls(fault)
        {
            state.gone = Some(fault.clone());
        }
    }

    /// `request` as the model may see it.
    pub(super) fn hidden(&self, request: &Request) -> Request {
        let Some(masked) = &self.masked else { return request.clone() };
        let hide = |text: &str| masked.hide(text);
        let message = |message: &Message| Message {
            text: hide(&message.text),
            calls: message.calls.iter().map(|call| replaced(call, &hide)).collect(),
            ..message.clone()
        };
        Request { messages: request.messages.iter().map(message).collect(), ..request.clone() }
    }

    /// `answer` with what was hidden put back.
    pub(super) fn shown(&self, answer: Answer) -> Answer {
        let Some(masked) = &self.masked else { return answer };
        let show = |text: &str| masked.show(text);
        let calls = answer.calls.iter().map(|call| replaced(call, &show)).collect();
        Answer { text: show(&answer.text), calls, ..answer }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what one call met is met by all: nobody is there, or the key, the address or the model's name is wrong.
fn is_of_all_calls(fault: &ModelFault) -> bool {
    match fault {
        ModelFault::Unreachable(_) => true,
        ModelFault::Refused { status: 401 | 403 | 404, reason } => !speaks_of_tools(reason),
        _ => false,
    }
}

/// Whether a refusal names tools: the model, or its server as it was started, does not do them.
pub(super) fn speaks_of_tools(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["tool", "function call"].iter().any(|word| reason.contains(word))
}

fn replaced(call: &ToolCall, with: &impl Fn(&str) -> String) -> ToolCall {
    ToolCall { arguments: each_text(&call.arguments, with), ..call.clone() }
}

fn each_text(value: &Value, with: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(with(text)),
        Value::Array(items) => items.iter().map(|item| each_text(item, with)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), each_text(value, with))).collect(),
        other => other.clone(),
    }
}
