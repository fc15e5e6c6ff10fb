//! `converse`: a model asks tools until it answers, within a budget.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ToolFault, Toolbox};
use crate::error::{Error, ModelFault, Result};
use crate::llm::{Answer, ChatModel, Message, Request, Speaker, ToolCall, Usage, fence};

/// How much a model may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Calls of tools in the whole conversation, those that fail among them. Default 8.
    pub calls: usize,
    /// Answers of the model that may call tools; after these it is asked once more, without tools. Default 4.
    pub rounds: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { calls: 8, rounds: 4 }
    }
}

/// A call of a tool, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// The tool.
    pub name: String,
    /// What it was asked with.
    pub arguments: Value,
    /// What it answered.
    pub outcome: Result<Value, ToolFault>,
}

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// The last answer, which calls nothing; its tokens are those of all answers.
    pub answer: Answer,
    /// All messages, the question among them and the last answer not.
    pub messages: Vec<Message>,
    /// All calls, in their order.
    pub calls: Vec<Called>,
}

/// Ask `model`, let it call the tools of `toolbox` within `budget`, and give back its answer.
///
/// What tools answer is fenced: text of others may be in it. It ends: after [`Budget::rounds`] answers that call tools the model is asked without tools. A call that was made before with the
/// same arguments, and one beyond [`Budget::calls`], is not made; the model is told so. Pieces of text go to `token` as they come,
/// those before a call of a tool among them.
///
/// # Errors
///
/// Those of the model; [`ModelFault::Malformed`] where it calls tools although it was given none. What a tool meets is told to the
/// model and is no error.
pub async fn converse(
    model: &dyn ChatModel,
    mut request: Request,
    toolbox: &Toolbox,
    budget: Budget,
    token: &(dyn Fn(&str) + Send + Sync),
) -> Result<Conversation> {
    let (mut calls, mut usage) = (Vec::new(), Usage::default());
    let (offered, schema) = (toolbox.specs(), request.schema.take());
    for round in 0..=budget.rounds {
        request.tools = if round < budget.rounds { offered.clone() } else { Vec::new() };
        // A server that forces a form lets a model say nothing else, and so it could call nothing.
        request.schema = if request.tools.is_empty() { schema.clone() } else { None };
        let mut answer = model.chat(&request, token).await?;
        usage = Usage { prompt: usage.prompt + answer.usage.prompt, answer: usage.answer + answer.usage.answer };
        if answer.calls.is_empty() {
            answer.usage = usage;
            return Ok(Conversation { answer, messages: request.messages, calls });
        }
        if request.tools.is_empty() {
            break;
        }
        request.messages.push(asks(&answer));
        for call in answer.calls {
            let outcome = outcome(&call, toolbox, &calls, budget).await;
            request.messages.push(result(&call, &outcome));
            calls.push(Called { name: call.name, arguments: call.arguments, outcome });
        }
    }
    let fault = ModelFault::Malformed("it calls tools where it was given none".into());
    Err(Error::Model { model: model.name().into(), fault })
}

/// What `call` gives, where it may be made.
async fn outcome(call: &ToolCall, toolbox: &Toolbox, before: &[Called], budget: Budget) -> Result<Value, ToolFault> {
    if before.iter().any(|old| old.name == call.name && old.arguments == call.arguments) {
        return Err(ToolFault::Repeated { tool: call.name.clone() });
    }
    if before.len() >= budget.calls {
        return Err(ToolFault::OverBudget { limit: budget.calls });
    }
    toolbox.call(&call.name, call.arguments.clone()).await
}

/// The message by which the model asks.
fn asks(answer: &Answer) -> Message {
    Message { speaker: Speaker::Assistant, text: answer.text.clone(), calls: answer.calls.clone(), answers: None }
}

/// The message by which a tool answers.
fn result(call: &ToolCall, outcome: &Result<Value, ToolFault>) -> Message {
    let value = match outcome {
        Ok(value) => value.to_string(),
        Err(fault) => fault.to_json().to_string(),
    };
    Message::tool(call, fence("answer of a tool", &value))
}
