//! `Launch` and `Run`: a run before it begins, and while it goes.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waker, Poll};

use futures_util::Stream;
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::checkpoints::Checkpoints;
use super::engine::{Order, Origin, Stop, drive};
use super::event::{Event, Question};
use super::plan::Plan;
use super::state::State;
use crate::error::{Fault, Result};
use crate::storage::unique_word;

/// A run before it begins: where it is kept, and what stops it.
#[must_use = "a run begins with `run` or `finish`"]
pub struct Launch<S> {
    plan: Arc<Plan>,
    origin: Origin,
    thread: Option<String>,
    checkpoints: Option<Checkpoints>,
    cancelled: CancellationToken,
    state: PhantomData<fn() -> S>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<S> {
    /// At its end, with the state.
    Done(S),
    /// Before questions that nobody has answered, in order of ids. Resume the thread with answers.
    Waiting(Vec<Question>),
}

/// A run while it goes. It is a [`Stream`] of events, and goes as long as somebody asks it for the next one. To drop it
/// drops all of its nodes where they are; what was kept stays.
pub struct Run<S> {
    thread: String,
    events: UnboundedReceiver<Event>,
    heard: u64,
    engine: Option<BoxFuture<'static, Result<Stop>>>,
    stop: Option<Result<Stop>>,
    name: String,
    state: PhantomData<fn() -> S>,
}

impl<S: State> Launch<S> {
    pub(crate) fn new(plan: Arc<Plan>, origin: Origin, thread: Option<String>) -> Self {
        let cancelled = CancellationToken::new();
        Self { plan, origin, thread, checkpoints: None, cancelled, state: PhantomData }
    }

    /// Name the thread, so that it can be resumed; else a word that no other run has.
    pub fn thread(mut self, name: &str) -> Self {
        self.thread = Some(name.into());
        self
    }

    /// Keep a checkpoint after each step.
    pub fn store(mut self, checkpoints: &Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints.clone());
        self
    }

    /// Answer a question of the thread that is resumed. Others may stay open, and are not asked again.
    pub fn answer(mut self, id: &str, answer: impl Into<Value>) -> Self {
        match &mut self.origin {
            Origin::Thread(answers) => drop(answers.insert(id.into(), answer.into())),
            Origin::Start(state) => {
                let fault = Fault::Unasked { id: id.into(), open: "none at a start".into() };
                *state = Err(fault.of(&self.plan.name));
            }
        }
        self
    }

    /// Stop when `token` is cancelled, with [`Fault::Stopped`].
    pub fn cancel_on(mut self, token: &CancellationToken) -> Self {
        self.cancelled = token.clone();
        self
    }

    /// The run. Nothing happens before its first event is asked for.
    pub fn run(self) -> Run<S> {
        let (sender, events) = unbounded_channel();
        let thread = self.thread.unwrap_or_else(unique_word);
        let name = self.plan.name.clone();
        let (plan, origin, checkpoints, cancelled) = (self.plan, self.origin, self.checkpoints, self.cancelled);
        let order = Order { plan, origin, thread: thread.clone(), checkpoints, cancelled, events: sender };
        let engine = Some(drive(order).boxed());
        Run { thread, events, heard: 0, engine, stop: None, name, state: PhantomData }
    }

    /// Run to the end without listening.
    ///
    /// # Errors
    ///
    /// Those of [`Run::finish`].
    pub async fn finish(self) -> Result<Outcome<S>> {
        self.run().finish().await
    }
}

impl<S: State> Run<S> {
    /// Its thread.
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// The next event; `None` when the run has ended.
    pub async fn next_event(&mut self) -> Option<Event> {
        std::future::poll_fn(|waker| Pin::new(&mut *self).poll_next(waker)).await
    }

    /// Run on to the end, events unheard, and say how it ended.
    ///
    /// # Errors
    ///
    /// [`Error::Node`](crate::Error::Node) where a node failed and none stood in; [`Error::Graph`](crate::Error::Graph)
    /// with what is wrong with the start, the thread, an update or a choice, and where a limit is reached or the run is
    /// cancelled; [`Error::Busy`](crate::Error::Busy) where another run has the thread; those of the storage.
    pub async fn finish(mut self) -> Result<Outcome<S>> {
        while self.next_event().await.is_some() {}
        match self.stop.take().unwrap_or_else(|| Err(Fault::Stopped.of(&self.name)))? {
            Stop::Waiting(questions) => Ok(Outcome::Waiting(questions)),
            Stop::Done(state) => Ok(Outcome::Done(S::from_object(state).map_err(|fault| fault.of(&self.name))?)),
        }
    }
}

impl<S> Stream for Run<S> {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Event>> {
        loop {
            // Before and after the engine has gone on: what it did may have told something.
            if let Poll::Ready(Some(mut event)) = self.events.poll_recv(waker) {
                self.heard += 1;
                event.sequence = self.heard;
                return Poll::Ready(Some(event));
            }
            let Some(engine) = &mut self.engine else { return Poll::Ready(None) };
            match engine.poll_unpin(waker) {
                Poll::Ready(stop) => (self.engine, self.stop) = (None, Some(stop)),
                Poll::Pending if self.events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }
}

impl<S> fmt::Debug for Launch<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launch").field("graph", &self.plan.name).field("thread", &self.thread).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Run<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("thread", &self.thread).field("heard", &self.heard).finish_non_exhaustive()
    }
}
