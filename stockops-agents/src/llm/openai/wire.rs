//! What goes to `/chat/completions`, and what comes back, whole or in pieces.

use serde::Deserialize;
use serde_json::{Value, json};

use super::quirks::{Quirk, Quirks};
use crate::llm::draft::{Draft, DraftCall};
use crate::llm::{Message, Request, Speaker, ToolCall, ToolSpec, Usage};

/// The body of a request.
pub(super) fn body(model: &str, request: &Request, quirks: &Quirks) -> Value {
    let messages: Vec<_> = request.messages.iter().map(message).collect();
    let mut body = json!({"model": model, "messages": messages});
    let most = if quirks.has(Quirk::NewMaxTokens) { "max_completion_tokens" } else { "max_tokens" };
    body[most] = request.max_tokens.into();
    if !quirks.has(Quirk::NoTemperature) {
        body["temperature"] = readable(request.temperature);
    }
    if !quirks.has(Quirk::NoSeed) {
        body["seed"] = request.seed.into();
    }
    let stream = !quirks.has(Quirk::NoStream);
    body["stream"] = stream.into();
    if stream && !quirks.has(Quirk::NoStreamOptions) {
        body["stream_options"] = json!({"include_usage": true});
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| !quirks.has(Quirk::NoSchema)) {
        body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

/// 0.3 and not 0.30000001192092896.
pub(in crate::llm) fn readable(value: f32) -> Value {
    value.to_string().parse::<f64>().unwrap_or_default().into()
}

fn message(message: &Message) -> Value {
    let Message { speaker, text, calls, answers } = message;
    let mut json = json!({"role": role(*speaker), "content": text});
    if !calls.is_empty() {
        json["tool_calls"] = calls.iter().map(call).collect();
    }
    if let Some(id) = answers {
        json["tool_call_id"] = id.as_str().into();
    }
    json
}

fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
        Speaker::Tool => "tool",
    }
}

fn call(ToolCall { id, name, arguments }: &ToolCall) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})
}

/// A tool as this way of speaking has it; Ollama's own has the same.
pub(in crate::llm) fn tool(ToolSpec { name, description, arguments }: &ToolSpec) -> Value {
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": arguments}})
}

/// An answer or a piece of one.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Counts>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    delta: Option<Part>,
    message: Option<Part>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Part {
    content: Option<String>,
    reasoning: Option<String>,
    reasoning_content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallPart>>,
}

#[derive(Debug, Deserialize)]
struct CallPart {
    index: Option<usize>,
    id: Option<String>,
    function: Option<FunctionPart>,
}

#[derive(Debug, Deserialize)]
struct FunctionPart {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

impl Chunk {
    pub(super) fn add_to(self, draft: &mut Draft) {
        if let Some(Counts { prompt_tokens: Some(prompt), completion_tokens }) = self.usage {
            draft.usage = Some(Usage { prompt, answer: completion_tokens.unwrap_or_default() });
        }
        let Some(choice) = self.choices.into_iter().next() else { return };
        draft.finish = choice.finish_reason.filter(|word| !word.is_empty()).or(draft.finish.take());
        let Some(part) = choice.delta.or(choice.message) else { return };
        draft.text += &part.content.unwrap_or_default();
        let thoughts = [part.reasoning, part.reasoning_content];
        draft.has_reasoned |= thoughts.iter().flatten().any(|thought| !thought.is_empty());
        draft.declined += &part.refusal.unwrap_or_default();
        for call in part.tool_calls.unwrap_or_default() {
            call.add_to(&mut draft.calls);
        }
    }
}

impl CallPart {
    /// Pieces of one call have its index. Where a server says none, a piece with a name begins the next call.
    fn add_to(self, calls: &mut Vec<DraftCall>) {
        let begins = self.function.as_ref().is_some_and(|function| function.name.is_some());
        let at = self.index.unwrap_or(if begins { calls.len() } else { calls.len().saturating_sub(1) });
        if at > calls.len() {
            return;
        }
        if at == calls.len() {
            calls.push(DraftCall { id: format!("call_{}", at + 1), ..DraftCall::default() });
        }
        let call = &mut calls[at];
        if let Some(id) = self.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        let Some(function) = self.function else { return };
        call.name += &function.name.unwrap_or_default();
        match function.arguments {
            Some(Value::String(piece)) => call.arguments += &piece,
            Some(Value::Null) | None => {}
            Some(whole) => call.arguments = whole.to_string(),
        }
    }
}
