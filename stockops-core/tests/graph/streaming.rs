//! What a run tells while it goes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use stockops_core::graph::{CancellationToken, Checkpoints, Context, END, Event, Kind, Node, Run, START};

use super::{Counts, Log, block_on, done, graph, sleep, slow, step};

async fn told(run: &mut Run<Log>) -> Vec<Event> {
    let mut events = vec![];
    while let Some(event) = run.next_event().await {
        events.push(event);
    }
    events
}

fn words(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| {
        let json = serde_json::to_value(event).unwrap();
        let kind = json["kind"].as_str().unwrap().to_string();
        match &event.node {
            Some(node) => format!("{node}.{}.{} {kind}", event.turn, event.attempt),
            None => kind,
        }
    };
    events.iter().map(word).collect()
}

#[test]
fn events_come_in_order_and_numbered() {
    let graph = graph().node(slow("a", 1)).node(slow("b", 5)).node(step("c")).fan_out(START, ["a", "b"]);
    let graph = graph.join(["a", "b"], "c").edge("c", END).build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).thread("t").store(&Checkpoints::memory()).run();
        let events = told(&mut run).await;
        let wanted = [
            "a.1.1 started",
            "b.1.1 started",
            "a.1.1 finished",
            "checkpointed",
            "b.1.1 finished",
            "checkpointed",
            "c.1.1 started",
            "c.1.1 finished",
            "checkpointed",
            "done",
        ];
        assert_eq!(words(&events), wanted);
        assert!(events.iter().map(|event| event.sequence).eq(1..=10));
        assert_eq!(done(run.finish().await.unwrap()).seen, ["a", "b", "c"]);
    });
}

/// Tokens of a try that failed are told with its number: who shows those of the last try alone shows each once.
#[test]
fn of_a_retry_the_last_attempt_alone_is_shown() {
    let node = Node::new("write", |_, context: Context| async move {
        for word in ["The ", "tide ", "rises."].iter().take(context.attempt() as usize + 1) {
            context.token(*word);
            sleep(1).await;
        }
        if context.attempt() < 2 { Err("the line broke".into()) } else { Ok(Log::update()) }
    });
    let graph = graph().node(node.tries(2)).edge(START, "write").edge("write", END).build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).run();
        let (mut shown, mut all) = (String::new(), 0);
        while let Some(event) = run.next_event().await {
            match event.kind {
                Kind::Token { text } => (shown.push_str(&text), all += 1).0,
                Kind::Retried { problem, wait } => {
                    assert_eq!((problem.as_str(), wait), ("the line broke", Duration::from_millis(500)));
                    assert_eq!((event.attempt, shown.as_str()), (1, "The tide "));
                    shown.clear();
                }
                _ => {}
            }
        }
        assert_eq!((shown.as_str(), all), ("The tide rises.", 5));
    });
}

#[test]
fn failures_and_who_stands_in_are_told() {
    let fails = |name| Node::<Log>::new(name, |_, _| async { Err("no".into()) });
    let graph =
        graph().node(fails("a").otherwise("b")).node(fails("b")).edge(START, "a").edge("a", END).build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).run();
        let events = told(&mut run).await;
        assert_eq!(words(&events), ["a.1.1 started", "a.1.1 fell_back", "b.1.1 started", "b.1.1 failed"]);
        assert_eq!(events[1].kind, Kind::FellBack { problem: "no".into(), to: "b".into() });
        assert!(run.finish().await.unwrap_err().to_string().contains("node `b` failed"));
    });
}

#[test]
fn a_run_that_is_listened_to_runs_each_node_once() {
    let counts = Counts::default();
    let graph = graph().node(counts.step("a")).node(counts.step("b")).edge(START, "a").edge("a", "b").edge("b", END);
    let graph = graph.build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).run();
        told(&mut run).await;
        assert_eq!(run.next_event().await, None);
        assert_eq!(done(run.finish().await.unwrap()).seen, ["a", "b"]);
    });
    assert_eq!((counts.of("a"), counts.of("b")), (1, 1));
}

/// Half of the run is heard, and the rest of it runs unheard.
#[test]
fn a_run_that_is_no_longer_listened_to_can_be_finished() {
    let counts = Counts::default();
    let graph = graph().node(counts.step("a")).node(counts.step("b")).edge(START, "a").edge("a", "b").edge("b", END);
    let graph = graph.build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).run();
        while run.next_event().await.unwrap().kind != Kind::Finished {}
        assert_eq!(done(run.finish().await.unwrap()).seen, ["a", "b"]);
    });
    assert_eq!((counts.of("a"), counts.of("b")), (1, 1));
}

#[test]
fn a_client_that_leaves_takes_the_branches_with_it() {
    let (dropped, told) = (CancellationToken::new(), CancellationToken::new());
    let guard = Arc::new(Mutex::new(Some(dropped.clone().drop_guard())));
    let hears = told.clone();
    let node = Node::new("a", move |_, context: Context| {
        let (guard, told) = (guard.lock().unwrap().take(), hears.clone());
        async move {
            let _guard = guard;
            let cancelled = context.cancelled().clone();
            tokio::spawn(async move {
                cancelled.cancelled().await;
                told.cancel();
            });
            for i in 0.. {
                context.token(format!("{i} "));
                sleep(10).await;
            }
            Ok(Log::update())
        }
    });
    let graph = graph().node(node).node(slow("b", 1_000_000)).fan_out(START, ["a", "b"]).join(["a", "b"], END);
    let graph = graph.build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).run();
        for _ in 0..20 {
            run.next_event().await.unwrap();
        }
        drop(run);
        assert!(dropped.is_cancelled(), "the node was still there");
        told.cancelled().await;
    });
}

/// What a task of a node tells wakes the one who listens.
#[test]
fn a_task_of_a_node_may_tell_too() {
    let node = Node::new("a", |_, context: Context| async move {
        let teller = context.clone();
        let task = tokio::spawn(async move {
            sleep(5).await;
            teller.emit(serde_json::json!({ "share": 0.5 }));
        });
        task.await?;
        Ok(Log::update())
    });
    let graph = graph().node(node).edge(START, "a").edge("a", END).build().unwrap();
    let events = block_on(async { told(&mut graph.start(Log::default()).run()).await });
    assert_eq!(words(&events), ["a.1.1 started", "a.1.1 emitted", "a.1.1 finished", "done"]);
    assert_eq!(events[1].kind, Kind::Emitted { value: serde_json::json!({ "share": 0.5 }) });
}

/// A server runs a graph on any of its threads.
#[test]
fn a_run_may_go_from_thread_to_thread() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let graph = sent(graph().node(step("a")).edge(START, "a").edge("a", END).build().unwrap());
    let run = sent(graph.start(Log::default()).run());
    assert_eq!(done(block_on(sent(run.finish())).unwrap()).seen, ["a"]);
}
