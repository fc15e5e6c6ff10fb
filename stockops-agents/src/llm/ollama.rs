//! `OllamaModel`: Ollama's own `POST /api/chat`, which is told how long the context is.

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::draft::{Draft, DraftCall, malformed};
use super::http::{Reply, Server};
use super::openai::{fits, readable, tool};
use super::settings::{LlmSettings, refused};
use super::thinking::Spoken;
use super::{Answer, ChatModel, Message, Request, Speaker, Usage, tokens};
use crate::error::{Error, ModelFault, Result};

/// Ollama's own size of the context.
const LEAST_CONTEXT: u64 = 4096;

/// A model of Ollama, spoken to in Ollama's own way.
///
/// `/v1` of Ollama has no word for the size of the context and cuts longer prompts at 4,096 tokens without a word. Here
/// the size goes with each request as `num_ctx`: that of the settings, else as much as the request may need.
#[derive(Debug)]
pub struct OllamaModel {
    name: String,
    server: Server,
    context: Option<u32>,
    stream: bool,
}

/// Where tokens go.
type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

impl OllamaModel {
    /// The model that `settings` name. An address that ends with `/v1` is taken without it. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting outside its range.
    pub fn new(settings: &LlmSettings) -> Result<Self> {
        let mut settings = settings.clone();
        if settings.model.trim().is_empty() {
            return Err(refused("model", "the name of a model", ""));
        }
        let url = settings.url.trim().trim_end_matches('/');
        settings.url = url.strip_suffix("/v1").unwrap_or(url).to_owned();
        let server = Server::new(&settings, "/")?;
        Ok(Self { name: settings.model, server, context: settings.context, stream: settings.stream })
    }

    async fn ask(&self, request: &Request, token: Told<'_>) -> Result<Answer, ModelFault> {
        fits(request, self.context)?;
        let until = Instant::now() + self.server.whole();
        let reply = self.server.post("/api/chat", &self.body(request), until).await?;
        self.read(reply, token).await?.answer(request)
    }

    fn body(&self, request: &Request) -> Value {
        let needed = tokens::at_most(request) + u64::from(request.max_tokens);
        let context = self.context.map_or(needed.next_power_of_two().max(LEAST_CONTEXT), u64::from);
        let messages: Vec<_> = request.messages.iter().map(|said| message(said, &request.messages)).collect();
        let options = json!({
            "num_ctx": context, "num_predict": request.max_tokens,
            "temperature": readable(request.temperature), "seed": request.seed,
        });
        let mut body = json!({"model": self.name, "messages": messages, "stream": self.stream, "options": options});
        if let Some(schema) = &request.schema {
            body["format"] = schema.schema.clone();
        }
        if !request.tools.is_empty() {
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        body
    }

    /// Each line is a piece; an answer that is not streamed is one line.
    async fn read(&self, reply: Reply, token: Told<'_>) -> Result<Draft, ModelFault> {
        let (mut draft, mut spoken, mut line) = (Draft::default(), Spoken::default(), Vec::new());
        let mut pieces = pin!(reply.pieces());
        while let Some(piece) = pieces.next().await {
            for byte in piece? {
                if byte == b'\n' {
                    self.hear(&mut draft, &std::mem::take(&mut line), &mut spoken, token)?;
                } else {
                    line.push(byte);
                }
            }
        }
        self.hear(&mut draft, &line, &mut spoken, token)?;
        tell(&spoken.rest(), token);
        Ok(draft)
    }

    fn hear(&self, draft: &mut Draft, line: &[u8], spoken: &mut Spoken, token: Told<'_>) -> Result<(), ModelFault> {
        let line = String::from_utf8_lossy(line);
        if line.trim().is_empty() {
            return Ok(());
        }
        let no_piece = |_| malformed(format!("it is no answer of Ollama: {}", self.server.shown(&line)));
        let piece: Piece = serde_json::from_str(&line).map_err(no_piece)?;
        if let Some(words) = piece.error {
            return Err(malformed(format!("the server says: {}", self.server.shown(&words))));
        }
        let known = draft.text.len();
        piece.add_to(draft);
        tell(&spoken.hear(&draft.text[known..]), token);
        Ok(())
    }
}

impl ChatModel for OllamaModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn chat<'a>(&'a self, request: &'a Request, token: Told<'a>) -> BoxFuture<'a, Result<Answer>> {
        let error = |fault| Error::Model { model: self.name.clone(), fault };
        async move { self.server.within(self.ask(request, token)).await.map_err(error) }.boxed()
    }

    fn takes(&self, request: &Request) -> Result<()> {
        fits(request, self.context).map_err(|fault| Error::Model { model: self.name.clone(), fault })
    }
}

fn tell(text: &str, token: Told<'_>) {
    if !text.is_empty() {
        token(text);
    }
}

/// A message; the result of a tool has the tool's name, which the call of its id has.
fn message(said: &Message, all: &[Message]) -> Value {
    let mut json = json!({"role": said.speaker, "content": said.text});
    if !said.calls.is_empty() {
        let call = |call: &super::ToolCall| json!({"function": {"name": call.name, "arguments": call.arguments}});
        json["tool_calls"] = said.calls.iter().map(call).collect();
    }
    if said.speaker == Speaker::Tool {
        let calls = || all.iter().flat_map(|message| &message.calls);
        let name = calls().find(|call| Some(&call.id) == said.answers.as_ref()).map(|call| call.name.as_str());
        json["tool_name"] = name.unwrap_or_default().into();
    }
    json
}

#[derive(Debug, Deserialize)]
struct Piece {
    message: Option<Part>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    content: String,
    thinking: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Debug, Deserialize)]
struct Call {
    function: Function,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl Piece {
    fn add_to(self, draft: &mut Draft) {
        if self.done {
            draft.finish = Some(self.done_reason.unwrap_or_else(|| "stop".into()));
        }
        if let Some(prompt) = self.prompt_eval_count {
            draft.usage = Some(Usage { prompt, answer: self.eval_count.unwrap_or_default() });
        }
        let Some(part) = self.message else { return };
        draft.text += &part.content;
        draft.has_reasoned |= part.thinking.is_some_and(|thought| !thought.is_empty());
        for Call { function } in part.tool_calls.unwrap_or_default() {
            let id = format!("call_{}", draft.calls.len() + 1);
            let arguments = if function.arguments.is_null() { String::new() } else { function.arguments.to_string() };
            draft.calls.push(DraftCall { id, name: function.name, arguments });
        }
    }
}
