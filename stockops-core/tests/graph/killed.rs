//! A process that is killed in the middle, and another that goes on with its thread.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use stockops_core::graph::{AgentGraph, Checkpoints, Context, END, Node, NodeResult, START};
use stockops_core::storage::{DirectoryStorage, Key};

use super::{Log, done, graph};

/// The folder that the other process works in, and the place where it waits to be killed.
const HOME: &str = "GRAPH_HOME";
const WAITS: &str = "GRAPH_WAITS";

/// Add a line to what has happened, for all processes.
fn happened(home: &Path, what: &str) -> NodeResult<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(home.join("happened"))?;
    Ok(writeln!(file, "{what}")?)
}

fn times(home: &Path, what: &str) -> usize {
    let all = std::fs::read_to_string(home.join("happened")).unwrap_or_default();
    all.lines().filter(|line| *line == what).count()
}

/// A node that says that it runs, has one effect, comes to a place where it may wait for ever, and has another effect.
fn node(home: &Path, waits: &str, name: &'static str) -> Node<Log> {
    let (home, waits) = (home.to_path_buf(), waits.to_string());
    let work = move |_: Log, context: Context| {
        let (home, waits) = (home.clone(), waits.clone());
        async move {
            happened(&home, &format!("{name} runs"))?;
            context.once("first", || async { happened(&home, &format!("first of {name}")) }).await?;
            if waits == name {
                happened(&home, &format!("{name} waits"))?;
                std::future::pending::<()>().await;
            }
            context.once("second", || async { happened(&home, &format!("second of {name}")) }).await?;
            Ok(Log::update().seen(vec![name.into()]))
        }
    };
    Node::new(name, work).writes(["seen"])
}

/// a, then b and c side by side, then d.
fn four(home: &Path, waits: &str) -> AgentGraph<Log> {
    let all = ["a", "b", "c", "d"].into_iter().fold(graph(), |graph, name| graph.node(node(home, waits, name)));
    all.edge(START, "a").fan_out("a", ["b", "c"]).join(["b", "c"], "d").edge("d", END).build().unwrap()
}

fn checkpoints(home: &Path) -> Checkpoints {
    Checkpoints::on(DirectoryStorage::open(home.join("kept")).unwrap(), Key::new("graphs").unwrap())
}

/// Not a test by itself: what the other process does.
#[test]
fn the_other_process() {
    let Some(home) = std::env::var_os(HOME).map(PathBuf::from) else { return };
    let graph = four(&home, &std::env::var(WAITS).unwrap_or_default());
    let checkpoints = checkpoints(&home);
    let is_new = checkpoints.look("t").unwrap().is_none();
    let launch = if is_new { graph.start(Log::default()).thread("t") } else { graph.resume("t") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let state = done(runtime.block_on(launch.store(&checkpoints).finish()).unwrap());
    happened(&home, &format!("done with {}", state.seen.join(" "))).unwrap();
}

fn other_process(home: &Path, waits: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::the_other_process"]).env(HOME, home).env(WAITS, waits);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Wait until it has happened; a process that does not get there is a failure after a minute.
fn wait_for(home: &Path, what: &str) {
    for _ in 0..6_000 {
        if times(home, what) > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("`{what}` did not happen");
}

#[test]
fn a_killed_process_leaves_a_thread_that_another_goes_on_with_and_no_effect_is_repeated() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for place in ["a", "c", "d"] {
        let mut process = other_process(home, place);
        wait_for(home, &format!("{place} waits"));
        if place == "c" {
            // Its sister is done, and that is kept.
            wait_for(home, "second of b");
            while !checkpoints(home).look("t").unwrap().unwrap().at.contains(&"d".to_string()) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let second = super::block_on(four(home, "").resume("t").store(&checkpoints(home)).finish());
        assert_eq!(second.unwrap_err().kind(), "busy", "two processes had the thread");
        process.kill().unwrap();
        process.wait().unwrap();
    }
    assert!(other_process(home, "").wait().unwrap().success());
    assert_eq!(times(home, "done with a b c d"), 1);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(
            (times(home, &format!("first of {name}")), times(home, &format!("second of {name}"))),
            (1, 1),
            "{name}"
        );
        // Those that were killed run again from their top, the others do not.
        assert_eq!(times(home, &format!("{name} runs")), if name == "b" { 1 } else { 2 }, "{name}");
    }
}
