//! `Keeper`: the progress of a run that its nodes share, written down when it must not be lost.

use std::sync::{Arc, Mutex, PoisonError};

use super::checkpoints::Thread;
use super::progress::Progress;
use crate::error::{Error, Fault, Result};

/// The progress of a run, and the thread that it is kept in.
#[derive(Debug)]
pub(crate) struct Keeper {
    graph: String,
    progress: Mutex<Progress>,
    thread: Option<Thread>,
    /// Held while one writes, so that what was written last is newest.
    writing: Mutex<()>,
}

impl Keeper {
    pub(crate) fn new(graph: &str, progress: Progress, thread: Option<Thread>) -> Self {
        Self { graph: graph.into(), progress: Mutex::new(progress), thread, writing: Mutex::new(()) }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.thread.is_some()
    }

    /// Look at the progress or change it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Progress) -> R) -> R {
        act(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Write the progress down, off the threads that nodes run on. When it returns all that was so before is kept.
    pub(crate) async fn save(self: &Arc<Self>) -> Result<()> {
        if self.is_kept() {
            let keeper = Arc::clone(self);
            off_thread(&self.graph, move || keeper.write()).await?;
        }
        Ok(())
    }

    fn write(&self) -> Result<()> {
        let _only = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = self.with(|progress| progress.clone());
        self.thread.as_ref().map_or(Ok(()), |thread| thread.keep(&progress))
    }
}

/// Do what blocks on a thread where it may.
pub(crate) async fn off_thread<T: Send + 'static>(
    graph: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is going down.
        Err(_) => Err(Error::Graph { graph: graph.into(), fault: Fault::Stopped }),
    }
}
