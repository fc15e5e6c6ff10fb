//! `Tracker`: runs at home and at a server of MLflow.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use stockops_core::tracking::{Batch, Login, Mlflow, Recorder, Run, RunId, RunStatus};
use stockops_core::{Stockops, Ticker};

use crate::error::raised;
use crate::json;
use crate::words::Word;
use crate::work::{detached, tried};

/// Trainings and other work as runs: what went in, what happened, what came out.
///
/// Runs are kept under the home folder, and sent to a server of MLflow where one is named. Work never waits for the server and never
/// fails because of it: what could not be sent is a warning, and :meth:`sync` sends it later, once.
///
/// Args:
///     home (str | os.PathLike[str] | None): a folder, made when something is kept, the command's among them, or the address of
///         a bucket such as ``"s3://bucket/prefix"``; None keeps all in memory.
///     tracking_uri (str | None): the server, ``http://`` or ``https://``.
///     experiment (str): its experiment, made where there is none.
///     username (str | None): who we are there.
///     password (str | None): with the username; at DagsHub the token.
///     token (str | None): in the place of username and password.
///
/// Raises:
///     ConfigError: `tracking_uri` is no address of a server.
///
/// >>> import stockops
/// >>> tracker = stockops.Tracker()
/// >>> child = stockops.TransferTrainer(n_epochs=2).fit(stockops.load_bars("MSFT"), tracker=tracker)
/// >>> run = tracker.runs()[0]
/// >>> run["name"], run["status"], run["params"]["seed"]
/// ('MSFT freeze', 'finished', '42')
/// >>> [point["step"] for point in tracker.run(run["run_id"])["points"] if point["metric"] == "train_loss"]
/// [1, 2]
#[pyclass(name = "Tracker", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyTracker {
    pub(crate) stockops: Stockops,
    home: Option<PathBuf>,
}

#[pymethods]
impl PyTracker {
    #[new]
    #[pyo3(signature = (
        home = None, *, tracking_uri = None, experiment = "stockops", username = None, password = None, token = None
    ))]
    fn new(
        py: Python<'_>,
        home: Option<PathBuf>,
        tracking_uri: Option<&str>,
        experiment: &str,
        username: Option<String>,
        password: Option<String>,
        token: Option<String>,
    ) -> PyResult<Self> {
        let stockops = tried(py, || {
            let builder = Stockops::builder();
            let builder = if let Some(folder) = &home { builder.home(folder) } else { builder };
            let login = Login { user: username, password, token };
            match tracking_uri {
                Some(uri) => builder.tracker(Mlflow::new(uri, experiment, &login)?).build(),
                None => builder.build(),
            }
        })?;
        Ok(Self { stockops, home })
    }

    /// The latest runs at home.
    ///
    /// Args:
    ///     ticker (str | None): of this ticker alone.
    ///     most (int): how many, at most.
    ///
    /// Returns:
    ///     list[dict[str, Any]]: the latest first, with the last value of each metric.
    #[pyo3(signature = (ticker = None, *, most = 20))]
    fn runs<'py>(&self, py: Python<'py>, ticker: Option<Word<Ticker>>, most: usize) -> PyResult<Bound<'py, PyAny>> {
        let ticker = ticker.map(|ticker| ticker.0.to_string());
        let mut runs = tried(py, || self.stockops.runs(if ticker.is_some() { usize::MAX } else { most }))?;
        runs.retain(|run| ticker.is_none() || run.tags.get("ticker") == ticker.as_ref());
        runs.truncate(most);
        json::value(py, &runs)
    }

    /// One run.
    ///
    /// Args:
    ///     run_id (str): which.
    ///
    /// Returns:
    ///     dict[str, Any]: the run, and all values of its metrics as ``points``. NaN and infinities are the words ``NaN``,
    ///     ``Infinity`` and ``-Infinity``.
    ///
    /// Raises:
    ///     NotFoundError: there is none.
    fn run<'py>(&self, py: Python<'py>, run_id: Word<RunId>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.run(&run_id.0))?)
    }

    /// A file of a run.
    ///
    /// Args:
    ///     run_id (str): which.
    ///     name (str): such as ``"evaluation.json"``.
    ///
    /// Returns:
    ///     bytes: its content.
    ///
    /// Raises:
    ///     NotFoundError: there is none.
    fn artifact<'py>(
        &self,
        py: Python<'py>,
        run_id: Word<RunId>,
        name: &str,
    ) -> PyResult<Bound<'py, pyo3::types::PyBytes>> {
        let bytes = tried(py, || stockops_core::Tracker::artifact(self.stockops.home_runs(), &run_id.0, name))?;
        Ok(pyo3::types::PyBytes::new(py, &bytes))
    }

    /// Send to the server what it does not have of the runs at home.
    ///
    /// Returns:
    ///     dict[str, Any]: ``sent``, ``unchanged``, ``failed`` with kind and message, and how many are ``left``.
    ///
    /// Raises:
    ///     ConfigError: there is no server.
    fn sync<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.sync_runs())?)
    }

    /// Begin a run for work of your own; use it in a ``with``, which ends it.
    ///
    /// Args:
    ///     name (str): for people.
    ///     params (Mapping[str, object] | None): what goes in, as text.
    ///     tags (Mapping[str, object] | None): what is said of it, as text.
    ///
    /// Returns:
    ///     ActiveRun: the run.
    ///
    /// >>> import stockops
    /// >>> tracker = stockops.Tracker()
    /// >>> with tracker.start("my own", params={"depth": 3}) as run:
    /// ...     run.log({"loss": 0.5}, step=1)
    /// >>> tracker.run(run.run_id)["metrics"]
    /// {'loss': 0.5}
    #[pyo3(signature = (name, *, params = None, tags = None))]
    fn start(
        &self,
        name: String,
        params: Option<BTreeMap<String, Bound<'_, PyAny>>>,
        tags: Option<BTreeMap<String, Bound<'_, PyAny>>>,
    ) -> PyResult<PyActiveRun> {
        let now = self.stockops.now();
        let mut run = Run::begun(RunId::new(now), name, now);
        run.params = texts(params)?;
        run.tags = texts(tags)?;
        let (id, stockops) = (run.run_id.clone(), self.stockops.clone());
        Ok(PyActiveRun { recorder: Mutex::new(Some(stockops.record_run(run))), stockops, id })
    }

    fn __repr__(&self) -> String {
        match &self.home {
            Some(home) => format!("Tracker('{}')", home.display()),
            None => "Tracker()".into(),
        }
    }
}

/// A run that goes on. Made by :meth:`Tracker.start`; ``with`` ends it, as failed where an exception passes.
///
/// >>> import stockops
/// >>> tracker = stockops.Tracker()
/// >>> with tracker.start("my own", tags={"ticker": "GOOG"}) as run:
/// ...     for epoch, loss in enumerate([0.5, 0.25], 1):
/// ...         run.log({"loss": loss}, step=epoch)
/// ...     run.keep("notes.txt", b"it went well")
/// >>> found = tracker.runs("GOOG")[0]
/// >>> found["status"], found["metrics"], found["artifacts"]
/// ('finished', {'loss': 0.25}, ['notes.txt'])
#[pyclass(name = "ActiveRun", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyActiveRun {
    recorder: Mutex<Option<Recorder>>,
    stockops: Stockops,
    id: RunId,
}

#[pymethods]
impl PyActiveRun {
    /// str: its name, which no other run has.
    #[getter]
    fn run_id(&self) -> &str {
        self.id.as_str()
    }

    /// Say the values of metrics.
    ///
    /// Args:
    ///     metrics (Mapping[str, float]): by name; NaN and infinities are kept.
    ///     step (int): the epoch, from 1; 0 for what is said of the whole.
    ///
    /// Raises:
    ///     ConfigError: the run has ended.
    #[pyo3(signature = (metrics, *, step = 0))]
    fn log(&self, py: Python<'_>, metrics: BTreeMap<String, f64>, step: u64) -> PyResult<()> {
        let now = self.stockops.now();
        let batch = metrics.iter().fold(Batch::default(), |batch, (name, value)| batch.point(name, *value, step, now));
        self.with(py, |recorder| recorder.log(batch))
    }

    /// Say something of the run; the latest word counts.
    ///
    /// Args:
    ///     name (str): what.
    ///     value (object): as text.
    ///
    /// Raises:
    ///     ConfigError: the run has ended.
    fn tag(&self, py: Python<'_>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let batch = Batch::default().tag(name, value.str()?);
        self.with(py, |recorder| recorder.log(batch))
    }

    /// Keep a file with the run.
    ///
    /// Args:
    ///     name (str): its name: letters, digits and ``. - = _ @``.
    ///     content (bytes): its content.
    ///
    /// Raises:
    ///     ConfigError: the run has ended.
    fn keep(&self, py: Python<'_>, name: &str, content: &[u8]) -> PyResult<()> {
        self.with(py, |recorder| recorder.keep(name, content))
    }

    /// End the run; ``with`` does it by itself.
    ///
    /// Args:
    ///     failed (bool): whether it failed.
    #[pyo3(signature = (*, failed = false))]
    fn finish(&self, py: Python<'_>, failed: bool) -> PyResult<()> {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(recorder) = recorder else { return Ok(()) };
        let status = if failed { RunStatus::Failed } else { RunStatus::Finished };
        let notes = detached(py, || recorder.finish(status, self.stockops.now()));
        warned(py, &notes)
    }

    /// Returns:
    ///     ActiveRun: itself.
    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// End the run; it failed where an exception passes.
    ///
    /// Args:
    ///     exc_type (object): of the exception.
    ///     exc_value (object): the exception.
    ///     traceback (object): where it was.
    fn __exit__(
        &self,
        py: Python<'_>,
        exc_type: &Bound<'_, PyAny>,
        exc_value: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let _ = (exc_value, traceback);
        self.finish(py, !exc_type.is_none())
    }
}

impl PyActiveRun {
    fn with(&self, py: Python<'_>, say: impl FnOnce(&Recorder)) -> PyResult<()> {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(recorder) = recorder.as_ref() else {
            return Err(raised(py, "ConfigError", format!("the run {} has ended; start another", self.id)));
        };
        say(recorder);
        Ok(())
    }
}

/// What is to be said of a run's way, as warnings.
pub(crate) fn warned(py: Python<'_>, notes: &[String]) -> PyResult<()> {
    let category = py.get_type::<PyUserWarning>();
    notes.iter().try_for_each(|note| {
        let text = CString::new(note.replace('\0', " ")).unwrap_or_default();
        PyErr::warn(py, &category, &text, 1)
    })
}

fn texts(words: Option<BTreeMap<String, Bound<'_, PyAny>>>) -> PyResult<BTreeMap<String, String>> {
    words.unwrap_or_default().into_iter().map(|(name, value)| Ok((name, value.str()?.to_string()))).collect()
}
