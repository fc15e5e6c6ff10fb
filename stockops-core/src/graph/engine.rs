//! The engine: begins the turns that may begin, keeps what was done, and only then goes on.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::attempts::{Ended, take};
use super::checkpoints::Checkpoints;
use super::context::Common;
use super::event::{Event, Kind, Question};
use super::fields::Object;
use super::keeper::{Keeper, off_thread};
use super::plan::Plan;
use super::progress::{Progress, Turn};
use crate::error::{Fault, Result};

/// What a run begins with.
pub(crate) enum Origin {
    Start(Result<Object>),
    Thread(BTreeMap<String, Value>),
}

/// What a run is given.
pub(crate) struct Order {
    pub(crate) plan: Arc<Plan>,
    pub(crate) origin: Origin,
    pub(crate) thread: String,
    pub(crate) checkpoints: Option<Checkpoints>,
    pub(crate) cancelled: CancellationToken,
    pub(crate) events: UnboundedSender<Event>,
}

/// How a run ended.
pub(crate) enum Stop {
    Done(Object),
    Waiting(Vec<Question>),
}

/// Run to the end, to questions or to an error.
pub(crate) async fn drive(order: Order) -> Result<Stop> {
    let cancelled = order.cancelled.clone();
    let name = order.plan.name.clone();
    let run = async { Engine::open(order).await?.run().await };
    cancelled.run_until_cancelled(run).await.unwrap_or_else(|| Err(Fault::Stopped.of(&name)))
}

struct Engine {
    plan: Arc<Plan>,
    common: Common,
    running: FuturesUnordered<BoxFuture<'static, (Turn, Result<Ended>)>>,
    /// Turns that ended while something was written.
    ended: Vec<(Turn, Result<Ended>)>,
}

impl Engine {
    /// Begin or go on with a thread; the first checkpoint is kept before the first node runs.
    async fn open(order: Order) -> Result<Self> {
        let Order { plan, origin, thread, checkpoints, cancelled, events } = order;
        let identity = plan.identity();
        let fault = |fault: Fault| fault.of(&plan.name);
        let (progress, kept) = match (origin, checkpoints) {
            (Origin::Start(state), checkpoints) => {
                let progress = Progress::new(&plan.shape, plan.fields.completed(state?).map_err(fault)?);
                match checkpoints {
                    None => (progress, None),
                    Some(checkpoints) => {
                        let (name, first) = (thread.clone(), progress.clone());
                        let begin = move || checkpoints.begin(&name, identity, &first);
                        (progress, Some(off_thread(&plan.name, begin).await?))
                    }
                }
            }
            (Origin::Thread(answers), Some(checkpoints)) => {
                let name = thread.clone();
                let resume = move || checkpoints.resume(&name, identity, &answers);
                let (kept, progress) = off_thread(&plan.name, resume).await?;
                (progress, Some(kept))
            }
            (Origin::Thread(_), None) => {
                return Err(fault(Fault::NoStore { what: format!("the thread `{thread}` is to be resumed") }));
            }
        };
        let keeper = Arc::new(Keeper::new(&plan.name, progress, kept));
        let common = Common { graph: plan.name.clone(), thread, tokens: plan.limits.tokens, keeper, events, cancelled };
        Ok(Self { plan, common, running: FuturesUnordered::new(), ended: Vec::new() })
    }

    async fn run(mut self) -> Result<Stop> {
        self.begin()?;
        while let Some((turn, ended)) = self.next_ended().await {
            self.enter(&turn, ended?)?;
            // What follows begins when what it follows from cannot be lost.
            self.save().await?;
            self.begin()?;
        }
        let (result, questions) =
            self.common.keeper.with(|progress| (progress.result(&self.plan.shape).cloned(), progress.questions()));
        self.say(if result.is_some() { Kind::Done } else { Kind::Waiting });
        Ok(result.map_or(Stop::Waiting(questions), Stop::Done))
    }

    /// Begin what may begin, as far as there is room.
    fn begin(&mut self) -> Result<()> {
        // Turns that ended and are not in yet are not running: what follows from them is not known either.
        let room = self.plan.limits.at_once.saturating_sub(self.running.len());
        let plan = Arc::clone(&self.plan);
        let limit = plan.limits.steps;
        let begun: Result<Vec<(Turn, Object)>, Fault> = self.common.keeper.with(|progress| {
            let ready = progress.ready(&plan.shape).into_iter().take(room);
            ready
                .map(|turn| {
                    let state = progress.begin(&plan.shape, &plan.fields, &turn)?;
                    if progress.begun > limit { Err(Fault::Steps { limit }) } else { Ok((turn, state)) }
                })
                .collect()
        });
        for (turn, state) in begun.map_err(|fault| fault.of(&plan.name))? {
            let (plan, common) = (Arc::clone(&plan), self.common.clone());
            let work = async move {
                let ended = take(&plan, &common, &turn, &state).await;
                (turn, ended)
            };
            self.running.push(work.boxed());
        }
        Ok(())
    }

    async fn next_ended(&mut self) -> Option<(Turn, Result<Ended>)> {
        if let Some(ended) = self.ended.pop() {
            return Some(ended);
        }
        self.running.next().await
    }

    /// Enter what a turn came to.
    fn enter(&self, turn: &Turn, ended: Ended) -> Result<()> {
        let Plan { shape, fields, name, .. } = &*self.plan;
        self.common.keeper.with(|progress| match ended {
            Ended::Asked(questions) => {
                progress.ask(turn, questions);
                Ok(())
            }
            Ended::Done { update, next } => {
                progress.finish(shape, fields, turn, update, &next).map_err(|fault| fault.of(name))
            }
        })
    }

    /// Keep how far it has come, while the other nodes go on.
    async fn save(&mut self) -> Result<()> {
        if !self.common.keeper.is_kept() {
            return Ok(());
        }
        let keeper = Arc::clone(&self.common.keeper);
        let mut saving = std::pin::pin!(keeper.save());
        let (running, ended) = (&mut self.running, &mut self.ended);
        poll_fn(|waker| {
            while let Poll::Ready(Some(end)) = running.poll_next_unpin(waker) {
                ended.push(end);
            }
            saving.as_mut().poll(waker)
        })
        .await?;
        self.say(Kind::Checkpointed);
        Ok(())
    }

    fn say(&self, kind: Kind) {
        let _ = self.common.events.send(Event { sequence: 0, node: None, turn: 0, attempt: 0, kind });
    }
}
