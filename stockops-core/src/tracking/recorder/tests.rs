//! What a recorder promises: nobody waits, nothing is lost.

use super::*;
use crate::storage::{ForgetfulStorage, MemoryStorage};
use crate::tracking::{MemoryTracker, Point};

fn noon() -> DateTime<Utc> {
    "2024-05-01T12:00:00Z".parse().unwrap()
}

fn run() -> Run {
    Run::begun(RunId::new(noon()), "GOOG freeze", noon())
}

fn home_on(storage: impl Storage + 'static) -> HomeRuns {
    let storage: Arc<dyn Storage> = Arc::new(storage);
    Runs::on(storage)
}

fn epoch(step: u64) -> Batch {
    Batch::default().point("train_loss", 1.0 / step as f64, step, noon() + chrono::Duration::seconds(step as i64))
}

/// A server that takes its time, or fails.
#[derive(Debug, Clone, Default)]
struct Other {
    inner: MemoryTracker,
    slow: Duration,
    is_away: bool,
}

impl Other {
    fn try_it<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        std::thread::sleep(self.slow);
        let refusal = crate::error::Refusal::Offline { problem: "no route".into() };
        if self.is_away { Err(Error::Tracker { server: "server".into(), refusal }) } else { work() }
    }
}

impl Tracker for Other {
    fn place(&self) -> String {
        "server".into()
    }

    fn begin(&self, run: &Run) -> Result<()> {
        self.try_it(|| self.inner.begin(run))
    }

    fn log(&self, id: &RunId, batch: &Batch) -> Result<()> {
        self.try_it(|| self.inner.log(id, batch))
    }

    fn keep(&self, id: &RunId, name: &str, bytes: &[u8]) -> Result<()> {
        self.try_it(|| self.inner.keep(id, name, bytes))
    }

    fn end(&self, id: &RunId, status: RunStatus, now: DateTime<Utc>) -> Result<()> {
        self.try_it(|| self.inner.end(id, status, now))
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
fn what_is_said_is_at_home_and_at_the_server_when_it_is_over() {
    let (home, server, run) = (home_on(MemoryStorage::new()), Other::default(), run());
    let recorder = Recorder::begin(home.clone(), Some(Arc::new(server.clone())), run.clone());
    (1..=50).for_each(|step| recorder.log(epoch(step)));
    recorder.keep("evaluation.json", "{}");
    assert_eq!(recorder.finish(RunStatus::Finished, noon()), Vec::<String>::new());
    let kept = home.run(&run.run_id).unwrap();
    assert_eq!((kept.status, kept.artifacts.len()), (RunStatus::Finished, 1));
    assert_eq!(server.run(&run.run_id).unwrap(), kept);
    assert_eq!(server.points(&run.run_id).unwrap(), (1..=50).flat_map(|step| epoch(step).points).collect::<Vec<_>>());
}

#[test]
fn a_server_that_is_away_is_a_note_and_a_later_sync_sends_all() {
    let (home, server, run) = (home_on(MemoryStorage::new()), Other::default(), run());
    let away = Other { is_away: true, ..server.clone() };
    let recorder = Recorder::begin(home.clone(), Some(Arc::new(away)), run.clone());
    (1..=3).for_each(|step| recorder.log(epoch(step)));
    let notes = recorder.finish(RunStatus::Finished, noon());
    let text = format!(
        "the run {} is at home, and not whole at the server: server: it could not be reached (no route); send the runs again later",
        run.run_id
    );
    assert_eq!(notes, [text]);
    super::super::sync(&home, &server).unwrap();
    assert_eq!(server.run(&run.run_id).unwrap(), home.run(&run.run_id).unwrap());
}

/// The server sleeps in each of its calls; who logs does not wait for it.
#[test]
fn a_slow_server_holds_up_nobody_who_logs() {
    let server = Other { slow: Duration::from_millis(200), ..Other::default() };
    let (home, run) = (home_on(MemoryStorage::new()), run());
    let recorder = Recorder::begin(home.clone(), Some(Arc::new(server.clone())), run.clone());
    (1..=100).for_each(|step| recorder.log(epoch(step)));
    let sent_by_then = server.points(&run.run_id).map_or(0, |points| points.len());
    assert!(sent_by_then < 100, "the caller waited for the server");
    assert!(recorder.finish(RunStatus::Finished, noon()).is_empty());
    assert_eq!(server.points(&run.run_id).unwrap().len(), 100);
}

#[test]
fn a_run_that_is_dropped_has_failed() {
    let (home, run) = (home_on(MemoryStorage::new()), run());
    let recorder = Recorder::begin(home.clone(), None, run.clone());
    recorder.log(epoch(1));
    drop(recorder);
    let found = home.run(&run.run_id).unwrap();
    assert_eq!((found.status, found.metrics.len()), (RunStatus::Failed, 1));
}

#[test]
fn a_home_that_loses_answers_or_cannot_be_written_is_a_note() {
    let run = run();
    let recorder = Recorder::begin(home_on(ForgetfulStorage::new(MemoryStorage::new())), None, run.clone());
    (1..=5).for_each(|step| recorder.log(epoch(step)));
    let notes = recorder.finish(RunStatus::Finished, noon());
    assert!(notes.len() == 1 && notes[0].contains("could not be kept whole: could not write"), "{notes:?}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, b"").unwrap();
    let recorder = Recorder::begin(home_on(crate::storage::DirectoryStorage::at(&file)), None, run);
    recorder.log(epoch(1));
    let notes = recorder.finish(RunStatus::Finished, noon());
    assert!(notes.len() == 1 && notes[0].contains("could not be kept whole"), "{notes:?}");
}
