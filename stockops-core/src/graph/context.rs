//! `Context`: what a node is given beside the state.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::common::{Common, Voice};
use super::event::{Kind, Question};
use super::fields::{NodeResult, from_json, to_json};
use super::keeper::Keeper;
use super::progress::Turn;
use crate::error::Fault;

/// What a node is given beside the state: which attempt this is, and ways to tell, to ask, to spend, and to do a thing
/// once.
///
/// Clones are the same context. Outside of its attempt it does no harm: events still arrive as long as the run goes.
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

struct Inner {
    graph: String,
    thread: String,
    turn: Turn,
    /// The node that acts: the turn's own, or one that stands in for it.
    acting: String,
    attempt: u32,
    tokens: u64,
    keeper: Arc<Keeper>,
    voice: Voice,
    cancelled: CancellationToken,
    asked: Mutex<Vec<Question>>,
    has_asked: Notify,
}

impl Context {
    pub(crate) fn new(common: &Common, turn: &Turn, acting: &str, attempt: u32) -> Self {
        let voice = Voice { events: common.events.clone(), node: acting.into(), turn: turn.number, attempt };
        let inner = Inner {
            graph: common.graph.clone(),
            thread: common.thread.clone(),
            turn: turn.clone(),
            acting: acting.into(),
            attempt,
            tokens: common.tokens,
            keeper: Arc::clone(&common.keeper),
            voice,
            cancelled: common.cancelled.child_token(),
            asked: Mutex::default(),
            has_asked: Notify::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The node that acts.
    pub fn node(&self) -> &str {
        &self.inner.acting
    }

    /// The thread of the run.
    pub fn thread(&self) -> &str {
        &self.inner.thread
    }

    /// Which turn of the node this is, from 1.
    pub fn turn(&self) -> u32 {
        self.inner.turn.number
    }

    /// Which try of this turn this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.inner.attempt
    }

    /// Cancelled when this attempt is over or given up: for tasks and threads that the node starts. The node itself is
    /// dropped.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.inner.cancelled
    }

    /// A word for `key` that is the same in each attempt of this turn, also after a resume, and that no other turn has.
    /// Give it to a service that knows idempotency keys.
    pub fn key(&self, key: &str) -> String {
        let Inner { graph, thread, turn, .. } = &*self.inner;
        format!("{graph}/{thread}/{}.{}/{}", turn.node, turn.number, self.noted_as(key))
    }

    /// Tell a piece of text.
    pub fn token(&self, text: impl Into<String>) {
        self.inner.voice.say(Kind::Token { text: text.into() });
    }

    /// Tell something else.
    pub fn emit(&self, value: impl Into<Value>) {
        self.inner.voice.say(Kind::Emitted { value: value.into() });
    }

    /// Do `effect` once in this turn and give its result, which is kept before this returns: a retry or a resume gets
    /// the kept result, and the effect is not done again. An effect that fails is not kept. Asked for again while it is
    /// under way, it is waited for; so an effect must not ask for its own key.
    ///
    /// A process that is killed between the end of the effect and the write has done it and does not know. No journal
    /// can close that gap; [`key`](Self::key) can, where the other side knows such keys.
    ///
    /// # Errors
    ///
    /// That of the effect; [`Fault::Value`] for a result that has no JSON; [`Fault::Over`] where the turn is over, before
    /// the effect or after it; those of the storage.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::graph::{Context, NodeResult};
    ///
    /// async fn order(context: &Context) -> NodeResult<u64> {
    ///     context.once("order", || async { Ok(4711) }).await
    /// }
    /// ```
    pub async fn once<T, Made>(&self, key: &str, effect: impl FnOnce() -> Made) -> NodeResult<T>
    where
        T: Serialize + DeserializeOwned,
        Made: Future<Output = NodeResult<T>>,
    {
        let Inner { keeper, turn, .. } = &*self.inner;
        let (name, what) = (self.noted_as(key), format!("the result of `{key}`"));
        let over = || Fault::Over { node: turn.node.clone(), key: key.into() };
        let gate = keeper.with(|progress| progress.gate(turn, &name)).ok_or_else(over)?;
        let _alone = gate.lock().await;
        if let Some(kept) = keeper.with(|progress| progress.noted(turn, &name)).ok_or_else(over)? {
            return Ok(from_json(&what, kept)?);
        }
        let result = effect().await?;
        let json = to_json(&what, &result)?;
        keeper.with(|progress| progress.note(turn, &name, json)).ok_or_else(over)?;
        keeper.save().await?;
        Ok(result)
    }

    /// Ask a person, and wait. The question's id is the node's name; where the node stands in for another, it is
    /// `other>node`, since it may stand in for several at once.
    ///
    /// Where there is no answer yet the node is dropped here and the run goes on without it; once the thread is resumed
    /// with the answer the node runs again from its top and gets it. So what comes before belongs into
    /// [`once`](Self::once). Asked again in the same turn, the answer is the same.
    ///
    /// # Errors
    ///
    /// [`Fault::Value`] for an answer that is no `T`: it can be answered anew. [`Fault::NoStore`] where the run keeps
    /// nothing.
    pub async fn ask<T: DeserializeOwned>(&self, question: impl Into<Value>) -> NodeResult<T> {
        self.ask_as(self.asks_as(), question.into()).await
    }

    /// [`ask`](Self::ask) for a node that asks several things: the question's id is that of `ask` with `/key` behind it.
    ///
    /// # Errors
    ///
    /// Those of [`ask`](Self::ask).
    pub async fn ask_about<T: DeserializeOwned>(&self, key: &str, question: impl Into<Value>) -> NodeResult<T> {
        self.ask_as(format!("{}/{key}", self.asks_as()), question.into()).await
    }

    async fn ask_as<T: DeserializeOwned>(&self, id: String, question: Value) -> NodeResult<T> {
        let Inner { keeper, turn, acting, .. } = &*self.inner;
        if let Some(answer) = keeper.with(|progress| progress.answered(turn, &id)) {
            return Ok(from_json(&format!("the answer to `{id}`"), answer)?);
        }
        if !keeper.is_kept() {
            return Err(Fault::NoStore { what: format!("node `{acting}` asks") }.into());
        }
        self.asked().push(Question { id, node: acting.clone(), question });
        self.inner.has_asked.notify_one();
        std::future::pending().await
    }

    /// Reserve `tokens` of the run's budget before they are spent. The reservation is kept before this returns, so that
    /// not even a killed process spends more than the budget.
    ///
    /// # Errors
    ///
    /// [`Fault::Budget`] where less is left, and then nothing is reserved; those of the storage.
    pub async fn reserve(&self, tokens: u64) -> NodeResult<Reservation> {
        let Inner { keeper, tokens: limit, .. } = &*self.inner;
        keeper.with(|progress| {
            let left = limit.saturating_sub(progress.spent);
            if tokens > left {
                return Err(Fault::Budget { asked: tokens, left });
            }
            progress.spent += tokens;
            Ok(())
        })?;
        keeper.save().await?;
        Ok(Reservation { keeper: Arc::clone(keeper), tokens })
    }

    /// Completes when the node has asked.
    pub(crate) async fn has_asked(&self) -> Vec<Question> {
        self.inner.has_asked.notified().await;
        std::mem::take(&mut *self.asked())
    }

    pub(crate) fn voice(&self) -> &Voice {
        &self.inner.voice
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<Question>> {
        self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of its question without a key.
    fn asks_as(&self) -> String {
        let Inner { turn, acting, .. } = &*self.inner;
        if *acting == turn.node { acting.clone() } else { format!("{}>{acting}", turn.node) }
    }

    /// A node that stands in has keys of its own.
    fn noted_as(&self, key: &str) -> String {
        format!("{}/{key}", self.inner.acting)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("node", &self.node()).field("attempt", &self.attempt()).finish_non_exhaustive()
    }
}

/// Tokens that are set aside. Dropped, all of them count as spent: who does not know what a call has cost has paid for
/// it.
#[derive(Debug)]
pub struct Reservation {
    keeper: Arc<Keeper>,
    tokens: u64,
}

impl Reservation {
    /// Say what was spent. What is left goes back to the budget; what was spent beyond is taken from it.
    pub fn spent(self, tokens: u64) {
        self.keeper.with(|progress| progress.spent = progress.spent.saturating_sub(self.tokens).saturating_add(tokens));
    }
}
