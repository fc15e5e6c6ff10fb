//! `_GraphRun`: a run on a thread of its own, which goes on while somebody asks for its next event or its end.

use std::sync::Arc;

use pyo3::prelude::*;
use serde_json::{Value, json};
use stockops_core::error::Fault;
use stockops_core::graph::{CancellationToken, Launch, Object, Outcome, Run};
use tokio::runtime::Builder;
use tokio::sync::{Mutex, RwLock};

use super::failure::fault_to_py;
use super::host::Host;
use crate::error::to_py;

/// A run; see ``stockops.GraphRun``.
#[pyclass(name = "_GraphRun", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyGraphRun {
    thread: String,
    run: Arc<Mutex<Option<Run<Object>>>>,
    host: Arc<Host>,
    stop: CancellationToken,
}

impl PyGraphRun {
    /// Nothing happens before somebody asks.
    pub(crate) fn begin(launch: Launch<Object>, object: Py<PyAny>) -> PyResult<Self> {
        let stop = CancellationToken::new();
        let run = launch.cancel_on(&stop).run();
        let thread = run.thread().to_string();
        let run = Arc::new(Mutex::new(Some(run)));
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let (calls, closed) = (Arc::new(RwLock::new(())), CancellationToken::new());
        let host = Arc::new(Host { object, handle: runtime.handle().clone(), calls, closed });
        let (driven, calls, closed) = (Arc::clone(&run), Arc::clone(&host.calls), host.closed.clone());
        let drive = move || {
            runtime.block_on(async {
                closed.cancelled().await;
                // To drop the run drops its nodes; then everybody who waits in one is answered.
                drop(driven.lock().await.take());
                drop(calls.write().await);
            });
            // A checkpoint that is being written is written to its end, and holds the thread as long.
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("stockops-graph".into()).spawn(drive)?;
        Ok(Self { thread, run, host, stop })
    }
}

#[pymethods]
impl PyGraphRun {
    /// str: its thread.
    #[getter]
    fn thread(&self) -> &str {
        &self.thread
    }

    /// The next event.
    ///
    /// Args:
    ///     post (Callable[[str, Any], object]): hears ``value`` with the event or None.
    fn next(&self, post: Py<PyAny>) -> PyResult<()> {
        let run = Arc::clone(&self.run);
        self.host.call(Arc::new(post), async move {
            let mut run = run.lock().await;
            let event = match &mut *run {
                Some(run) => run.next_event().await,
                None => None,
            };
            Ok(serde_json::to_value(event).unwrap_or_default())
        })
    }

    /// How it ends.
    ///
    /// Args:
    ///     post (Callable[[str, Any], object]): hears ``value`` with ``state`` or ``questions``, or ``error``.
    fn outcome(&self, post: Py<PyAny>) -> PyResult<()> {
        let run = Arc::clone(&self.run);
        self.host.call(Arc::new(post), async move {
            let run = run.lock().await.take();
            let run = run.ok_or_else(|| fault_to_py(&Fault::Stopped))?;
            match run.finish().await.map_err(to_py)? {
                Outcome::Done(state) => Ok(json!({ "state": state })),
                Outcome::Waiting(questions) => Ok::<Value, Option<PyErr>>(json!({ "questions": questions })),
            }
        })
    }

    /// Stop it where it is.
    fn cancel(&self) {
        self.stop.cancel();
    }

    /// Stop it and let go of all that it holds.
    fn close(&self) {
        self.stop.cancel();
        self.host.closed.cancel();
    }
}

impl Drop for PyGraphRun {
    fn drop(&mut self) {
        self.close();
    }
}
