//! What could not be sent is sent later, once.

use chrono::{DateTime, Utc};

use super::*;
use crate::error::Refusal;
use crate::tracking::{MemoryTracker, Point};

fn at(second: u32) -> DateTime<Utc> {
    format!("2024-05-01T12:00:{second:02}Z").parse().unwrap()
}

fn begun(home: &MemoryTracker, second: u32) -> Run {
    let run = Run::begun(RunId::new(at(second)), format!("run {second}"), at(second));
    home.begin(&run).unwrap();
    run
}

/// A server that counts what reaches it, and refuses what it is told to.
#[derive(Debug, Default)]
struct Counting {
    inner: MemoryTracker,
    calls: std::sync::Mutex<Vec<String>>,
    refuses: std::sync::Mutex<Option<(&'static str, Refusal)>>,
}

impl Counting {
    fn heard(&self, call: &'static str, words: String) -> Result<()> {
        self.calls.lock().unwrap().push(format!("{call} {words}"));
        match &*self.refuses.lock().unwrap() {
            Some((refused, refusal)) if *refused == call => {
                Err(Error::Tracker { server: self.place(), refusal: refusal.clone() })
            }
            _ => Ok(()),
        }
    }

    fn refuse(&self, call: &'static str, refusal: Refusal) {
        *self.refuses.lock().unwrap() = Some((call, refusal));
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

impl Tracker for Counting {
    fn place(&self) -> String {
        "server".into()
    }

    fn begin(&self, run: &Run) -> Result<()> {
        self.heard("begin", run.name.clone())?;
        self.inner.begin(run)
    }

    fn log(&self, id: &RunId, batch: &Batch) -> Result<()> {
        self.heard("log", batch.points.len().to_string())?;
        self.inner.log(id, batch)
    }

    fn keep(&self, id: &RunId, name: &str, bytes: &[u8]) -> Result<()> {
        self.heard("keep", name.into())?;
        self.inner.keep(id, name, bytes)
    }

    fn end(&self, id: &RunId, status: RunStatus, now: DateTime<Utc>) -> Result<()> {
        self.heard("end", status.to_string())?;
        self.inner.end(id, status, now)
    }

    fn run(&self, id: &RunId) -> Result<Run> {
        self.inner.run(id)
    }

    fn points(&self, id: &RunId) -> Result<Vec<Point>> {
        self.inner.points(id)
    }

    fn artifact(&self, id: &RunId, name: &str) -> Result<Vec<u8>> {
        self.inner.artifact(id, name)
    }

    fn ids(&self) -> Result<Vec<RunId>> {
        self.inner.ids()
    }

    fn end_killed(&self, now: DateTime<Utc>) -> Result<Vec<RunId>> {
        self.inner.end_killed(now)
    }
}

#[test]
fn each_thing_is_sent_once_as_it_comes() {
    let (home, server) = (MemoryTracker::new(), Counting::default());
    let id = begun(&home, 1).run_id;
    home.log(&id, &Batch::default().param("seed", 1).point("loss", 1.0, 1, at(2))).unwrap();
    assert_eq!(sync(&home, &server).unwrap().sent, std::slice::from_ref(&id));
    assert_eq!(server.calls(), ["begin run 1", "log 1"]);
    home.log(&id, &Batch::default().point("loss", 0.5, 2, at(3))).unwrap();
    home.log(&id, &Batch::default().point("loss", f64::NAN, 3, at(4))).unwrap();
    home.keep(&id, "a.json", b"{}").unwrap();
    sync(&home, &server).unwrap();
    assert_eq!(server.calls(), ["log 2", "keep a.json"]);
    home.end(&id, RunStatus::Finished, at(5)).unwrap();
    sync(&home, &server).unwrap();
    assert_eq!(server.calls(), ["end finished"]);
    let last = sync(&home, &server).unwrap();
    assert_eq!((last.sent.len(), last.unchanged, server.calls().len()), (0, 1, 0));
    assert_eq!(server.run(&id).unwrap(), home.run(&id).unwrap());
    assert_eq!(server.points(&id).unwrap(), home.points(&id).unwrap());
}

#[test]
fn a_run_that_ended_unsent_is_sent_whole() {
    let (home, server) = (MemoryTracker::new(), Counting::default());
    let id = begun(&home, 1).run_id;
    for epoch in 1..=5 {
        home.log(&id, &Batch::default().point("loss", 1.0, epoch, at(epoch as u32))).unwrap();
    }
    home.end(&id, RunStatus::Killed, at(9)).unwrap();
    sync(&home, &server).unwrap();
    assert_eq!(server.calls(), ["begin run 1", "log 5", "end killed"]);
    assert_eq!(server.run(&id).unwrap(), home.run(&id).unwrap());
}

#[test]
fn what_a_server_as_a_whole_refuses_is_left_for_the_next_time() {
    let (home, server) = (MemoryTracker::new(), Counting::default());
    let ids = [1, 2, 3].map(|second| begun(&home, second).run_id);
    server.refuse("begin", Refusal::Offline { problem: "no route".into() });
    let done = sync(&home, &server).unwrap();
    assert_eq!((done.sent.len(), done.failed.len(), done.left), (0, 1, 2));
    assert_eq!((&done.failed[0].run_id, done.failed[0].kind.as_str()), (&ids[0], "offline"));
    assert_eq!(server.calls(), ["begin run 1"]);
    server.refuse("nothing", Refusal::Broken { status: 500 });
    assert_eq!(sync(&home, &server).unwrap().sent, ids);
}

#[test]
fn what_is_refused_of_one_run_holds_up_no_other_and_nothing_is_sent_again() {
    let (home, server) = (MemoryTracker::new(), Counting::default());
    let ids = [1, 2].map(|second| begun(&home, second).run_id);
    for id in &ids {
        home.keep(id, "a.json", b"{}").unwrap();
        home.end(id, RunStatus::Finished, at(9)).unwrap();
    }
    server.refuse("keep", Refusal::NoArtifacts { uri: "s3://bucket".into() });
    let done = sync(&home, &server).unwrap();
    assert_eq!((done.failed.len(), done.left), (2, 0));
    let text = "server: it keeps files at s3://bucket and takes none itself; start it so that it serves artifacts";
    assert_eq!(done.failed[0].message, text);
    assert_eq!(server.run(&ids[1]).unwrap().status, RunStatus::Finished);
    server.calls();
    server.refuse("nothing", Refusal::Broken { status: 500 });
    sync(&home, &server).unwrap();
    assert_eq!(server.calls(), ["keep a.json", "keep a.json"]);
}

#[test]
fn two_servers_each_get_all() {
    let (home, one, other) = (MemoryTracker::new(), Counting::default(), MemoryTracker::new());
    let id = begun(&home, 1).run_id;
    sync(&home, &one).unwrap();
    assert_eq!(sync(&home, &other).unwrap().sent, std::slice::from_ref(&id));
    assert_eq!(other.run(&id).unwrap(), one.run(&id).unwrap());
}
