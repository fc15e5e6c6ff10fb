//! `Call`: a node's way to a model: budget first, then the form, then what it has cost.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stockops_core::graph::{Context, Failure, Hopeless, NodeResult};

use super::Line;
use crate::error::{Error, ModelFault, Result};
use crate::llm::{Answer, ChatModel, Message, Metered, Request, structured};

/// How models are asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asking {
    /// Most tokens of an answer. Default 800.
    pub max_tokens: u32,
    /// 0 for the likeliest words. Default 0.3, the document's.
    pub temperature: f32,
    /// For models that can repeat themselves. Default 42.
    pub seed: u64,
}

impl Default for Asking {
    fn default() -> Self {
        Self { max_tokens: 800, temperature: 0.3, seed: 42 }
    }
}

/// One node's way to a model. It is a model itself: each call is reserved before it is made, and counted after.
#[derive(Debug)]
pub struct Call<'a> {
    line: &'a Line,
    paid: Metered,
    context: &'a Context,
    asking: &'a Asking,
}

impl<'a> Call<'a> {
    /// A way over `line` for the node of `context`.
    pub fn new(line: &'a Line, context: &'a Context, asking: &'a Asking) -> Self {
        Self { line, paid: line.paid(context.node()).in_run(context), context, asking }
    }

    /// The answer to `messages` in the form of `T`. What comes is told as tokens, which nobody has checked.
    ///
    /// # Errors
    ///
    /// Those of the model, and of a budget that does not reach, before the call is made.
    /// [`Hopeless`] where another try would not help.
    pub async fn answer<T: JsonSchema + DeserializeOwned>(&self, messages: Vec<Message>) -> NodeResult<T> {
        self.answer_of(self, messages).await
    }

    /// [`answer`](Self::answer) of `model`, which asks over this call.
    pub(super) async fn answer_of<T: JsonSchema + DeserializeOwned>(
        &self,
        model: &dyn ChatModel,
        messages: Vec<Message>,
    ) -> NodeResult<T> {
        let Asking { max_tokens, temperature, seed } = *self.asking;
        // The same seed would fail in the same way again.
        let seed = seed.wrapping_add(u64::from(self.context.attempt().saturating_sub(1)));
        let request = Request { messages, schema: None, tools: Vec::new(), max_tokens, temperature, seed };
        let token = |text: &str| self.context.token(text);
        match structured::<T>(model, &request, &token).await {
            Ok(answer) => Ok(answer.value),
            // The graph knows its own errors, and does not try again what would fail again.
            Err(Error::Core(error)) => Err(error.into()),
            Err(error) if may_mend(&error) => Err(error.into()),
            Err(error) => Err(Hopeless(error.into()).into()),
        }
    }

    /// Whether `failure` says that the model has cut its prompt; then the reader will be told.
    pub fn was_cut(&self, failure: &Failure) -> bool {
        let cut = match fault_of(failure) {
            Some(fault @ ModelFault::ContextTruncated { .. }) => fault,
            _ => return false,
        };
        self.warn(format!("context_truncated: {}: {cut}; it got a shorter briefing", self.name()));
        true
    }

    /// Tell the reader of the report, and who listens to the run.
    pub(super) fn warn(&self, warning: String) {
        self.context.emit(json!({ "warning": warning }));
        self.line.warn(self.context.node(), warning);
    }

    pub(super) fn line(&self) -> &'a Line {
        self.line
    }

    /// Tell who listens to the run.
    pub(super) fn emit(&self, value: serde_json::Value) {
        self.context.emit(value);
    }

    /// Reserve, call, count; what is hidden is hidden on the way there and put back on the way here.
    async fn counted(&self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer> {
        self.line.open()?;
        let hidden = self.line.hidden(request);
        let answer = self.paid.chat(&hidden, token).await.inspect_err(|error| self.line.failed(error))?;
        Ok(self.line.shown(answer))
    }
}

impl ChatModel for Call<'_> {
    fn name(&self) -> &str {
        self.paid.name()
    }

    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>> {
        self.counted(request, token).boxed()
    }
}

/// Whether another try of the node may help. Whom nobody reaches, or who is busy, was asked again by the client already.
fn may_mend(error: &Error) -> bool {
    matches!(error, Error::Model { fault: ModelFault::Malformed(_) | ModelFault::TimedOut(_), .. })
}

/// What the model of a failed node met.
fn fault_of(failure: &Failure) -> Option<&ModelFault> {
    let inner = failure.downcast_ref::<Hopeless>().map_or(failure, |hopeless| &hopeless.0);
    match inner.downcast_ref::<Error>()? {
        Error::Model { fault, .. } => Some(fault),
        _ => None,
    }
}
