//! `OpenAiModel`: any server that speaks `POST /v1/chat/completions`.

mod quirks;
mod wire;

use std::pin::pin;

use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use tokio::time::Instant;

use super::draft::{Draft, malformed};
use super::http::{Reply, Server, error_words};
use super::settings::{LlmSettings, refused};
use super::thinking::Spoken;
use super::{Answer, ChatModel, Request, tokens};
use crate::error::{Error, ModelFault, Result};
use quirks::Quirks;
pub(super) use wire::{readable, tool};

/// A model behind any server that speaks `POST /v1/chat/completions`: Ollama, llama.cpp, vLLM, a cloud.
///
/// What the server does not know is left away once it has said so: streams, counts in a stream, seed, temperature,
/// schemas, and the old name of `max_tokens`.
///
/// A try that told a token is not repeated here: who shows tokens would show them twice. A node of a graph repeats it,
/// and its events say which attempt a token is of.
#[derive(Debug)]
pub struct OpenAiModel {
    name: String,
    server: Server,
    context: Option<u32>,
    quirks: Quirks,
}

/// Where tokens go.
type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

impl OpenAiModel {
    /// The model that `settings` name. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting outside its range.
    pub fn new(settings: &LlmSettings) -> Result<Self> {
        let LlmSettings { model, context, stream, .. } = settings.clone();
        if model.trim().is_empty() {
            return Err(refused("model", "the name of a model", ""));
        }
        Ok(Self { name: model, server: Server::new(settings, "/v1")?, context, quirks: Quirks::new(stream) })
    }

    async fn ask(&self, request: &Request, token: Told<'_>) -> Result<Answer, ModelFault> {
        fits(request, self.context)?;
        let until = Instant::now() + self.server.whole();
        let reply = loop {
            let body = wire::body(&self.name, request, &self.quirks);
            match self.server.post("/chat/completions", &body, until).await {
                Err(ModelFault::Refused { status: 400 | 413, reason }) if says_too_long(&reason) => {
                    let read = self.context.map_or(0, u64::from);
                    return Err(ModelFault::ContextTruncated { read, sent: tokens::at_least(request) });
                }
                Err(ModelFault::Refused { status: 400..500, reason }) if self.quirks.learn(&reason) => {}
                ended => break ended?,
            }
        };
        self.read(reply, token).await?.answer(request)
    }

    async fn read(&self, reply: Reply, token: Told<'_>) -> Result<Draft, ModelFault> {
        if reply.kind() == "text/event-stream" {
            return self.read_events(reply, token).await;
        }
        let body = reply.body().await?;
        let draft = self.part(Draft::default(), &String::from_utf8_lossy(&body))?;
        let mut spoken = Spoken::default();
        let told = spoken.hear(&draft.text) + &spoken.rest();
        if !told.is_empty() {
            token(&told);
        }
        Ok(draft)
    }

    async fn read_events(&self, reply: Reply, token: Told<'_>) -> Result<Draft, ModelFault> {
        let (mut draft, mut spoken) = (Draft::default(), Spoken::default());
        let mut events = pin!(reply.pieces().eventsource());
        while let Some(event) = events.next().await {
            let data = event.map_err(broken)?.data;
            if data.trim() == "[DONE]" {
                break;
            }
            let known = draft.text.len();
            draft = self.part(draft, &data)?;
            let told = spoken.hear(&draft.text[known..]);
            if !told.is_empty() {
                token(&told);
            }
        }
        let told = spoken.rest();
        if !told.is_empty() {
            token(&told);
        }
        Ok(draft)
    }

    /// `draft` with what `text`, a whole answer or a piece of one, adds.
    fn part(&self, mut draft: Draft, text: &str) -> Result<Draft, ModelFault> {
        let no_json = || malformed(format!("it is no JSON: {}", self.server.shown(text)));
        let json: Value = serde_json::from_str(text).map_err(|_| no_json())?;
        if let Some(words) = json.get("error").and_then(|_| error_words(&json)) {
            return Err(malformed(format!("the server says: {}", self.server.shown(&words))));
        }
        let chunk: wire::Chunk = serde_json::from_value(json)
            .map_err(|error| malformed(format!("it is no answer of a model ({error}): {}", self.server.shown(text))))?;
        chunk.add_to(&mut draft);
        Ok(draft)
    }
}

impl ChatModel for OpenAiModel {
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

/// A request that is longer than the model reads is not sent.
pub(super) fn fits(request: &Request, context: Option<u32>) -> Result<(), ModelFault> {
    let Some(context) = context else { return Ok(()) };
    let (sent, read) = (tokens::at_least(request), u64::from(context.saturating_sub(request.max_tokens)));
    if sent > read { Err(ModelFault::ContextTruncated { read, sent }) } else { Ok(()) }
}

/// Whether a refusal says that the request is longer than the context, as llama.cpp, vLLM and OpenAI word it.
fn says_too_long(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    reason.contains("context") && (reason.contains("exceed") || reason.contains("maximum context length"))
}

fn broken(error: EventStreamError<ModelFault>) -> ModelFault {
    match error {
        EventStreamError::Transport(fault) => fault,
        other => malformed(format!("its stream is no stream of events: {other}")),
    }
}
