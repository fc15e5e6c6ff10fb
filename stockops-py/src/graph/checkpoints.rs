//! `Checkpoints`: where threads of graphs are kept.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::json;
use stockops_core::graph::Checkpoints;
use stockops_core::storage::{self, Key};

use super::values::from_value;
use crate::work::tried;

/// Where threads of graphs are kept: in a folder, or in memory as long as the program runs.
///
/// After each step a checkpoint is written; of each thread the last three stay. Rust and Python keep threads alike. One run at a
/// time has a thread, whatever process it is in.
///
/// Args:
///     home (str | os.PathLike[str] | None): a folder, made when something is kept, or the address of a bucket such as
///         ``"s3://bucket/prefix"``; None keeps all in memory.
///     folder (str): the folder in it that holds the threads.
///
/// >>> import stockops
/// >>> store = stockops.Checkpoints()
/// >>> graph = stockops.AgentGraph.builder("one", 1, {"n": "sum"}).node("add", lambda state, context: {"n": 1}, writes=["n"])
/// >>> graph = graph.edge("start", "add").edge("add", "end").build()
/// >>> graph.start(thread="t1", store=store).finish().state
/// {'n': 1}
/// >>> store.threads(), store.look("t1")["at"]
/// (['t1'], ['end'])
#[pyclass(name = "Checkpoints", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyCheckpoints(pub(crate) Checkpoints, Option<PathBuf>);

#[pymethods]
impl PyCheckpoints {
    #[new]
    #[pyo3(signature = (home = None, folder = "threads"))]
    fn new(py: Python<'_>, home: Option<PathBuf>, folder: &str) -> PyResult<Self> {
        let kept = tried(py, || match &home {
            Some(home) => Ok(Checkpoints::on(storage::open(home)?, Key::new(folder)?)),
            None => Ok(Checkpoints::memory()),
        })?;
        Ok(Self(kept, home))
    }

    /// Names of the threads that are kept.
    ///
    /// Returns:
    ///     list[str]: in order.
    fn threads(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        tried(py, || self.0.threads())
    }

    /// A thread as it was last kept.
    ///
    /// Args:
    ///     thread (str): its name.
    ///
    /// Returns:
    ///     dict[str, Any] | None: ``graph``, ``version``, ``at`` (the nodes that it is at, ``end`` alone where it is done),
    ///     ``questions`` that are open, ``steps`` and ``tokens``; None where there is no such thread.
    ///
    /// Raises:
    ///     StorageError: it cannot be read, which is never taken for absence.
    fn look<'py>(&self, py: Python<'py>, thread: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(info) = tried(py, || self.0.look(thread))? else { return Ok(None) };
        let shown = json!({
            "graph": info.graph, "version": info.version, "at": info.at, "questions": info.questions,
            "steps": info.steps, "tokens": info.tokens,
        });
        from_value(py, &shown).map(Some)
    }

    /// Remove a thread; where there is none nothing happens.
    ///
    /// Args:
    ///     thread (str): its name.
    ///
    /// Raises:
    ///     BusyError: a run has it.
    fn forget(&self, py: Python<'_>, thread: &str) -> PyResult<()> {
        tried(py, || self.0.forget(thread))
    }

    fn __repr__(&self) -> String {
        match &self.1 {
            Some(home) => format!("Checkpoints('{}')", home.display()),
            None => "Checkpoints()".into(),
        }
    }
}
