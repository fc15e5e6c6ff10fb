//! What is kept, what is asked, and that nothing is done twice.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use stockops_core::graph::{
    AgentGraph, Builder, Checkpoints, Context, END, Event, Kind, Limits, Node, NodeResult, START, Sum, state,
};
use stockops_core::storage::{DirectoryStorage, ForgetfulStorage, Key, Lock, MemoryStorage, Storage};
use stockops_core::{Error, Result};
use tokio::sync::Notify;

use super::{Counts, Log, block_on, done, graph, sleep, step, waiting};

/// A node that is counted when it is done, after a while, and that does something once.
fn counted(counts: &Counts, name: &'static str, milliseconds: u64) -> Node<Log> {
    let counts = counts.clone();
    let work = move |_, context: Context| {
        let counts = counts.clone();
        async move {
            let effect = || async {
                counts.add(&format!("effect of {name}"));
                NodeResult::Ok(())
            };
            context.once("effect", effect).await?;
            sleep(milliseconds).await;
            counts.add(name);
            Ok(Log::update().seen(vec![name.into()]))
        }
    };
    Node::new(name, work).writes(["seen"])
}

/// a, then b and c side by side, b twice, then d.
fn four(counts: &Counts) -> AgentGraph<Log> {
    let nodes = [("a", 1), ("b", 10), ("c", 35), ("d", 1)];
    let graph = nodes.into_iter().fold(graph(), |graph, (name, time)| graph.node(counted(counts, name, time)));
    let graph = graph.edge(START, "a").fan_out("a", ["b", "c"]).edge("c", "d").edge("d", END);
    let graph = graph.choose("b", ["b", "d"], |log| if log.seen.len() < 3 { "b" } else { "d" });
    graph.build().unwrap()
}

fn runs(counts: &Counts) -> Vec<u32> {
    let of = |name: &str| [counts.of(name), counts.of(&format!("effect of {name}"))];
    ["a", "b", "c", "d"].into_iter().flat_map(of).collect()
}

const ONCE: [u32; 8] = [1, 1, 2, 2, 1, 1, 1, 1];
const SEEN: [&str; 5] = ["a", "b", "c", "b", "d"];

/// The first of the classic bugs: a checkpoint that is written before the frontier moves has its nodes run again. The
/// run is dropped after each of its checkpoints and resumed.
#[test]
fn what_a_checkpoint_holds_is_not_done_again() {
    for stop in 1..=5 {
        let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
        block_on(async {
            let graph = four(&counts);
            let mut run = graph.start(Log::default()).thread("t").store(&checkpoints).run();
            let mut kept = 0;
            while kept < stop {
                kept += u32::from(run.next_event().await.unwrap().kind == Kind::Checkpointed);
            }
            drop(run);
            let state = done(graph.resume("t").store(&checkpoints).finish().await.unwrap());
            assert_eq!(state.seen, SEEN, "after {stop}");
            assert_eq!(runs(&counts), ONCE, "after {stop}");
        });
    }
}

/// The other two: a run that is listened to and keeps nothing, and one that runs each node twice.
#[test]
fn a_run_keeps_the_same_whether_somebody_listens_or_not() {
    let kept = |listens: bool| {
        let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
        block_on(async {
            let mut run = four(&counts).start(Log::default()).thread("t").store(&checkpoints).run();
            let mut number = 0;
            while listens && let Some(event) = run.next_event().await {
                number += u32::from(event.kind == Kind::Checkpointed);
            }
            assert_eq!(done(run.finish().await.unwrap()).seen, SEEN);
            assert_eq!(number, if listens { 5 } else { 0 });
        });
        assert_eq!(runs(&counts), ONCE);
        checkpoints.look("t").unwrap().unwrap()
    };
    assert_eq!(kept(true), kept(false));
    assert!(kept(true).is_done() && kept(true).steps == 5);
}

#[test]
fn a_thread_that_is_done_runs_nothing_again() {
    let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
    block_on(async {
        let graph = four(&counts);
        graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap();
        let mut run = graph.resume("t").store(&checkpoints).run();
        assert_eq!(run.next_event().await.map(|event| event.kind), Some(Kind::Done));
        assert_eq!(done(run.finish().await.unwrap()).seen, SEEN);
    });
    assert_eq!(runs(&counts), ONCE);
}

#[test]
fn an_effect_is_not_repeated_by_a_retry_unless_it_failed() {
    let counts = Counts::default();
    let tried = counts.clone();
    let node = Node::new("a", move |_, context: Context| {
        let counts = tried.clone();
        async move {
            let works = || async {
                counts.add("works");
                NodeResult::Ok(7)
            };
            let number: u32 = context.once("works", works).await?;
            let attempt = context.attempt();
            let fails = || async {
                counts.add("fails first");
                if attempt < 2 { Err("not yet".into()) } else { Ok(()) }
            };
            context.once("fails first", fails).await?;
            if attempt < 3 { Err("once more".into()) } else { Ok(Log::update().count(number)) }
        }
    });
    let graph = graph().node(node.writes(["count"]).tries(3)).edge(START, "a").edge("a", END).build().unwrap();
    assert_eq!(done(block_on(graph.start(Log::default()).finish()).unwrap()).count, 7);
    assert_eq!((counts.of("works"), counts.of("fails first")), (1, 2));
}

#[test]
fn an_effect_that_is_asked_for_twice_at_once_is_done_once() {
    let counts = Counts::default();
    let told = counts.clone();
    let node = Node::new("a", move |_, context: Context| {
        let counts = told.clone();
        async move {
            let effect = || async {
                sleep(5).await;
                counts.add("effect");
                NodeResult::Ok(counts.of("effect"))
            };
            let (one, two) = futures_util::future::join(context.once("pay", effect), context.once("pay", effect)).await;
            Ok(Log::update().count(one? + two?))
        }
    });
    let graph = graph().node(node.writes(["count"])).edge(START, "a").edge("a", END).build().unwrap();
    assert_eq!(done(block_on(graph.start(Log::default()).finish()).unwrap()).count, 2);
    assert_eq!(counts.of("effect"), 1);
}

/// What is begun before the end of the turn or after it, by a task of its own, is not taken for kept.
#[test]
fn an_effect_that_outlives_its_turn_is_an_error() {
    let (before, after) = block_on(async {
        let (give, take) = tokio::sync::oneshot::channel();
        let give = std::sync::Mutex::new(Some(give));
        let node = Node::new("a", move |_, context: Context| {
            let clone = context.clone();
            let slow = || async {
                sleep(10).await;
                NodeResult::Ok(1)
            };
            let task = tokio::spawn(async move { clone.once("slow", slow).await });
            let _ = give.lock().unwrap().take().unwrap().send((task, context));
            async {
                sleep(1).await;
                Ok(Log::update().count(1))
            }
        });
        let graph = graph().node(node.writes(["count"])).edge(START, "a").edge("a", END).build().unwrap();
        graph.start(Log::default()).finish().await.unwrap();
        let (task, context) = take.await.unwrap();
        let late = context.once("late", || async { NodeResult::Ok(1) }).await;
        (task.await.unwrap(), late)
    });
    let wanted = |key: &str| {
        format!("the turn of `a` is over, and the result of `{key}` is not kept; wait for it before the node is done")
    };
    assert_eq!(before.unwrap_err().to_string(), wanted("slow"));
    assert_eq!(after.unwrap_err().to_string(), wanted("late"));
}

#[test]
fn keys_are_the_same_in_each_attempt_and_others_in_each_turn() {
    let keys = Counts::default();
    let told = keys.clone();
    let node = Node::new("a", move |_, context: Context| {
        told.add(&context.key("pay"));
        async move { if context.attempt() < 2 { Err("again".into()) } else { Ok(Log::update().count(1)) } }
    });
    let graph = graph().node(node.writes(["count"]).tries(2)).edge(START, "a");
    let graph = graph.choose("a", ["a", END], |log| if log.count < 2 { "a" } else { END }).build().unwrap();
    block_on(graph.start(Log::default()).thread("t").finish()).unwrap();
    assert_eq!((keys.of("test/t/a.1/a/pay"), keys.of("test/t/a.2/a/pay")), (2, 2));
}

/// A node before, two that ask side by side, one of them about two things, and a join.
fn asking(counts: &Counts) -> Builder<Log> {
    let asked = counts.clone();
    let both = Node::new("both", move |_: Log, context: Context| {
        let counts = asked.clone();
        async move {
            counts.add("both");
            let mut first = std::pin::pin!(context.ask_about::<u32>("first", "How many?"));
            let mut second = std::pin::pin!(context.ask_about::<u32>("second", "And more?"));
            // Both are asked at once, and the node runs again when both are answered.
            let both = std::future::poll_fn(|waker| match (first.as_mut().poll(waker), second.as_mut().poll(waker)) {
                (Poll::Ready(first), Poll::Ready(second)) => Poll::Ready((first, second)),
                _ => Poll::Pending,
            });
            let (first, second) = both.await;
            Ok(Log::update().count(first? + second?))
        }
    });
    graph()
        .node(counts.step("before"))
        .node(Node::ask("approve", "yes", |log: &Log| format!("Publish {}?", log.seen.join(", "))))
        .node(both.writes(["count"]))
        .node(counts.step("after"))
        .edge(START, "before")
        .fan_out("before", ["approve", "both"])
        .join(["approve", "both"], "after")
        .edge("after", END)
}

/// Ids of the questions that a run asks, and how it ended.
async fn asked(mut run: stockops_core::graph::Run<Log>) -> (Vec<String>, Vec<String>) {
    let mut ids = vec![];
    while let Some(Event { kind, .. }) = run.next_event().await {
        if let Kind::Interrupted { question } = kind {
            ids.push(question.id);
        }
    }
    (ids, waiting(run.finish().await.unwrap()))
}

#[test]
fn questions_are_answered_in_any_order_and_asked_once() {
    let answers = [("approve", serde_json::json!(true)), ("both/first", 3.into()), ("both/second", 4.into())];
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
        let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
        let graph = asking(&counts).build().unwrap();
        block_on(async {
            let run = graph.start(Log::default()).thread("t").store(&checkpoints).run();
            let all = ["approve", "both/first", "both/second"].map(String::from).to_vec();
            assert_eq!(asked(run).await, (all.clone(), all.clone()));
            let mut open = all;
            for place in order {
                let (id, answer) = answers[place].clone();
                let resumed = graph.resume("t").store(&checkpoints).answer(id, answer);
                open.retain(|other| other != id);
                if open.is_empty() {
                    let state = done(resumed.finish().await.unwrap());
                    assert_eq!(
                        (state.yes, state.count, state.seen),
                        (Some(true), 7, vec!["before".into(), "after".into()])
                    );
                } else {
                    assert_eq!(asked(resumed.run()).await, (vec![], open.clone()), "asked twice in {order:?}");
                }
            }
        });
        assert_eq!((counts.of("before"), counts.of("both"), counts.of("after")), (1, 2, 1));
    }
}

#[test]
fn a_question_shows_what_is_asked_and_a_thread_what_is_open() {
    let checkpoints = Checkpoints::memory();
    let graph = asking(&Counts::default()).build().unwrap();
    waiting(block_on(graph.start(Log::default()).thread("t").store(&checkpoints).finish()).unwrap());
    let thread = checkpoints.look("t").unwrap().unwrap();
    assert_eq!((thread.graph.as_str(), thread.version, thread.is_done()), ("test", 1, false));
    assert_eq!((thread.at, thread.steps), (vec!["approve".to_string(), "both".into()], 3));
    let question = &thread.questions[0];
    assert_eq!((question.id.as_str(), question.node.as_str()), ("approve", "approve"));
    assert_eq!(question.question, serde_json::json!("Publish before?"));
}

/// One branch asks, and the other runs on to where both meet.
#[test]
fn who_asks_holds_up_nobody_before_the_join() {
    let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
    let graph = graph()
        .node(Node::ask("approve", "yes", |_: &Log| "Go?"))
        .node(counts.step("b1"))
        .node(counts.step("b2"))
        .node(counts.step("join"))
        .fan_out(START, ["approve", "b1"])
        .edge("b1", "b2")
        .join(["approve", "b2"], "join")
        .edge("join", END)
        .build()
        .unwrap();
    block_on(async {
        waiting(graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap());
        assert_eq!((counts.of("b2"), counts.of("join")), (1, 0));
        let resumed = graph.resume("t").store(&checkpoints).answer("approve", false);
        assert_eq!(done(resumed.finish().await.unwrap()).yes, Some(false));
        assert_eq!((counts.of("b2"), counts.of("join")), (1, 1));
    });
}

#[test]
fn an_answer_that_does_not_fit_can_be_given_anew_and_one_to_nothing_is_refused() {
    let checkpoints = Checkpoints::memory();
    let node = Node::new("a", |_, context: Context| async move {
        let many: u32 = context.ask("How many?").await?;
        Ok(Log::update().count(many))
    });
    let graph = graph().node(node.writes(["count"]).tries(3)).edge(START, "a").edge("a", END).build().unwrap();
    let resume = || graph.resume("t").store(&checkpoints);
    block_on(async {
        waiting(graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap());
        let error = resume().answer("b", 1).finish().await.unwrap_err();
        assert_eq!(error.to_string(), "graph `test`: nobody asks `b`; open are `a`");
        let error = resume().answer("a", "many").finish().await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.starts_with("the answer to `a` does not fit: invalid type: string"), "{source}");
        assert_eq!(done(resume().answer("a", 3).finish().await.unwrap()).count, 3);
        let error = resume().answer("a", 4).finish().await.unwrap_err();
        assert_eq!(error.to_string(), "graph `test`: nobody asks `a`; open are none");
        let error = graph.start(Log::default()).answer("a", 4).finish().await.unwrap_err();
        assert_eq!(error.to_string(), "graph `test`: nobody asks `a`; open are none at a start");
    });
}

/// A loop asks in each of its turns, and an answer is to one of them.
#[test]
fn each_turn_asks_for_itself() {
    let checkpoints = Checkpoints::memory();
    let node =
        Node::new("a", |_, context: Context| async move { Ok(Log::update().count(context.ask("More?").await?)) });
    let graph = graph().node(node.writes(["count"])).edge(START, "a");
    let graph = graph.choose("a", ["a", END], |log| if log.count < 5 { "a" } else { END }).build().unwrap();
    block_on(async {
        waiting(graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap());
        let answer = |count: u32| graph.resume("t").store(&checkpoints).answer("a", count);
        assert_eq!(waiting(answer(2).finish().await.unwrap()), ["a"]);
        assert_eq!(done(answer(3).finish().await.unwrap()).count, 5);
    });
}

/// Two nodes fail side by side, and the same node stands in for both.
#[test]
fn who_stands_in_for_two_asks_for_each() {
    let checkpoints = Checkpoints::memory();
    let fails = |name| Node::new(name, |_, _| async { Err("away".into()) }).writes(["count"]).otherwise("person");
    let person = Node::new("person", |_, context: Context| async move {
        let first: u32 = context.ask("How many?").await?;
        Ok(Log::update().count(first * context.ask_about::<u32>("times", "How often?").await?))
    });
    let graph = graph()
        .node(fails("a"))
        .node(fails("b"))
        .node(person.writes(["count"]))
        .fan_out(START, ["a", "b"])
        .edge("a", END)
        .edge("b", END)
        .build()
        .unwrap();
    block_on(async {
        let resume = || graph.resume("t").store(&checkpoints);
        let outcome = graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap();
        assert_eq!(waiting(outcome), ["a>person", "b>person"]);
        let thread = checkpoints.look("t").unwrap().unwrap();
        assert!(thread.questions.iter().all(|question| question.node == "person"));
        let outcome = resume().answer("b>person", 5).answer("a>person", 2).finish().await.unwrap();
        assert_eq!(waiting(outcome), ["a>person/times", "b>person/times"]);
        let outcome = resume().answer("b>person/times", 100).answer("a>person/times", 10).finish().await.unwrap();
        assert_eq!(done(outcome).count, 520);
    });
}

/// A node asks about a thing that is called like the node that stands in for it, which asks too.
#[test]
fn who_stands_in_is_not_answered_what_the_other_asked() {
    let checkpoints = Checkpoints::memory();
    let first = Node::new("a", |_, context: Context| async move {
        let _: u32 = context.ask_about("b", "How many?").await?;
        Err("away".into())
    });
    let second = Node::new("b", |_, context: Context| async move {
        Ok(Log::update().count(context.ask("How many, since a is away?").await?))
    });
    let graph = graph().node(first.writes(["count"]).otherwise("b")).node(second.writes(["count"]));
    let graph = graph.edge(START, "a").edge("a", END).build().unwrap();
    block_on(async {
        let resume = || graph.resume("t").store(&checkpoints);
        let outcome = graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap();
        assert_eq!(waiting(outcome), ["a/b"]);
        assert_eq!(waiting(resume().answer("a/b", 1).finish().await.unwrap()), ["a>b"]);
        assert_eq!(done(resume().answer("a>b", 5).finish().await.unwrap()).count, 5);
    });
}

#[test]
fn who_asks_or_resumes_needs_a_store() {
    let graph = graph().node(Node::ask("a", "yes", |_: &Log| "Go?")).edge(START, "a").edge("a", END).build().unwrap();
    let error = block_on(graph.start(Log::default()).thread("t").finish()).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "node `a` asks, and the run keeps nothing; give it a thread and a store");
    let error = block_on(graph.resume("t").finish()).unwrap_err();
    let wanted =
        "graph `test`: the thread `t` is to be resumed, and the run keeps nothing; give it a thread and a store";
    assert_eq!(error.to_string(), wanted);
}

#[test]
fn threads_are_started_once_and_resumed_where_they_are() {
    let checkpoints = Checkpoints::memory();
    let graph = four(&Counts::default());
    block_on(async {
        let error = graph.resume("t").store(&checkpoints).finish().await.unwrap_err();
        let wanted = "no thread named t; start it with the graph `test`, or look at the name and the store";
        assert_eq!(error.to_string(), wanted);
        let start = || graph.start(Log::default()).thread("t").store(&checkpoints);
        start().finish().await.unwrap();
        let error = start().finish().await.unwrap_err();
        let wanted = "graph `test`: the thread `t` is there; resume it, forget it, or choose another name";
        assert_eq!(error.to_string(), wanted);
        assert_eq!(checkpoints.threads().unwrap(), ["t"]);
        checkpoints.forget("t").unwrap();
        assert!(checkpoints.threads().unwrap().is_empty() && checkpoints.look("t").unwrap().is_none());
        start().finish().await.unwrap();
        let error = graph.start(Log::default()).thread("a/b").store(&checkpoints).finish().await.unwrap_err();
        assert!(error.to_string().starts_with("`thread` must be 1 to 150 letters"), "{error}");
    });
}

#[test]
fn the_last_three_checkpoints_stay() {
    let storage = Arc::new(MemoryStorage::new());
    let checkpoints = Checkpoints::on(Arc::clone(&storage), Key::new("graphs").unwrap());
    let counting = Node::new("a", |_, _| async { Ok(Log::update().count(1)) }).writes(["count"]);
    let graph = graph().node(counting).edge(START, "a");
    let graph = graph.choose("a", ["a", END], |log| if log.count < 30 { "a" } else { END }).build().unwrap();
    block_on(graph.start(Log::default()).thread("t").store(&checkpoints).finish()).unwrap();
    assert_eq!(storage.list(&Key::new("graphs/t/checkpoints").unwrap()).unwrap().len(), 3);
}

state! {
    /// As `Log`, with another reducer for `last` and without others.
    struct Other { seen: stockops_core::graph::Append<String>, last: Sum<u32> }
}

#[test]
fn a_thread_is_resumed_by_the_graph_that_kept_it() {
    let checkpoints = Checkpoints::memory();
    let named = |name: &str, version| {
        let graph = AgentGraph::<Log>::builder(name, version).node(Node::ask("a", "yes", |_: &Log| "Go?"));
        graph.edge(START, "a").edge("a", END)
    };
    let refusal =
        |graph: AgentGraph<Log>| block_on(graph.resume("t").store(&checkpoints).finish()).unwrap_err().to_string();
    let kept = named("test", 1).settings(&["prompt"]).build().unwrap();
    waiting(block_on(kept.start(Log::default()).thread("t").store(&checkpoints).finish()).unwrap());
    let end = "; resume it with the graph that kept it, or start anew";
    let wanted = |graph: &str, what: &str| format!("graph `{graph}`: the thread `t` was kept with another {what}{end}");
    let with = |graph: Builder<Log>| graph.settings(&["prompt"]).build().unwrap();
    assert_eq!(refusal(with(named("best", 1))), wanted("best", "graph: test, now best"));
    assert_eq!(refusal(with(named("test", 2))), wanted("test", "version: 1, now 2"));
    let text = refusal(with(named("test", 1).node(step("b")).edge(START, "b").edge("b", END)));
    assert!(text.starts_with("graph `test`: the thread `t` was kept with another shape: "), "{text}");
    let text = refusal(named("test", 1).settings(&["other prompt"]).build().unwrap());
    assert!(text.starts_with("graph `test`: the thread `t` was kept with another settings: "), "{text}");
    let other = AgentGraph::<Other>::builder("test", 1).node(Node::ask("a", "last", |_: &Other| "Go?"));
    let other = other.edge(START, "a").edge("a", END).settings(&["prompt"]).build().unwrap();
    let error = block_on(other.resume("t").store(&checkpoints).finish()).unwrap_err();
    let fields = "count: Sum<u32>, last: Last<String>, seen: Append<String>, yes: Last<bool>";
    let now = "last: Sum<u32>, seen: stockops_core::graph::Append<String>";
    assert_eq!(error.to_string(), wanted("test", &format!("state: {fields}, now {now}")));
    assert_eq!((error.kind(), error.is_input()), ("thread", true));
    assert_eq!(waiting(block_on(kept.resume("t").store(&checkpoints).finish()).unwrap()), ["a"]);
}

#[test]
fn one_run_at_a_time_has_a_thread() {
    let home = tempfile::tempdir().unwrap();
    let open = || Checkpoints::on(DirectoryStorage::open(home.path()).unwrap(), Key::new("graphs").unwrap());
    let graph = four(&Counts::default());
    block_on(async {
        let mut first = graph.start(Log::default()).thread("t").store(&open()).run();
        first.next_event().await.unwrap();
        let error = graph.resume("t").store(&open()).finish().await.unwrap_err();
        let path = home.path().join("graphs/t/lease");
        let wanted = "is busy: another process holds";
        let end = "wait for it to end and try again";
        assert_eq!(error.to_string(), format!("thread of graph `test` `t` {wanted} {}; {end}", path.display()));
        assert_eq!(open().forget("t").unwrap_err().kind(), "busy");
        drop(first);
        graph.resume("t").store(&open()).finish().await.unwrap();
        assert!(open().look("t").unwrap().unwrap().is_done());
    });
}

/// A storage that does as it is told.
#[derive(Debug, Default)]
struct Told {
    inner: MemoryStorage,
    reads_fail: AtomicBool,
    writes_fail: AtomicBool,
    /// Rung while it writes, which then takes a while.
    bell: Option<Arc<Notify>>,
}

fn told(fails: &AtomicBool) -> Result<()> {
    let source = || std::io::ErrorKind::TimedOut.into();
    if fails.load(Ordering::SeqCst) {
        return Err(Error::Storage { action: "reach", path: "told".into(), source: source() });
    }
    Ok(())
}

impl Storage for Told {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        told(&self.reads_fail)?;
        self.inner.get(key)
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        told(&self.reads_fail)?;
        self.inner.list(folder)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        told(&self.writes_fail)?;
        self.inner.put(key, bytes)
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        told(&self.writes_fail)?;
        if let Some(bell) = &self.bell {
            bell.notify_waiters();
            std::thread::sleep(Duration::from_millis(50));
        }
        self.inner.create(key, bytes)
    }

    fn remove(&self, key: &Key) -> Result<()> {
        self.inner.remove(key)
    }

    /// As a lease that its holder has lost without notice.
    fn lock(&self, _: &Key) -> Result<Option<Lock>> {
        Ok(Some(Lock::holding(())))
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.inner.place(key)
    }
}

#[test]
fn a_read_that_fails_is_no_absence_and_a_write_that_fails_stops_the_run() {
    let storage = Arc::new(Told::default());
    let checkpoints = Checkpoints::on(Arc::clone(&storage), Key::new("graphs").unwrap());
    let other = Counts::default();
    let graph = graph().node(super::slow("a", 5)).node(other.step("b")).edge(START, "a").edge("a", "b").edge("b", END);
    let graph = graph.build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).thread("t").store(&checkpoints).run();
        run.next_event().await.unwrap();
        storage.writes_fail.store(true, Ordering::SeqCst);
        assert_eq!(run.finish().await.unwrap_err().kind(), "storage");
        assert_eq!(other.of("b"), 0, "what follows had begun before it could not be lost");
        storage.writes_fail.store(false, Ordering::SeqCst);
        storage.reads_fail.store(true, Ordering::SeqCst);
        let resume = || graph.resume("t").store(&checkpoints).finish();
        assert_eq!(resume().await.unwrap_err().kind(), "storage");
        let start = graph.start(Log::default()).thread("t").store(&checkpoints);
        assert_eq!(start.finish().await.unwrap_err().kind(), "storage");
        assert_eq!(checkpoints.look("t").unwrap_err().kind(), "storage");
        storage.reads_fail.store(false, Ordering::SeqCst);
        assert_eq!(done(resume().await.unwrap()).seen, ["a", "b"]);
    });
}

/// Three sisters end while a fourth is written down, first the one that fails.
#[test]
fn what_was_done_beside_a_failure_is_kept() {
    let bell = Arc::new(Notify::new());
    let storage = Told { bell: Some(Arc::clone(&bell)), ..Told::default() };
    let checkpoints = Checkpoints::on(storage, Key::new("graphs").unwrap());
    let counts = Counts::default();
    let hears = |name: &'static str, fails: bool| {
        let (bell, counts) = (Arc::clone(&bell), counts.clone());
        Node::new(name, move |_: Log, _| {
            let (bell, counts) = (Arc::clone(&bell), counts.clone());
            async move {
                bell.notified().await;
                counts.add(name);
                if fails && counts.of(name) < 2 { Err("not yet".into()) } else { Ok(Log::update()) }
            }
        })
    };
    let all = ["first", "fails", "works", "too"];
    let graph = graph().node(super::slow("first", 1)).node(hears("fails", true)).node(hears("works", false));
    let graph = graph.node(hears("too", false)).node(counts.step("after"));
    let graph = graph.fan_out(START, all).join(["first", "fails", "too"], END);
    let graph = graph.edge("works", "after").edge("after", END).build().unwrap();
    block_on(async {
        let start = graph.start(Log::default()).thread("t").store(&checkpoints).finish();
        assert_eq!(start.await.unwrap_err().kind(), "node");
        assert_eq!(checkpoints.look("t").unwrap().unwrap().at, ["fails", "end", "after"]);
        assert_eq!((counts.of("works"), counts.of("too"), counts.of("after")), (1, 1, 0), "begun after a failure");
    });
}

/// Both end at the same moment, and nothing is being written.
#[test]
fn what_was_done_at_the_moment_of_a_failure_is_kept() {
    let (counts, checkpoints) = (Counts::default(), Checkpoints::memory());
    let fails = Node::<Log>::new("fails", |_, _| async { Err("no".into()) });
    let graph = graph().node(fails).node(counts.step("works")).fan_out(START, ["fails", "works"]);
    let graph = graph.join(["fails", "works"], END).build().unwrap();
    block_on(async {
        let start = graph.start(Log::default()).thread("t").store(&checkpoints);
        assert_eq!(start.finish().await.unwrap_err().kind(), "node");
        assert_eq!(checkpoints.look("t").unwrap().unwrap().at, ["fails", "end"]);
        assert_eq!(graph.resume("t").store(&checkpoints).finish().await.unwrap_err().kind(), "node");
    });
    assert_eq!(counts.of("works"), 1);
}

/// In a bucket a lease may be lost without notice: who was overtaken writes no more.
#[test]
fn a_run_whose_thread_was_taken_over_stops() {
    let checkpoints = Checkpoints::on(Told::default(), Key::new("graphs").unwrap());
    let graph = four(&Counts::default());
    block_on(async {
        let mut first = graph.start(Log::default()).thread("t").store(&checkpoints).run();
        first.next_event().await.unwrap();
        let second = graph.resume("t").store(&checkpoints).finish().await.unwrap();
        assert_eq!(done(second).seen, SEEN);
        let error = first.finish().await.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let text = source.unwrap_or_else(|| error.to_string());
        assert!(text.starts_with("thread of graph `test` `t` is busy"), "{text}");
        assert!(checkpoints.look("t").unwrap().unwrap().is_done());
    });
}

#[test]
fn answers_of_the_storage_may_be_lost() {
    let counts = Counts::default();
    let storage = ForgetfulStorage::new(MemoryStorage::new());
    let checkpoints = Checkpoints::on(storage, Key::new("graphs").unwrap());
    block_on(async {
        let outcome = four(&counts).start(Log::default()).thread("t").store(&checkpoints).finish().await;
        assert_eq!(done(outcome.unwrap()).seen, SEEN);
    });
    assert_eq!(runs(&counts), ONCE);
}

#[test]
fn limits_hold_for_a_thread_and_not_for_each_of_its_runs() {
    let checkpoints = Checkpoints::memory();
    let node = Node::new("a", |_, context: Context| async move {
        // The budget does not hold a third.
        context.reserve(400).await?;
        Ok(Log::update().count(context.ask("More?").await?))
    });
    let graph = graph().node(node.writes(["count"])).edge(START, "a").choose("a", ["a", END], |_| "a");
    let graph = graph.limits(Limits { tokens: 1_000, steps: 2, at_once: 1 }).build().unwrap();
    block_on(async {
        waiting(graph.start(Log::default()).thread("t").store(&checkpoints).finish().await.unwrap());
        assert_eq!(checkpoints.look("t").unwrap().unwrap().tokens, 400);
        let error = graph.resume("t").store(&checkpoints).answer("a", 1).finish().await.unwrap_err();
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.starts_with("400 tokens were to be reserved and 200 are left"), "{text}");
    });
}

/// A process that is killed in the middle of a call has paid for it.
#[test]
fn a_reservation_is_kept_before_it_is_spent() {
    let checkpoints = Checkpoints::memory();
    let node = Node::new("a", |_, context: Context| async move {
        let reserved = context.reserve(400).await?;
        context.token("calling");
        std::future::pending::<()>().await;
        reserved.spent(1);
        Ok(Log::update())
    });
    let graph = graph().node(node).edge(START, "a").edge("a", END).build().unwrap();
    block_on(async {
        let mut run = graph.start(Log::default()).thread("t").store(&checkpoints).run();
        while !matches!(run.next_event().await.unwrap().kind, Kind::Token { .. }) {}
        assert_eq!(checkpoints.look("t").unwrap().unwrap().tokens, 400);
    });
}
