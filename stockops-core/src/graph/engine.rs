//! The engine: begins the turns that may begin, keeps what was done, and only then goes on.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::attempts::{Ended, take};
use super::checkpoints::{Checkpoints, Thread};
use super::common::Common;
use super::event::{Event, Kind, Question};
use super::fields::Object;
use super::keeper::{Keeper, off_thread};
use super::plan::Plan;
use super::progress::{Progress, Turn};
use crate::error::{Error, Fault, Result};

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

async fn begun(
    plan: &Plan,
    thread: String,
    store: Option<Checkpoints>,
    state: Object,
) -> Result<(Option<Thread>, Progress)> {
    let state = plan.fields.completed(state).map_err(|fault| fault.of(&plan.name))?;
    let progress = Progress::new(&plan.shape, state);
    let Some(store) = store else { return Ok((None, progress)) };
    let first = Arc::new((thread, plan.identity(), progress.clone()));
    let begin = move || store.begin(&first.0, first.1.clone(), &first.2);
    Ok((Some(patiently(plan, begin).await?), progress))
}

async fn resumed(
    plan: &Plan,
    thread: String,
    store: Option<Checkpoints>,
    answers: BTreeMap<String, Value>,
) -> Result<(Option<Thread>, Progress)> {
    let what = format!("the thread `{thread}` is to be resumed");
    let store = store.ok_or_else(|| Fault::NoStore { what }.of(&plan.name))?;
    let given = Arc::new((thread, plan.identity(), answers));
    let resume = move || store.resume(&given.0, given.1.clone(), &given.2);
    let (kept, progress) = patiently(plan, resume).await?;
    Ok((Some(kept), progress))
}

/// Take a thread. A run that was just dropped has it until its last write is done, so who finds it busy looks again for
/// a second.
async fn patiently<T: Send + 'static>(plan: &Plan, take: impl Fn() -> Result<T> + Clone + Send + 'static) -> Result<T> {
    for _ in 0..50 {
        match off_thread(&plan.name, take.clone()).await {
            Err(Error::Busy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            taken => return taken,
        }
    }
    off_thread(&plan.name, take).await
}

struct Engine {
    plan: Arc<Plan>,
    common: Common,
    running: FuturesUnordered<BoxFuture<'static, (Turn, Result<Ended>)>>,
    /// Turns that ended and are not entered.
    ended: Vec<(Turn, Result<Ended>)>,
}

impl Engine {
    /// Begin or go on with a thread; the first checkpoint is kept before the first node runs.
    async fn open(order: Order) -> Result<Self> {
        let Order { plan, origin, thread, checkpoints, cancelled, events } = order;
        let (kept, progress) = match origin {
            Origin::Start(state) => begun(&plan, thread.clone(), checkpoints, state?).await?,
            Origin::Thread(answers) => resumed(&plan, thread.clone(), checkpoints, answers).await?,
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

    /// Begin what may begin, as far as there is room; nothing more where a node has failed.
    fn begin(&mut self) -> Result<()> {
        if self.ended.iter().any(|(_, ended)| ended.is_err()) {
            return Ok(());
        }
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

    /// The next turn that ended: what was done comes before what failed, so that it is kept.
    async fn next_ended(&mut self) -> Option<(Turn, Result<Ended>)> {
        if self.ended.is_empty() {
            self.ended.extend(self.running.next().await);
        }
        while let Some(Some(end)) = self.running.next().now_or_never() {
            self.ended.push(end);
        }
        let first = self.ended.iter().position(|(_, ended)| ended.is_ok()).unwrap_or(0);
        (first < self.ended.len()).then(|| self.ended.remove(first))
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
