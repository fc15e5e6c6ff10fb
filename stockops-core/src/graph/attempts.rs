//! One turn of a node: its attempts, its time, and who stands in for it.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::common::{Common, Voice};
use super::context::Context;
use super::event::{Kind, Question};
use super::fields::{Failure, Hopeless, NodeResult, Object};
use super::node::PlainNode;
use super::plan::Plan;
use super::progress::Turn;
use crate::error::{Error, Fault, Result};

/// How a turn ended.
pub(crate) enum Ended {
    /// With an update, and the nodes that follow.
    Done { update: Object, next: BTreeSet<usize> },
    /// It asks, and is to run again.
    Asked(Vec<Question>),
}

/// Take a turn: try its node as often as it may be tried, then those that stand in for it.
pub(crate) async fn take(plan: &Plan, common: &Common, turn: &Turn, state: &Object) -> Result<Ended> {
    let place = plan.shape.number(&turn.node).unwrap_or_else(|| plan.shape.end());
    let mut chain = plan.shape.chain(place).filter_map(|node| plan.nodes.get(node)).peekable();
    while let Some(node) = chain.next() {
        let Failed { tries, failure, voice } = match tried(plan, common, turn, place, node, state).await {
            Ok(ended) => return Ok(ended),
            Err(failed) => failed,
        };
        let problem = failure.to_string();
        match chain.peek() {
            Some(next) => voice.say(Kind::FellBack { problem, to: next.name.clone() }),
            None => {
                voice.say(Kind::Failed { problem });
                let source = failure.downcast::<Hopeless>().map_or_else(|failure| failure, |hopeless| hopeless.0);
                return Err(Error::Node { graph: plan.name.clone(), node: node.name.clone(), tries, source });
            }
        }
    }
    Err(Fault::UnknownNode { node: turn.node.clone(), by: "a turn".into() }.of(&plan.name))
}

/// A node that was tried for the last time.
struct Failed {
    tries: u32,
    failure: Failure,
    voice: Voice,
}

async fn tried(
    plan: &Plan,
    common: &Common,
    turn: &Turn,
    place: usize,
    node: &PlainNode,
    state: &Object,
) -> Result<Ended, Failed> {
    let (mut attempt, begun) = (1, Instant::now());
    loop {
        let context = Context::new(common, turn, &node.name, attempt);
        // What the node started hears that its attempt is over, however it ends.
        let _over = context.cancelled().clone().drop_guard();
        let voice = context.voice().clone();
        voice.say(Kind::Started);
        let left = node.deadline.map(|deadline| deadline.saturating_sub(begun.elapsed()));
        let failure = match attempted(plan, node, place, context, state, left).await {
            Ok(ended) => {
                match &ended {
                    Ended::Done { .. } => voice.say(Kind::Finished),
                    Ended::Asked(questions) => {
                        questions.iter().cloned().for_each(|question| voice.say(Kind::Interrupted { question }));
                    }
                }
                return Ok(ended);
            }
            Err(failure) => failure,
        };
        let wait = node.pause * 2u32.pow(attempt - 1);
        let is_late = node.deadline.is_some_and(|deadline| begun.elapsed() + wait >= deadline);
        if attempt >= node.tries || is_late || would_fail_again(&failure) {
            return Err(Failed { tries: attempt, failure, voice });
        }
        voice.say(Kind::Retried { problem: failure.to_string(), wait });
        tokio::time::sleep(wait).await;
        attempt += 1;
    }
}

/// One attempt: the work within its time and what is `left` of the node's, its update, and where it goes from there.
async fn attempted(
    plan: &Plan,
    node: &PlainNode,
    place: usize,
    context: Context,
    state: &Object,
    left: Option<Duration>,
) -> NodeResult<Ended> {
    let work = caught(node, state.clone(), context.clone());
    let work = std::pin::pin!(limited(node.timeout.into_iter().chain(left).min(), work));
    let asked = std::pin::pin!(context.has_asked());
    // The work is looked at first, and is done with where it has asked: it waits there for ever.
    let update = match select(work, asked).await {
        Either::Left((update, _)) => update?,
        Either::Right((questions, _)) => return Ok(Ended::Asked(questions)),
    };
    let state = plan.updated(node, state, &update)?;
    let next = plan.next(place, &state)?;
    Ok(Ended::Done { update, next })
}

/// The work, with a panic as its failure.
async fn caught(node: &PlainNode, state: Object, context: Context) -> NodeResult<Object> {
    let work = async { (node.work)(state, context).await };
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(Fault::Panicked { message: said(&*panic) }.into()),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".into())
}

async fn limited(timeout: Option<Duration>, work: impl Future<Output = NodeResult<Object>>) -> NodeResult<Object> {
    match timeout {
        Some(after) => {
            tokio::time::timeout(after, work).await.unwrap_or_else(|_| Err(Fault::TimedOut { after }.into()))
        }
        None => work.await,
    }
}

/// Whether the failure lies in what the node was given or gave, or the node says so.
fn would_fail_again(failure: &Failure) -> bool {
    let fault = failure.is::<Hopeless>() || failure.downcast_ref::<Fault>().is_some_and(Fault::is_input);
    fault || failure.downcast_ref::<Error>().is_some_and(Error::is_input)
}
