//! `Checkpoints`: where threads are kept, and the one run that may write a thread.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::Question;
use super::identity::Identity;
use super::progress::Progress;
use crate::error::{Error, Fault, Result, check};
use crate::storage::{Key, Lock, MemoryStorage, Sequence, Storage, unique_word};
use std::sync::Arc;

/// Where threads are kept: a folder of a [`Storage`]. Of each thread the last three checkpoints stay.
///
/// ```text
/// <folder>/<thread>/checkpoints/0000000007.json   the newest is what a resumed run goes on from
/// <folder>/<thread>/lease                          held by the run that writes the thread
/// ```
///
/// # Example
///
/// ```
/// use stockops_core::graph::Checkpoints;
/// use stockops_core::storage::{DirectoryStorage, Key};
///
/// let home = tempfile::tempdir().unwrap();
/// let checkpoints = Checkpoints::on(DirectoryStorage::open(home.path())?, Key::new("reports")?);
/// assert!(checkpoints.threads()?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Checkpoints {
    storage: Arc<dyn Storage>,
    folder: Key,
}

/// A thread, as it was last kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// The graph that kept it.
    pub graph: String,
    /// The version of that graph.
    pub version: u32,
    /// Nodes that its branches are at; `end` alone where it is done.
    pub at: Vec<String>,
    /// What it asks.
    pub questions: Vec<Question>,
    /// Turns that nodes have begun.
    pub steps: u64,
    /// Tokens that were spent or are reserved.
    pub tokens: u64,
}

/// One checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    identity: Identity,
    /// The run that wrote it.
    writer: String,
    progress: Progress,
}

/// The right to write a thread: one run has it. It is given back when the run is gone and its last write is done, so
/// that an effect that was noted by a run that was dropped is never missed by the next.
pub(crate) struct Thread {
    storage: Arc<dyn Storage>,
    states: Key,
    name: String,
    identity: Identity,
    writer: String,
    _lease: Lock,
}

impl Checkpoints {
    /// Threads in `folder` of a storage.
    pub fn on(storage: impl Storage + 'static, folder: Key) -> Self {
        Self { storage: Arc::new(storage), folder }
    }

    /// Threads in memory, gone with the last clone.
    pub fn memory() -> Self {
        // One part without anything that a key must not have.
        Self::on(MemoryStorage::new(), Key::new("threads").expect("a word is a key"))
    }

    /// Names of the threads that are kept.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn threads(&self) -> Result<Vec<String>> {
        let mut kept = Vec::new();
        for name in self.storage.list(&self.folder)? {
            // Of a thread that was forgotten the lease is left.
            if !self.storage.list(&self.states(&name)?)?.is_empty() {
                kept.push(name);
            }
        }
        Ok(kept)
    }

    /// A thread as it was last kept; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where it is broken; those of the storage.
    pub fn look(&self, thread: &str) -> Result<Option<ThreadInfo>> {
        let kept = Sequence::<Kept>::new(&*self.storage, self.states(thread)?).newest()?;
        Ok(kept.map(|kept| ThreadInfo {
            graph: kept.identity.graph,
            version: kept.identity.version,
            at: kept.progress.places(),
            questions: kept.progress.questions(),
            steps: kept.progress.begun,
            tokens: kept.progress.spent,
        }))
    }

    /// Remove a thread; where there is none nothing happens.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where a run has it; those of the storage.
    pub fn forget(&self, thread: &str) -> Result<()> {
        let _lease = self.lease("thread", thread)?;
        let states = self.states(thread)?;
        for name in self.storage.list(&states)? {
            self.storage.remove(&states.join(name)?)?;
        }
        Ok(())
    }

    /// Begin the thread `name`; [`Fault::Exists`] where it is there.
    pub(crate) fn begin(&self, name: &str, identity: Identity, progress: &Progress) -> Result<Thread> {
        let thread = self.thread(name, identity)?;
        thread.sequence().change(|there| match there {
            // The own one, where the answer of the storage was lost.
            Some(there) if there.writer != thread.writer => {
                Err(Fault::Exists { thread: name.into() }.of(&thread.identity.graph))
            }
            _ => Ok((Some(thread.kept(progress)), ())),
        })?;
        Ok(thread)
    }

    /// Go on with the thread `name` with answers by id; it is the same graph's, or a [`Fault::Mismatch`].
    pub(crate) fn resume(
        &self,
        name: &str,
        identity: Identity,
        answers: &BTreeMap<String, Value>,
    ) -> Result<(Thread, Progress)> {
        let thread = self.thread(name, identity)?;
        let graph = &thread.identity.graph;
        let progress = thread.sequence().change(|there| {
            let hint = || format!("start it with the graph `{graph}`, or look at the name and the store");
            let there = there.ok_or_else(|| Error::NotFound { kind: "thread", name: name.into(), hint: hint() })?;
            there.identity.fits(&thread.identity, name).map_err(|fault| fault.of(graph))?;
            let mut progress = there.progress;
            for (id, answer) in answers {
                progress.answer(id, answer.clone()).map_err(|fault| fault.of(graph))?;
            }
            Ok((Some(thread.kept(&progress)), progress))
        })?;
        Ok((thread, progress))
    }

    fn thread(&self, name: &str, identity: Identity) -> Result<Thread> {
        let lease = self.lease(&format!("thread of graph `{}`", identity.graph), name)?;
        let (storage, states) = (Arc::clone(&self.storage), self.states(name)?);
        Ok(Thread { storage, states, name: name.into(), identity, writer: unique_word(), _lease: lease })
    }

    fn lease(&self, what: &str, thread: &str) -> Result<Lock> {
        check(Key::is_part(thread), "thread", "1 to 150 letters, digits and ^ . - = _ @ &, the first no dot", thread)?;
        let key = self.folder.join(thread)?.join("lease")?;
        let busy = || Error::Busy { what: format!("{what} `{thread}`"), path: self.storage.place(&key) };
        self.storage.lock(&key)?.ok_or_else(busy)
    }

    fn states(&self, thread: &str) -> Result<Key> {
        self.folder.join(thread)?.join("checkpoints")
    }
}

impl Thread {
    /// Keep how far the run has come; [`Error::Busy`] where another run has taken the thread over, whose word is then
    /// the last.
    pub(crate) fn keep(&self, progress: &Progress) -> Result<()> {
        self.sequence().change(|there| match there {
            Some(there) if there.writer == self.writer => Ok((Some(self.kept(progress)), ())),
            _ => {
                let what = format!("thread of graph `{}` `{}`", self.identity.graph, self.name);
                Err(Error::Busy { what, path: self.storage.place(&self.states) })
            }
        })
    }

    fn sequence(&self) -> Sequence<'_, Kept> {
        Sequence::new(&*self.storage, self.states.clone())
    }

    fn kept(&self, progress: &Progress) -> Kept {
        let (identity, writer) = (self.identity.clone(), self.writer.clone());
        Kept { identity, writer, progress: progress.clone() }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ThreadInfo {
    /// Whether it is at its end.
    pub fn is_done(&self) -> bool {
        self.at.iter().all(|node| node == super::shape::END)
    }
}
