//! `Runs`: runs as objects in a storage, whichever it is.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::{Batch, Point, Run, RunId, RunStatus, Tracker};
use crate::error::{Error, Result};
use crate::storage::{DirectoryStorage, Key, Lock, Log, MemoryStorage, Storage, json};

/// Runs in a storage, shared by all who open it.
///
/// ```text
/// runs/20240501-120000-3f9a1c2e07b1/run.json        the run: as it began, and then as it ended
/// runs/20240501-120000-3f9a1c2e07b1/log/            what happened, one JSON object a batch; at its end bound to lines: a log
/// runs/20240501-120000-3f9a1c2e07b1/artifacts/      its files
/// runs/20240501-120000-3f9a1c2e07b1/alive.lock      held by the process that it runs in
/// running/20240501-120000-3f9a1c2e07b1.json         which runs have not ended
/// ```
///
/// # Example
///
/// ```
/// use stockops_core::storage::MemoryStorage;
/// use stockops_core::tracking::{Runs, Tracker};
///
/// assert!(Runs::on(MemoryStorage::new()).ids()?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Runs<S> {
    storage: S,
    /// The rights to the runs that began here.
    alive: Arc<Mutex<HashMap<RunId, Lock>>>,
}

/// Runs in memory, none at first and gone with the last clone.
///
/// # Example
///
/// ```
/// use stockops_core::tracking::{MemoryTracker, Tracker};
///
/// assert!(MemoryTracker::new().ids()?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type MemoryTracker = Runs<MemoryStorage>;

/// Runs below `runs` in a directory, shared by all processes that open it; see [`Runs`] for its files.
///
/// # Example
///
/// ```
/// use stockops_core::tracking::{DirectoryTracker, Tracker};
///
/// let home = tempfile::tempdir().unwrap();
/// assert!(DirectoryTracker::open(home.path()).ids()?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub type DirectoryTracker = Runs<DirectoryStorage>;

impl MemoryTracker {
    /// Without runs.
    pub fn new() -> Self {
        Self::default()
    }
}

impl DirectoryTracker {
    /// The runs under `home`, which need not exist: the first run makes it.
    pub fn open(home: impl AsRef<Path>) -> Self {
        Self::on(DirectoryStorage::at(home))
    }
}

impl<S: Storage> Runs<S> {
    /// The runs in `storage`, below the folder `runs`.
    pub fn on(storage: S) -> Self {
        Self { storage, alive: Arc::default() }
    }

    /// Where they are kept.
    pub(crate) fn storage(&self) -> &S {
        &self.storage
    }

    fn log_of(&self, id: &RunId) -> Result<Log<'_, Batch>> {
        Ok(Log::new(&self.storage, folder(id)?.join("log")?))
    }

    /// What was logged, by names that stay the same.
    pub(super) fn batches(&self, id: &RunId) -> Result<BTreeMap<String, Batch>> {
        self.log_of(id)?.entries()
    }

    /// The run as it was written last: at its beginning or its end.
    pub(super) fn written(&self, id: &RunId) -> Result<Run> {
        let key = folder(id)?.join("run.json")?;
        let bytes = self.storage.get(&key)?.ok_or_else(|| unknown("run", id.as_str()))?;
        json::read(&self.storage.place(&key), &bytes)
    }

    fn write(&self, run: &Run) -> Result<()> {
        let key = folder(&run.run_id)?.join("run.json")?;
        self.storage.put(&key, &json::write(&self.storage.place(&key), run)?)
    }

    /// Take or give back the right to a run.
    fn hold(&self, id: &RunId, lock: Option<Lock>) {
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        match lock {
            Some(lock) => drop(alive.insert(id.clone(), lock)),
            None => drop(alive.remove(id)),
        }
    }

    fn is_held_here(&self, id: &RunId) -> bool {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// End the run of `marker` if its process is gone.
    fn end_if_killed(&self, id: &RunId, now: DateTime<Utc>) -> Result<bool> {
        if self.is_held_here(id) {
            return Ok(false);
        }
        let Some(_lock) = self.storage.lock(&alive(id)?)? else { return Ok(false) };
        let is_running = match self.written(id) {
            Ok(run) => run.status == RunStatus::Running,
            // It was marked, and its process ended before it was written.
            Err(Error::NotFound { .. }) => false,
            Err(error) => return Err(error),
        };
        if is_running {
            let why = "its process ended before it did";
            self.log(id, &Batch::default().tag("status", RunStatus::Killed).tag("error", why))?;
            self.end(id, RunStatus::Killed, now)?;
        } else {
            self.storage.remove(&marker(id)?)?;
        }
        Ok(is_running)
    }
}

impl<S: Storage> Tracker for Runs<S> {
    fn place(&self) -> String {
        Key::new("runs").map_or_else(|_| String::new(), |key| self.storage.place(&key).display().to_string())
    }

    fn begin(&self, run: &Run) -> Result<()> {
        let id = &run.run_id;
        if self.storage.get(&folder(id)?.join("run.json")?)?.is_some() {
            return Ok(());
        }
        // The right comes first: who finds the mark and gets the right knows that the process is gone.
        self.hold(id, self.storage.lock(&alive(id)?)?);
        let marker = marker(id)?;
        self.storage.put(&marker, &json::write(&self.storage.place(&marker), &serde_json::Map::new())?)?;
        self.write(run)
    }

    fn log(&self, id: &RunId, batch: &Batch) -> Result<()> {
        self.written(id)?;
        let first = batch.points.first().map_or(0, |point| point.time);
        let stem = format!("{first:013}");
        self.log_of(id)?.add(&stem, batch, |earlier| Ok(!earlier.values().any(|one| one == batch)))?;
        Ok(())
    }

    fn keep(&self, id: &RunId, name: &str, bytes: &[u8]) -> Result<()> {
        self.written(id)?;
        self.storage.put(&folder(id)?.join("artifacts")?.join(name)?, bytes)
    }

    fn end(&self, id: &RunId, status: RunStatus, now: DateTime<Utc>) -> Result<()> {
        if self.written(id)?.status == RunStatus::Running {
            self.write(&Run { status, ended: Some(now), ..self.run(id)? })?;
            let log = self.log_of(id)?;
            log.bind(log.unbound()?, &[])?;
        }
        self.storage.remove(&marker(id)?)?;
        self.hold(id, None);
        Ok(())
    }

    fn run(&self, id: &RunId) -> Result<Run> {
        let mut run = self.written(id)?;
        if run.status == RunStatus::Running {
            self.batches(id)?.values().for_each(|batch| run.take(batch));
        }
        run.artifacts = self.storage.list(&folder(id)?.join("artifacts")?)?;
        Ok(run)
    }

    fn points(&self, id: &RunId) -> Result<Vec<Point>> {
        self.written(id)?;
        let mut points: Vec<Point> = Vec::new();
        for batch in self.batches(id)?.into_values() {
            points.extend(batch.points);
        }
        points.sort_by_key(|point| (point.step, point.time));
        Ok(points)
    }

    fn artifact(&self, id: &RunId, name: &str) -> Result<Vec<u8>> {
        let key = folder(id)?.join("artifacts")?.join(name)?;
        self.storage.get(&key)?.ok_or_else(|| unknown("artifact", &format!("{id}/{name}")))
    }

    fn ids(&self) -> Result<Vec<RunId>> {
        let names = self.storage.list(&Key::new("runs")?)?;
        let mut ids: Vec<RunId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }

    fn end_killed(&self, now: DateTime<Utc>) -> Result<Vec<RunId>> {
        let mut killed = Vec::new();
        for name in self.storage.list(&Key::new("running")?)? {
            let Some(id) = name.strip_suffix(".json").and_then(|name| name.parse::<RunId>().ok()) else { continue };
            if self.end_if_killed(&id, now)? {
                killed.push(id);
            }
        }
        Ok(killed)
    }
}

/// The folder of a run.
pub(super) fn folder(id: &RunId) -> Result<Key> {
    Key::new(&format!("runs/{id}"))
}

fn alive(id: &RunId) -> Result<Key> {
    folder(id)?.join("alive.lock")
}

fn marker(id: &RunId) -> Result<Key> {
    Key::new(&format!("running/{id}.json"))
}

/// What is not there.
pub(super) fn unknown(kind: &'static str, name: &str) -> Error {
    Error::NotFound { kind, name: name.to_owned(), hint: "look at the list of runs".into() }
}

#[cfg(test)]
mod tests;
