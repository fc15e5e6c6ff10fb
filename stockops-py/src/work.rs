//! Work without the GIL: short work at once, long work watched, with progress and Ctrl-C.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use stockops_core::Result;
use stockops_core::training::{CancelFlag, Watch};

use crate::error::to_py;
use crate::progress::Progress;

/// How long a Ctrl-C may go unseen.
const TICK: Duration = Duration::from_millis(50);

/// The process that imported the module.
static HOME: OnceLock<u32> = OnceLock::new();

/// Remember which process this is.
pub(crate) fn begin() {
    HOME.get_or_init(std::process::id);
}

/// Run `work` without the GIL.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(|| on_own_threads(work))
}

/// [`detached`] for work that may fail.
pub(crate) fn tried<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    detached(py, work).map_err(to_py)
}

/// [`interruptible`] work whose error is raised.
pub(crate) fn watched<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&mut Watch<'_>) -> Result<T> + Send,
) -> PyResult<T> {
    interruptible(py, progress, work)?.map_err(to_py)
}

/// Run long `work` on a thread of its own, while this one passes events to `progress` and looks for Ctrl-C.
///
/// An exception of `progress`, or Ctrl-C, stops the work within a batch and is raised; then nothing was written.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&mut Watch<'_>) -> T + Send,
) -> PyResult<T> {
    let listener = listener(py, progress)?;
    let cancel = CancelFlag::default();
    let told = listener.is_some();
    let (sender, mut events) = mpsc::channel();
    let flag = cancel.clone();
    let worker = move || {
        let tell = move |event: stockops_core::training::Event<'_>| {
            if told {
                // The other end lives until this one is gone.
                let _ = sender.send(Progress::of(event));
            }
        };
        on_own_threads(|| work(&mut Watch::new(tell).with_cancel(flag)))
    };
    let mut raised = None;
    let done = std::thread::scope(|scope| {
        let worker = scope.spawn(worker);
        loop {
            let got;
            (events, got) = py.detach(move || {
                let got = events.recv_timeout(TICK);
                (events, got)
            });
            let heard = match got {
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => Ok(()),
                Ok(_) if raised.is_some() => Ok(()),
                Ok(event) => listener.as_ref().map_or(Ok(()), |listener| listener.call1((event,)).map(|_| ())),
            };
            if let Err(error) = heard.and_then(|()| py.check_signals()) {
                cancel.cancel();
                raised.get_or_insert(error);
            }
        }
        py.detach(|| worker.join())
    });
    if let Some(close) = listener.as_ref().and_then(|listener| listener.getattr("close").ok()) {
        close.call0()?;
    }
    match (raised, done) {
        (_, Err(panic)) => std::panic::resume_unwind(panic),
        (Some(error), _) => Err(error),
        (None, Ok(result)) => Ok(result),
    }
}

/// What events go to: nothing, a bar, or the caller's own function.
fn listener<'py>(py: Python<'py>, progress: Option<&Bound<'py, PyAny>>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(progress) = progress else { return Ok(None) };
    let found = py.import("stockops._progress")?.getattr("listener")?.call1((progress,))?;
    Ok((!found.is_none()).then_some(found))
}

/// A forked child has none of its parent's threads, and would wait for its parent's pool for ever: it gets one of its own.
fn on_own_threads<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match forked_pool() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

fn forked_pool() -> Option<&'static ThreadPool> {
    static POOL: Mutex<Option<(u32, &'static ThreadPool)>> = Mutex::new(None);
    let process = std::process::id();
    if HOME.get().is_none_or(|home| *home == process) {
        return None;
    }
    let mut held = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match *held {
        Some((owner, pool)) if owner == process => Some(pool),
        _ => {
            // Never dropped: a grandchild could not join its threads.
            let pool: &'static ThreadPool = Box::leak(Box::new(ThreadPoolBuilder::new().build().ok()?));
            *held = Some((process, pool));
            Some(pool)
        }
    }
}
