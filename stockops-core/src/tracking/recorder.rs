//! `Recorder`: a training logs through it, and is neither stopped nor slowed by it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::sync::send;
use super::{Batch, Run, RunId, RunStatus, Runs, Tracker};
use crate::error::{Error, Result};
use crate::storage::Storage;

/// How long the end of a training waits for a server; what is not sent by then stays at home until the next sync.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long a server that failed is left alone, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// Runs at home, in whichever storage.
pub type HomeRuns = Runs<Arc<dyn Storage>>;

/// One run that goes on. What is said to it is written at home by a thread of its own and sent to the server, if there is one, by
/// another, so the caller never waits; and nothing that they meet is an error of the caller. Where it is dropped
/// before its [`finish`](Self::finish) the run has failed.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use stockops_core::storage::{MemoryStorage, Storage};
/// use stockops_core::tracking::{Batch, Recorder, Run, RunId, RunStatus, Runs, Tracker};
///
/// let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
/// let home = Runs::on(storage);
/// let now = "2024-05-01T12:00:00Z".parse().unwrap();
/// let run = Run::begun(RunId::new(now), "GOOG freeze", now);
/// let recorder = Recorder::begin(home.clone(), None, run.clone());
/// recorder.log(Batch::default().point("train_loss", 0.5, 1, now));
/// assert!(recorder.finish(RunStatus::Finished, now).is_empty(), "nothing to complain about");
/// assert_eq!(home.run(&run.run_id)?.metrics["train_loss"].0, 0.5);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Recorder {
    id: RunId,
    sender: Option<Sender<Said>>,
    writer: Option<JoinHandle<()>>,
    sent: Receiver<()>,
    notes: Arc<Mutex<Notes>>,
}

/// What is said to a run.
#[derive(Debug)]
enum Said {
    Batch(Batch),
    File(String, Vec<u8>),
    End(RunStatus, DateTime<Utc>),
}

/// What went wrong, the latest of each kind.
#[derive(Debug, Default)]
struct Notes {
    home: Option<String>,
    server: Option<String>,
}

impl Recorder {
    /// Begin `run` at `home`; it is sent to `server` as it goes.
    pub fn begin(home: HomeRuns, server: Option<Arc<dyn Tracker>>, run: Run) -> Self {
        let (sender, said) = channel();
        let (done, sent) = channel();
        let (notes, id) = (Arc::new(Mutex::new(Notes::default())), run.run_id.clone());
        let log = Written { home: home.clone(), id: id.clone(), notes: notes.clone() };
        // Where there is a server, it hears of each run of which something new is at home.
        let poke = server.map(|server| {
            let (poke, poked) = channel();
            let mirror = Mirror { home, server, notes: notes.clone() };
            // It is not waited for longer than is sensible, so nobody joins it.
            std::thread::spawn(move || {
                mirror.follow(&poked);
                drop(done);
            });
            poke
        });
        let writer = std::thread::spawn(move || log.follow(&run, &said, poke.as_ref()));
        Self { id, sender: Some(sender), writer: Some(writer), sent, notes }
    }

    /// Which run it is.
    pub fn run_id(&self) -> &RunId {
        &self.id
    }

    /// Say what happened.
    pub fn log(&self, batch: Batch) {
        self.say(Said::Batch(batch));
    }

    /// Keep a file with the run.
    pub fn keep(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.say(Said::File(name.to_owned(), bytes.into()));
    }

    /// End the run; what is to be said about its way home and to the server, in words.
    pub fn finish(mut self, status: RunStatus, now: DateTime<Utc>) -> Vec<String> {
        self.close(status, now);
        // Without a server the other end is closed already.
        let is_late = self.sent.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let late =
            format!("the run is at home, and not whole at the server within {} s: send it later", PATIENCE.as_secs());
        let server = notes.server.clone().or(is_late.then_some(late));
        notes.home.iter().cloned().chain(server).collect()
    }

    fn say(&self, said: Said) {
        // A writer that is gone has left its note.
        let _ = self.sender.as_ref().map(|sender| sender.send(said));
    }

    /// Say the end, and wait until it is written.
    fn close(&mut self, status: RunStatus, now: DateTime<Utc>) {
        self.say(Said::End(status, now));
        self.sender = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.writer.is_some() {
            self.close(RunStatus::Failed, std::time::SystemTime::now().into());
        }
    }
}

/// The thread that writes at home.
struct Written {
    home: HomeRuns,
    id: RunId,
    notes: Arc<Mutex<Notes>>,
}

impl Written {
    fn follow(&self, run: &Run, said: &Receiver<Said>, poke: Option<&Sender<RunId>>) {
        let mut outcome = self.home.begin(run);
        // Whoever was killed cannot say so; the next who begins does.
        for killed in self.home.end_killed(run.started).unwrap_or_default() {
            let _ = poke.map(|poke| poke.send(killed));
        }
        while let Ok(first) = said.recv() {
            let written = together(first, said).into_iter().try_for_each(|one| self.write(one));
            // One lost batch is worth a note, and the next may be written again.
            outcome = outcome.and(written);
            let _ = poke.map(|poke| poke.send(self.id.clone()));
        }
        if let Err(error) = outcome {
            let note = format!("the run {} could not be kept whole: {}", self.id, error.with_causes());
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).home = Some(note);
        }
    }

    fn write(&self, said: Said) -> Result<()> {
        match said {
            Said::Batch(batch) => self.home.log(&self.id, &batch),
            Said::File(name, bytes) => self.home.keep(&self.id, &name, &bytes),
            Said::End(status, now) => self.home.end(&self.id, status, now),
        }
    }
}

/// `first` and what has come since, with batches that follow each other as one.
fn together(first: Said, said: &Receiver<Said>) -> Vec<Said> {
    let mut all = vec![first];
    for next in said.try_iter() {
        match (all.last_mut(), next) {
            (Some(Said::Batch(last)), Said::Batch(next)) => last.merge(next),
            (_, next) => all.push(next),
        }
    }
    all
}

/// The thread that sends to a server what is at home.
struct Mirror {
    home: HomeRuns,
    server: Arc<dyn Tracker>,
    notes: Arc<Mutex<Notes>>,
}

impl Mirror {
    fn follow(&self, poked: &Receiver<RunId>) {
        let (mut pause, mut until) = (PAUSES[0], None::<Instant>);
        let mut waiting = BTreeSet::new();
        loop {
            let first = poked.recv();
            let is_open = first.is_ok();
            waiting.extend(first.into_iter().chain(poked.try_iter()));
            // The last attempt is made in any case.
            if is_open && until.is_some_and(|until| Instant::now() < until) {
                continue;
            }
            let mut note = None;
            waiting.retain(|id| self.send(id).inspect_err(|problem| note = Some(problem.clone())).is_err());
            match note {
                None => (until, pause) = (None, PAUSES[0]),
                Some(_) => (until, pause) = (Some(Instant::now() + pause), (2 * pause).min(PAUSES[1])),
            }
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).server = note;
            if !is_open {
                return;
            }
        }
    }

    /// Send a run; what went wrong, in words.
    fn send(&self, id: &RunId) -> Result<(), String> {
        let note =
            |error: Error| format!("the run {id} is at home, and not whole at the server: {}", error.with_causes());
        send(&self.home, &*self.server, id).map(drop).map_err(note)
    }
}

#[cfg(test)]
mod tests;
