//! `Metered`: a model whose calls are paid for before they are made, also from the budget of a graph's run.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use stockops_core::error::Fault;
use stockops_core::graph::{Context, Failure, Reservation};
use tracing::Instrument;
use tracing::field::Empty;

use super::account::total;
use super::{Account, Answer, ChatModel, Request, Usage, tokens};
use crate::error::{Error, ModelFault, Result};

/// A model whose calls are paid for before they are made: the tokens that the prompt may have, and all that the answer
/// may have. What a call did not need goes back. Where that is not left, nothing is sent.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use stockops_agents::llm::{Account, ChatModel, Line, Message, Metered, Request, ScriptedModel};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_agents::Result<()> {
/// let account = Account::new(1_500);
/// let model = Metered::new(Arc::new(ScriptedModel::new([Line::says("Quiet."), Line::says("Loud.")])), account.clone());
/// let request = Request::new([Message::user("How is GOOG?")]);
/// model.chat(&request, &|_| {}).await?;
/// assert!(account.cost().usage.prompt > 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Metered {
    model: Arc<dyn ChatModel>,
    account: Account,
    run: Option<Context>,
}

impl Metered {
    /// `model`, paid from `account`.
    pub fn new(model: Arc<dyn ChatModel>, account: Account) -> Self {
        Self { model, account, run: None }
    }

    /// Paid from the tokens of a graph's run as well: these count over all runs of a thread, and are kept. Give the account
    /// the same limit, which is the one that the error names.
    #[must_use]
    pub fn in_run(self, context: &Context) -> Self {
        Self { run: Some(context.clone()), ..self }
    }

    async fn ask(&self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer> {
        // What is not sent costs nothing.
        self.model.takes(request)?;
        let most = Usage { prompt: tokens::at_most(request), answer: request.max_tokens.into() };
        let of_run = self.reserve_of_run(total(most)).await?;
        let fault = |fault| Error::Model { model: self.name().into(), fault };
        let reserved = match self.account.reserve(most) {
            Ok(reserved) => reserved,
            Err(refused) => {
                pay(of_run, 0);
                return Err(fault(refused));
            }
        };
        let ended = self.traced(request, token).await;
        match known(&ended) {
            Some(usage) if usage == Usage::default() => {
                reserved.unused();
                pay(of_run, 0);
            }
            Some(usage) => {
                reserved.spent(usage);
                pay(of_run, total(usage));
            }
            None => {}
        }
        ended
    }

    /// The call in a span of its own, which learns what it took. Prompt and answer are not in it.
    async fn traced(&self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer> {
        let span = tracing::info_span!(
            "llm",
            model = self.name(),
            prompt_tokens = Empty,
            answer_tokens = Empty,
            error = Empty
        );
        let ended = self.model.chat(request, token).instrument(span.clone()).await;
        match &ended {
            Ok(answer) => {
                span.record("prompt_tokens", answer.usage.prompt).record("answer_tokens", answer.usage.answer);
            }
            Err(error) => drop(span.record("error", tracing::field::display(error))),
        }
        ended
    }

    async fn reserve_of_run(&self, tokens: u64) -> Result<Option<Reservation>> {
        let Some(run) = &self.run else { return Ok(None) };
        run.reserve(tokens).await.map(Some).map_err(|failure| self.refused(failure))
    }

    fn refused(&self, failure: Failure) -> Error {
        let failure = match failure.downcast::<Fault>() {
            Ok(fault) if matches!(*fault, Fault::Budget { .. }) => {
                return Error::Model { model: self.name().into(), fault: self.account.is_spent() };
            }
            Ok(fault) => fault,
            Err(other) => other,
        };
        match failure.downcast::<stockops_core::Error>() {
            Ok(error) => Error::Core(*error),
            Err(other) => Error::Store { what: "the budget of the run".into(), problem: other.to_string() },
        }
    }
}

impl ChatModel for Metered {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>> {
        self.ask(request, token).boxed()
    }

    fn takes(&self, request: &Request) -> Result<()> {
        self.model.takes(request)
    }
}

/// What a call cost, where it is known: an answer says it, and what never reached a model costs nothing.
fn known(ended: &Result<Answer>) -> Option<Usage> {
    match ended {
        Ok(answer) => Some(answer.usage),
        Err(Error::Model {
            fault: ModelFault::Unreachable(_) | ModelFault::Busy(_) | ModelFault::Refused { .. },
            ..
        }) => Some(Usage::default()),
        Err(_) => None,
    }
}

fn pay(of_run: Option<Reservation>, tokens: u64) {
    if let Some(reservation) = of_run {
        reservation.spent(tokens);
    }
}
