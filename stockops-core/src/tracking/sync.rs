//! `sync`: runs at home are sent to a server, each thing once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::models::Mirrored;
use super::stored::folder;
use super::{Batch, Run, RunId, RunStatus, Runs, Tracker};
use crate::error::{Error, Result};
use crate::files::sha256_hex;
use crate::storage::{Key, Storage, json};

/// What became of an attempt to send runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Synced {
    /// Where they were sent to.
    pub server: String,
    /// Runs of which something was sent, oldest first.
    pub sent: Vec<RunId>,
    /// Runs that the server has already, or that another process sends at this moment.
    pub unchanged: usize,
    /// Runs that could not be sent, or not whole.
    pub failed: Vec<Unsent>,
    /// Runs that were not tried, because the server as a whole cannot be used.
    pub left: usize,
    /// What became of the versions that they made, where the server has a registry and was asked to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Mirrored>,
}

/// A run that could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unsent {
    /// Which.
    pub run_id: RunId,
    /// The word of [`Error::kind`].
    pub kind: String,
    /// Why.
    pub message: String,
}

/// What a server has of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// Names of batches.
    batches: BTreeSet<String>,
    /// Names of files.
    artifacts: BTreeSet<String>,
    /// Whether it knows that the run has ended, which is the last thing but files.
    ended: bool,
    /// Whether all is there, and nothing will follow.
    whole: bool,
}

/// Send to `server` what it does not have of the runs at `home`, oldest first.
///
/// What was sent is written down at home, and a server recognises what it gets again, so nothing is there twice, whenever the
/// sending stops. Where the server as a whole refuses, the rest is left for the next time.
///
/// # Errors
///
/// Those of the storage at home. What the server refuses stands in [`Synced::failed`].
///
/// # Example
///
/// ```
/// use stockops_core::tracking::{MemoryTracker, Run, RunId, Tracker, sync};
///
/// let (home, server) = (MemoryTracker::new(), MemoryTracker::new());
/// let now = "2024-05-01T12:00:00Z".parse().unwrap();
/// let run = Run::begun(RunId::new(now), "GOOG freeze", now);
/// home.begin(&run)?;
/// assert_eq!(sync(&home, &server)?.sent, [run.run_id.clone()]);
/// assert_eq!(server.run(&run.run_id)?, run);
/// assert_eq!(sync(&home, &server)?.unchanged, 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn sync<S: Storage>(home: &Runs<S>, server: &dyn Tracker) -> Result<Synced> {
    let mut done = Synced { server: server.place(), ..Synced::default() };
    let mut ids = home.ids()?;
    ids.reverse();
    for (i, id) in ids.iter().enumerate() {
        match send(home, server, id) {
            Ok(true) => done.sent.push(id.clone()),
            Ok(false) => done.unchanged += 1,
            Err(error) => {
                let is_over = matches!(&error, Error::Tracker { refusal, .. } if refusal.is_of_server());
                done.failed.push(Unsent { run_id: id.clone(), kind: error.kind().into(), message: error.to_string() });
                if is_over {
                    done.left = ids.len() - i - 1;
                    break;
                }
            }
        }
    }
    Ok(done)
}

/// Send what `server` does not have of one run; whether there was anything.
pub(super) fn send<S: Storage>(home: &Runs<S>, server: &dyn Tracker, id: &RunId) -> Result<bool> {
    let key = sent_key(server, id)?;
    if sent(home, &key)?.is_some_and(|sent| sent.whole) {
        return Ok(false);
    }
    // Two who send at once would do the same twice; where the other is faster, nothing is left to do.
    let Some(_lock) = home.storage().lock(&folder(id)?.join("sync.lock")?)? else { return Ok(false) };
    let known = sent(home, &key)?;
    let run = match home.run(id) {
        Ok(run) => run,
        // A process that ended before it wrote the run has left a folder.
        Err(Error::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let (is_new, mut now) = (known.is_none(), known.unwrap_or_default());
    let before = now.clone();
    let sending = Sending { home, server, run: &run };
    let outcome = sending.all(is_new, &mut now);
    // What came through is remembered also where something else did not.
    if is_new && outcome.is_ok() || now != before {
        home.storage().put(&key, &json::write(&home.storage().place(&key), &now)?)?;
    }
    outcome.map(|()| is_new || now != before)
}

/// Whether the bundle of a run is at `server`.
pub(super) fn has_bundle<S: Storage>(home: &Runs<S>, server: &dyn Tracker, id: &RunId) -> Result<bool> {
    Ok(sent(home, &sent_key(server, id)?)?.is_some_and(|sent| sent.artifacts.contains("bundle.safetensors")))
}

/// Where it is written down what `server` has of a run.
fn sent_key(server: &dyn Tracker, id: &RunId) -> Result<Key> {
    folder(id)?.join(format_args!("sent-{}.json", &sha256_hex(server.place().as_bytes())[..12]))
}

fn sent<S: Storage>(home: &Runs<S>, key: &Key) -> Result<Option<Sent>> {
    let bytes = home.storage().get(key)?;
    bytes.map(|bytes| json::read(&home.storage().place(key), &bytes)).transpose()
}

/// A run on its way to a server.
struct Sending<'a, S> {
    home: &'a Runs<S>,
    server: &'a dyn Tracker,
    run: &'a Run,
}

impl<S: Storage> Sending<'_, S> {
    /// Send what `now` says is not there, and let it say what is.
    fn all(&self, is_new: bool, now: &mut Sent) -> Result<()> {
        let (id, written) = (&self.run.run_id, self.home.written(&self.run.run_id)?);
        if is_new {
            let (status, metrics, artifacts) = (RunStatus::Running, Default::default(), Vec::new());
            self.server.begin(&Run { status, ended: None, metrics, artifacts, ..written })?;
        }
        let mut batch = Batch::default();
        let mut names = BTreeSet::new();
        for (name, one) in self.home.batches(id)? {
            if !now.batches.contains(&name) {
                batch.merge(one);
                names.insert(name);
            }
        }
        if !batch.is_empty() {
            self.server.log(id, &batch)?;
            now.batches.extend(names);
        }
        if let (false, Some(ended)) = (now.ended, self.run.ended) {
            self.server.end(id, self.run.status, ended)?;
            now.ended = true;
        }
        for name in &self.run.artifacts {
            if !now.artifacts.contains(name) {
                self.server.keep(id, name, &self.home.artifact(id, name)?)?;
                now.artifacts.insert(name.clone());
            }
        }
        now.whole = now.ended;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
