//! `Call`: a node's way to a model: budget first, then the form, then what it has cost.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stockops_core::error::Fault;
use stockops_core::graph::{Context, Failure, NodeResult};

use crate::error::{Error, ModelFault, Result};
use crate::graph::Spent;
use crate::llm::{Answer, ChatModel, Message, Request, Usage, structured, tokens};

/// How models are asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asking {
    /// Most tokens of an answer. Default 900.
    pub max_tokens: u32,
    /// 0 for the likeliest words. Default 0.3, the document's.
    pub temperature: f32,
    /// For models that can repeat themselves. Default 42.
    pub seed: u64,
}

impl Default for Asking {
    fn default() -> Self {
        Self { max_tokens: 900, temperature: 0.3, seed: 42 }
    }
}

/// One node's way to a model. It is a model itself: each call is reserved before it is made, and counted after.
#[derive(Debug)]
pub struct Call<'a> {
    model: &'a dyn ChatModel,
    context: &'a Context,
    asking: &'a Asking,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    spent: Vec<Spent>,
    warnings: Vec<String>,
}

impl<'a> Call<'a> {
    /// A way to `model` for the node of `context`.
    pub fn new(model: &'a dyn ChatModel, context: &'a Context, asking: &'a Asking) -> Self {
        Self { model, context, asking, told: Mutex::default() }
    }

    /// The answer to `messages` in the form of `T`. What comes is told as tokens, which nobody has checked.
    ///
    /// # Errors
    ///
    /// [`Fault::Budget`] before a call for which the budget does not reach; else those of the model.
    pub async fn answer<T: JsonSchema + DeserializeOwned>(&self, messages: Vec<Message>) -> NodeResult<T> {
        let Asking { max_tokens, temperature, seed } = *self.asking;
        let request = Request { messages, schema: None, tools: Vec::new(), max_tokens, temperature, seed };
        let token = |text: &str| self.context.token(text);
        match structured::<T>(self, &request, &token).await {
            Ok(answer) => Ok(answer.value),
            // The graph knows its own errors, and does not try again what would fail again.
            Err(Error::Core(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether `failure` says that the model has cut its prompt; then the reader will be told.
    pub fn was_cut(&self, failure: &Failure) -> bool {
        let cut = match failure.downcast_ref::<Error>() {
            Some(Error::Model { fault: fault @ ModelFault::ContextTruncated { .. }, .. }) => fault,
            _ => return false,
        };
        let warning = format!("context_truncated: {}: {cut}; it got a shorter briefing", self.name());
        self.context.emit(json!({ "warning": warning }));
        self.tell(|told| told.warnings.push(warning));
        true
    }

    /// What was spent so far.
    pub fn spent(&self) -> Vec<Spent> {
        self.tell(|told| told.spent.clone())
    }

    /// What the reader has to know.
    pub fn warnings(&self) -> Vec<String> {
        self.tell(|told| told.warnings.clone())
    }

    fn tell<T>(&self, tell: impl FnOnce(&mut Told) -> T) -> T {
        tell(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reserve, call, count.
    async fn counted(&self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer> {
        let most = tokens::at_most(request) + u64::from(request.max_tokens);
        let reserved = self.context.reserve(most).await.map_err(refused)?;
        let answer = self.model.chat(request, token).await?;
        let Usage { prompt, answer: said } = answer.usage;
        reserved.spent(prompt + said);
        self.tell(|told| told.spent.push(Spent { node: self.context.node().into(), usage: answer.usage }));
        Ok(answer)
    }
}

impl ChatModel for Call<'_> {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>> {
        self.counted(request, token).boxed()
    }
}

/// Why nothing could be reserved.
fn refused(failure: Failure) -> Error {
    match failure.downcast::<Fault>() {
        Ok(fault) => crate::graph::fault(*fault),
        Err(other) => match other.downcast::<stockops_core::Error>() {
            Ok(error) => Error::Core(*error),
            Err(other) => Error::Store { what: "the checkpoint of the budget".into(), problem: other.to_string() },
        },
    }
}
