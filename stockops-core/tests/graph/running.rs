//! Who runs when, what each node sees, and what happens when one fails.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stockops_core::Error;
use stockops_core::error::Fault;
use stockops_core::graph::{
    AgentGraph, Builder, CancellationToken, Context, END, Fields, Hopeless, Limits, Node, NodeResult, Object, Outcome,
    START,
};
use tokio::sync::Notify;

use super::{Counts, Log, block_on, done, graph, sleep, slow, step};

fn finished(graph: Builder<Log>) -> Log {
    let graph = graph.build().unwrap();
    done(block_on(graph.start(Log::default()).finish()).unwrap())
}

fn failed(graph: Builder<Log>) -> Error {
    let graph = graph.build().unwrap();
    block_on(graph.start(Log::default()).finish()).unwrap_err()
}

/// A node that fails with the words that `work` gives for each attempt.
fn failing(name: &'static str, work: impl Fn(Context) -> NodeResult<()> + Send + Sync + 'static) -> Node<Log> {
    let work = move |_, context: Context| {
        let result = work(context);
        async move { result.map(|()| Log::update().seen(vec![name.into()])) }
    };
    Node::new(name, work).writes(["seen"])
}

#[test]
fn a_join_runs_once_for_branches_of_unequal_length() {
    let counts = Counts::default();
    let long = graph().node(step("long1")).node(slow("long2", 10)).node(step("long3")).node(step("short"));
    let state = finished(
        long.node(counts.step("join"))
            .fan_out(START, ["long1", "short"])
            .edge("long1", "long2")
            .edge("long2", "long3")
            .join(["long3", "short"], "join")
            .edge("join", END),
    );
    assert_eq!(counts.of("join"), 1);
    assert_eq!(state.seen, ["long1", "short", "long2", "long3", "join"]);
}

#[test]
fn a_branch_that_was_not_chosen_holds_up_no_join() {
    for chosen in [vec!["a"], vec!["b"], vec!["a", "c"], vec!["a", "b", "c"]] {
        let counts = Counts::default();
        let wanted = chosen.clone();
        let state = finished(
            graph()
                .node(step("first"))
                .node(slow("a", 5))
                .node(step("b"))
                .node(slow("c", 20))
                .node(counts.step("join"))
                .edge(START, "first")
                .choose_many("first", ["a", "b", "c"], move |_| chosen.clone())
                .join(["a", "b", "c"], "join")
                .edge("join", END),
        );
        assert_eq!(counts.of("join"), 1);
        assert_eq!(state.seen, [&["first"], &wanted[..], &["join"]].concat());
    }
}

/// The slow node waits for the last of the fast branch: were the branch held up, neither would go on.
#[test]
fn a_slow_sister_holds_up_nobody_before_the_join() {
    let bell = Arc::new(Notify::new());
    let (rings, hears) = (Arc::clone(&bell), bell);
    let slow = Node::new("slow", move |_, _| {
        let bell = Arc::clone(&hears);
        async move {
            bell.notified().await;
            Ok(Log::update().seen(vec!["slow".into()]))
        }
    });
    let last = Node::new("fast3", move |_, _| {
        rings.notify_one();
        async { Ok(Log::update()) }
    });
    let state = finished(
        graph()
            .node(slow.writes(["seen"]))
            .node(step("fast1"))
            .node(step("fast2"))
            .node(last)
            .node(step("join"))
            .fan_out(START, ["slow", "fast1"])
            .edge("fast1", "fast2")
            .edge("fast2", "fast3")
            .join(["slow", "fast3"], "join")
            .edge("join", END),
    );
    assert_eq!(state.seen, ["slow", "fast1", "fast2", "join"]);
}

#[test]
fn what_comes_out_depends_on_the_graph_and_not_on_who_is_faster() {
    let of = |a, b, c| {
        let all = graph().node(slow("a", a)).node(slow("b", b)).node(slow("c", c)).node(step("d"));
        finished(all.fan_out(START, ["a", "b", "c"]).join(["a", "c"], "d").edge("b", END).edge("d", END)).seen
    };
    let orders: BTreeSet<_> = [of(1, 2, 3), of(3, 2, 1), of(2, 3, 1), of(1, 9, 1)].into_iter().collect();
    assert_eq!(orders.into_iter().collect::<Vec<_>>(), [["a", "b", "c", "d"]]);
}

#[test]
fn a_node_sees_what_is_behind_it_and_not_its_sister() {
    let seen = Arc::new(Mutex::new(vec![]));
    let keep = Arc::clone(&seen);
    let looks = Node::new("looks", move |log: Log, _| {
        keep.lock().unwrap().push(log.seen);
        async { Ok(Log::update().seen(vec!["looks".into()])) }
    });
    let all = graph().node(step("first")).node(step("sister")).node(slow("before", 50)).node(looks.writes(["seen"]));
    finished(
        all.edge(START, "first")
            .fan_out("first", ["sister", "before"])
            .edge("before", "looks")
            .join(["looks", "sister"], END),
    );
    assert_eq!(*seen.lock().unwrap(), [["first", "before"]]);
}

#[test]
fn a_loop_ends_by_its_choice_or_at_the_limit() {
    let counting = || Node::new("count", |_, _| async { Ok(Log::update().count(1)) }).writes(["count"]);
    let looped = |until: u32| {
        let graph = graph().node(counting()).edge(START, "count");
        graph.choose("count", ["count", END], move |log| if log.count < until { "count" } else { END })
    };
    assert_eq!(finished(looped(7)).count, 7);
    assert_eq!(finished(looped(40)).count, 40);
    let text = failed(looped(41)).to_string();
    assert_eq!(
        text,
        "graph `test`: it took 40 steps and is not at the end; mend its loop, or raise the limit of steps"
    );
    let more = looped(41).limits(Limits { steps: 41, ..Limits::default() });
    assert_eq!(finished(more).count, 41);
}

/// a sends back at once, and b while the node is in its second turn: what b did is not mixed into a turn that does not
/// see it. After that a and b wait for the third turn, which may still come to them.
#[test]
fn a_node_that_is_reached_while_it_runs_runs_once_more() {
    let again = |log: &Log| if log.seen.iter().filter(|name| *name == "y").count() < 2 { "y" } else { END };
    let looped = graph().node(slow("y", 10)).node(step("a")).node(slow("b", 5)).edge(START, "y");
    let looped = looped.fan_out("y", ["a", "b"]).choose("a", ["y", END], again).choose("b", ["y", END], again);
    assert_eq!(finished(looped).seen, ["y", "a", "b", "y", "y", "a", "b"]);
}

#[test]
fn no_more_run_at_once_than_may() {
    for at_once in [1, 2, 3] {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let busy = |name| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            Node::new(name, move |_, _| {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    sleep(10).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok(Log::update())
                }
            })
        };
        let names = ["a", "b", "c", "d", "e"];
        let all = names.into_iter().fold(graph(), |graph, name| graph.node(busy(name)));
        finished(all.fan_out(START, names).join(names, END).limits(Limits { at_once, ..Limits::default() }));
        assert_eq!(most.load(Ordering::SeqCst), at_once);
    }
}

#[test]
fn a_node_is_tried_again_with_pauses_and_gives_up() {
    let counts = Counts::default();
    let tried = counts.clone();
    let node = failing("a", move |context| {
        tried.add("a");
        if context.attempt() < 3 { Err(format!("no. {}", context.attempt()).into()) } else { Ok(()) }
    });
    let graph =
        graph().node(node.tries(3).pause(Duration::from_secs(1))).edge(START, "a").edge("a", END).build().unwrap();
    block_on(async {
        let begin = tokio::time::Instant::now();
        assert_eq!(done(graph.start(Log::default()).finish().await.unwrap()).seen, ["a"]);
        // The clock stands still but for pauses: one second, then two.
        assert_eq!(begin.elapsed().as_secs(), 3);
    });
    assert_eq!(counts.of("a"), 3);
}

#[test]
fn a_node_that_fails_for_good_ends_the_run_with_its_words_as_the_source() {
    let counts = Counts::default();
    let tried = counts.clone();
    let node = failing("a", move |_| {
        tried.add("a");
        Err("the line is dead".into())
    });
    let error = failed(graph().node(node.tries(2)).edge(START, "a").edge("a", END));
    assert_eq!(
        error.to_string(),
        "graph `test`: node `a` failed in each of 2 tries; look at the cause, then resume or start again"
    );
    assert_eq!((error.source().unwrap().to_string().as_str(), error.kind()), ("the line is dead", "node"));
    assert!(!error.is_input());
    assert_eq!(counts.of("a"), 2);
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    let counts = Counts::default();
    let tried = counts.clone();
    let node = failing("a", move |_| {
        tried.add("a");
        Err(Error::Config { field: "x", rule: "a number", got: "y".into() }.into())
    });
    let error = failed(graph().node(node.tries(3)).edge(START, "a").edge("a", END));
    assert!(error.to_string().contains("each of 1 tries"), "{error}");
    assert_eq!(counts.of("a"), 1);
}

#[test]
fn what_a_node_calls_hopeless_is_not_tried_again_and_is_the_source() {
    let counts = Counts::default();
    let tried = counts.clone();
    let node = failing("a", move |_| {
        tried.add("a");
        Err(Hopeless(std::io::Error::other("no key").into()).into())
    });
    let error = failed(graph().node(node.tries(3)).edge(START, "a").edge("a", END));
    assert!(error.source().unwrap().is::<std::io::Error>(), "{error:?}");
    assert_eq!((error.source().unwrap().to_string().as_str(), counts.of("a")), ("no key", 1));
}

#[test]
fn a_choice_that_fails_is_a_failure_of_its_node() {
    let choose = |_: &Log| Err("no way".into());
    let error = failed(graph().node(step("a")).edge(START, "a").try_choose("a", ["a", END], false, choose));
    assert_eq!((error.source().unwrap().to_string().as_str(), error.kind()), ("no way", "node"));
}

#[test]
fn a_node_that_takes_too_long_is_dropped_and_another_stands_in() {
    let token = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&token);
    let hangs = Node::new("hangs", move |_, context: Context| {
        *keep.lock().unwrap() = Some(context.cancelled().clone());
        std::future::pending::<NodeResult<_>>()
    });
    let template = Node::new("template", move |_, _| {
        let is_told = token.lock().unwrap().as_ref().is_some_and(CancellationToken::is_cancelled);
        async move { Ok(Log::update().seen(vec![format!("template, told: {is_told}")])) }
    });
    let state = finished(
        graph()
            .node(step("first"))
            .node(hangs.timeout(Duration::from_secs(5)).otherwise("template"))
            .node(template.writes(["seen"]))
            .node(step("join"))
            .fan_out(START, ["first", "hangs"])
            .join(["first", "hangs"], "join")
            .edge("join", END),
    );
    assert_eq!(state.seen, ["first", "template, told: true", "join"]);

    let hangs = Node::<Log>::new("hangs", |_, _| std::future::pending::<NodeResult<_>>());
    let error = failed(graph().node(hangs.timeout(Duration::from_secs(5))).edge(START, "hangs").edge("hangs", END));
    assert_eq!(error.source().unwrap().to_string(), "it did not end in 5 s; give it more time");
}

#[test]
fn a_node_that_panics_has_failed() {
    let panics = Node::new("a", |log: Log, _| async move {
        assert!(log.count > 0, "nothing is counted");
        Ok(Log::update())
    });
    let error = failed(graph().node(panics).edge(START, "a").edge("a", END));
    assert_eq!(error.source().unwrap().to_string(), "it panicked: nothing is counted");
}

#[test]
fn a_failure_drops_the_sisters() {
    let dropped = CancellationToken::new();
    let guard = Arc::new(Mutex::new(Some(dropped.clone().drop_guard())));
    let sister = Node::new("sister", move |_, _| {
        let guard = guard.lock().unwrap().take();
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            Ok(Log::update())
        }
    });
    let node = Node::new("a", |_: Log, _| async {
        sleep(5).await;
        Err("no".into())
    });
    let error = failed(graph().node(node).node(sister).fan_out(START, ["a", "sister"]).join(["a", "sister"], END));
    assert!(dropped.is_cancelled() && error.kind() == "node");
}

#[test]
fn an_update_writes_what_its_node_declares() {
    let node = Node::new("a", |_, _| async { Ok(Log::update().count(1)) });
    let error = failed(graph().node(node.writes(["seen"])).edge(START, "a").edge("a", END));
    let wanted = "`a` wrote `count`, which is not among the fields that it writes; add it there";
    assert_eq!(error.source().unwrap().to_string(), wanted);
}

#[test]
fn a_choice_chooses_what_it_declares_and_something() {
    let chosen = |names: Vec<&'static str>| {
        let graph = graph().node(step("a")).node(step("b")).edge(START, "a").edge("b", END);
        let error = failed(graph.choose_many("a", ["b", END], move |_| names.clone()));
        error.source().unwrap().to_string()
    };
    let wanted = |got: &str| format!("the choice after `a` chose {got}, and may choose b, end; mend its function");
    assert_eq!(chosen(vec![]), wanted("nothing"));
    assert_eq!(chosen(vec!["b", "a"]), wanted("b, a"));
    assert_eq!(chosen(vec!["c"]), wanted("c"));
}

#[test]
fn tokens_are_reserved_before_they_are_spent() {
    let spends = |name: &'static str, asks: u64, uses: Option<u64>| {
        Node::new(name, move |_, context: Context| async move {
            let reserved = context.reserve(asks).await?;
            if let Some(uses) = uses {
                reserved.spent(uses);
            }
            Ok(Log::update().seen(vec![name.into()]))
        })
        .writes(["seen"])
    };
    let run = |first: Option<u64>| {
        let limits = Limits { tokens: 1_000, ..Limits::default() };
        let second = spends("second", 500, Some(500)).tries(3).otherwise("template");
        let graph = graph().node(spends("first", 800, first)).node(second).node(step("template"));
        finished(graph.edge(START, "first").edge("first", "second").edge("second", END).limits(limits)).seen
    };
    assert_eq!(run(Some(100)), ["first", "second"], "700 go back");
    assert_eq!(run(Some(500)), ["first", "second"], "300 go back, and 500 are left");
    assert_eq!(run(Some(501)), ["first", "template"]);
    assert_eq!(run(None), ["first", "template"], "what is not known to be left is spent");
    assert_eq!(run(Some(5_000)), ["first", "template"]);
    let fault = Fault::Budget { asked: 500, left: 200 };
    assert_eq!(
        fault.to_string(),
        "500 tokens were to be reserved and 200 are left; raise the limit of tokens, or ask for less"
    );
}

#[test]
fn a_cancelled_run_stops_and_tells_what_its_nodes_have_started() {
    let stop = CancellationToken::new();
    let told = CancellationToken::new();
    let (rings, hears) = (stop.clone(), told.clone());
    let node = Node::new("a", move |_, context: Context| {
        let (stop, told) = (rings.clone(), hears.clone());
        async move {
            tokio::spawn(async move {
                context.cancelled().cancelled().await;
                told.cancel();
            });
            stop.cancel();
            std::future::pending::<()>().await;
            Ok(Log::update())
        }
    });
    let graph = graph().node(node).edge(START, "a").edge("a", END).build().unwrap();
    block_on(async {
        let error = graph.start(Log::default()).cancel_on(&stop).finish().await.unwrap_err();
        assert_eq!(error.to_string(), "graph `test`: stopped before the end; a thread with a store can be resumed");
        assert_eq!((error.kind(), error.is_input()), ("cancelled", false));
        told.cancelled().await;
    });
}

#[test]
fn a_state_without_types_runs_on_the_same_engine() {
    let fields = || Fields::new().last("word").append("list").sum("sum");
    let object = |json: serde_json::Value| json.as_object().cloned().unwrap();
    let node = move |name: &str, update: serde_json::Value| {
        Node::new(name, move |_: Object, _| {
            let update = object(update.clone());
            async move { Ok(update) }
        })
        .writes(["word", "list", "sum"])
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let graph = AgentGraph::with_fields("plain", 1, fields())
        .node(node("a", json(r#"{"list": [1, {"x": 2}], "sum": 0.5}"#)))
        .node(node("b", json(r#"{"list": ["c"], "sum": 1, "word": "w"}"#)))
        .edge(START, "a")
        .edge("a", "b")
        .choose("b", ["b", END], |state| if state["sum"].as_f64() < Some(2.0) { "b" } else { END })
        .build()
        .unwrap();
    let Outcome::Done(state) = block_on(graph.start(Object::new()).finish()).unwrap() else { panic!() };
    assert_eq!(serde_json::Value::Object(state), json(r#"{"list": [1, {"x": 2}, "c", "c"], "sum": 2.5, "word": "w"}"#));

    let wrong = AgentGraph::with_fields("plain", 1, fields()).node(node("a", json(r#"{"sum": "x"}"#)));
    let wrong = wrong.edge(START, "a").edge("a", END).build().unwrap();
    let error = block_on(wrong.start(Object::new()).finish()).unwrap_err();
    let text = error.source().unwrap().to_string();
    assert!(text.starts_with("the update of `sum` does not fit: invalid type: string"), "{text}");
    let unknown = wrong.start(json(r#"{"summ": 1}"#).as_object().cloned().unwrap());
    assert_eq!(
        block_on(unknown.finish()).unwrap_err().to_string(),
        "graph `plain`: the start names the field `summ`, and the state has list, sum, word; mend the name"
    );
}
