//! Runs at home keep the promises of every tracker.

use super::super::conformance;
use super::*;

fn noon() -> DateTime<Utc> {
    "2024-05-01T12:00:00Z".parse().unwrap()
}

#[test]
fn memory_keeps_every_promise() {
    conformance(&MemoryTracker::new());
}

#[test]
fn disk_keeps_every_promise_for_another_open_too() {
    let home = tempfile::tempdir().unwrap();
    conformance(&DirectoryTracker::open(home.path()));
    let other = DirectoryTracker::open(home.path());
    for id in other.ids().unwrap() {
        other.run(&id).unwrap();
    }
}

#[test]
fn an_ended_run_is_lines_of_json() {
    let home = tempfile::tempdir().unwrap();
    let tracker = DirectoryTracker::open(home.path());
    let run = Run::begun(RunId::new(noon()), "GOOG freeze", noon());
    tracker.begin(&run).unwrap();
    for epoch in 1..=3 {
        let now = noon() + chrono::Duration::seconds(epoch as i64);
        tracker.log(&run.run_id, &Batch::default().point("train_loss", 1.0, epoch, now)).unwrap();
    }
    tracker.end(&run.run_id, RunStatus::Finished, noon()).unwrap();
    let files = tracker.storage.list(&folder(&run.run_id).unwrap().join("log").unwrap()).unwrap();
    assert!(files.len() == 1 && files[0].ends_with(".jsonl"), "{files:?}");
    assert_eq!(tracker.points(&run.run_id).unwrap().len(), 3);
    assert!(tracker.storage.list(&Key::new("running").unwrap()).unwrap().is_empty());
}

#[test]
fn a_run_whose_process_is_gone_is_ended_and_one_that_lives_is_not() {
    let home = tempfile::tempdir().unwrap();
    let (dead, living) = (DirectoryTracker::open(home.path()), DirectoryTracker::open(home.path()));
    let [gone, there] = [&dead, &living].map(|tracker| {
        let run = Run::begun(RunId::new(noon()), "GOOG freeze", noon());
        tracker.begin(&run).unwrap();
        tracker.log(&run.run_id, &Batch::default().point("train_loss", 1.0, 1, noon())).unwrap();
        run.run_id
    });
    // The system takes the locks of a process that is killed; here they go with the value that holds them.
    drop(dead);
    let next = DirectoryTracker::open(home.path());
    let later = noon() + chrono::Duration::hours(1);
    assert_eq!(next.end_killed(later).unwrap(), std::slice::from_ref(&gone));
    let run = next.run(&gone).unwrap();
    assert_eq!((run.status, run.ended, run.metrics["train_loss"].0), (RunStatus::Killed, Some(later), 1.0));
    assert_eq!(next.run(&there).unwrap().status, RunStatus::Running);
    assert!(living.end_killed(later).unwrap().is_empty());
    living.end(&there, RunStatus::Finished, later).unwrap();
    assert!(next.end_killed(later).unwrap().is_empty());
    assert_eq!(next.run(&there).unwrap().status, RunStatus::Finished);
}

#[test]
fn a_process_that_ended_between_the_mark_and_the_run_leaves_nothing_to_end() {
    let tracker = MemoryTracker::new();
    let id = RunId::new(noon());
    tracker.storage.put(&marker(&id).unwrap(), b"{}").unwrap();
    assert!(tracker.end_killed(noon()).unwrap().is_empty());
    assert!(tracker.storage.list(&Key::new("running").unwrap()).unwrap().is_empty());
    assert!(tracker.ids().unwrap().is_empty());
}

#[test]
fn what_cannot_be_read_is_named() {
    let tracker = MemoryTracker::new();
    let run = Run::begun(RunId::new(noon()), "GOOG freeze", noon());
    tracker.begin(&run).unwrap();
    tracker.storage.put(&folder(&run.run_id).unwrap().join("run.json").unwrap(), b"{").unwrap();
    let text = tracker.run(&run.run_id).unwrap_err().to_string();
    assert!(text.contains("run.json, line 1: it was not written by stockops"), "{text}");
}
