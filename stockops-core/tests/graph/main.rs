//! Graphs of nodes: what is built, how it runs, what is kept, and what is told meanwhile.

mod building;
mod keeping;
mod killed;
mod running;
mod streaming;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stockops_core::graph::{AgentGraph, Append, Builder, Context, Last, Node, Outcome, Sum, state};

state! {
    /// What the nodes of these tests share.
    #[derive(PartialEq)]
    struct Log {
        seen: Append<String>,
        count: Sum<u32>,
        last: Last<String>,
        yes: Last<bool>,
    }
}

/// Runs on one thread, with a clock that jumps to the next thing that waits.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(work)
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

fn graph() -> Builder<Log> {
    AgentGraph::builder("test", 1)
}

/// A node that writes its name to `seen`.
fn step(name: &'static str) -> Node<Log> {
    slow(name, 0)
}

/// A node that does so after a while.
fn slow(name: &'static str, milliseconds: u64) -> Node<Log> {
    let work = move |_, _| async move {
        sleep(milliseconds).await;
        Ok(Log::update().seen(vec![name.into()]))
    };
    Node::new(name, work).writes(["seen"])
}

/// How often each thing was done.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, u32>>>);

impl Counts {
    fn add(&self, name: &str) {
        *self.0.lock().unwrap().entry(name.into()).or_default() += 1;
    }

    fn of(&self, name: &str) -> u32 {
        self.0.lock().unwrap().get(name).copied().unwrap_or(0)
    }

    /// A node that counts itself and writes its name to `seen`.
    fn step(&self, name: &'static str) -> Node<Log> {
        let counts = self.clone();
        let work = move |_: Log, _: Context| {
            counts.add(name);
            async move { Ok(Log::update().seen(vec![name.into()])) }
        };
        Node::new(name, work).writes(["seen"])
    }
}

/// The state of a run that is done.
fn done(outcome: Outcome<Log>) -> Log {
    match outcome {
        Outcome::Done(state) => state,
        Outcome::Waiting(questions) => panic!("it waits for {questions:?}"),
    }
}

/// The ids of the questions of a run that waits.
fn waiting(outcome: Outcome<Log>) -> Vec<String> {
    match outcome {
        Outcome::Done(state) => panic!("it is done with {state:?}"),
        Outcome::Waiting(questions) => questions.into_iter().map(|question| question.id).collect(),
    }
}
