//! `Host`: the Python side of one run, which calls the functions of the graph.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use serde_json::Value;
use stockops_core::error::Fault;
use stockops_core::graph::{CancellationToken, Context, Failure, Hopeless, NodeResult, Object};
use tokio::runtime::Handle;
use tokio::sync::{RwLock, oneshot};

use super::context::{Attempt, PyNodeContext};
use super::failure::Raised;
use super::values::{from_object, from_value, to_value};

/// What all of a run shares: the Python object that calls functions, and the runtime that the run goes on.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) object: Py<PyAny>,
    pub(crate) handle: Handle,
    /// Read by every call that somebody in Python waits for; written when the run is over and all of them are answered.
    pub(crate) calls: Arc<RwLock<()>>,
    pub(crate) closed: CancellationToken,
}

tokio::task_local! {
    /// The host of the run that is under way on this task.
    pub(crate) static HOST: Arc<Host>;
}

impl Host {
    /// Do `work` on the run's thread and tell `post` what came of it, as `value`, `error` or `over`.
    ///
    /// Fails where the run is over. It is taken care that nobody waits for an answer that does not come.
    pub(crate) fn call<T, W>(self: &Arc<Self>, post: Arc<Py<PyAny>>, work: W) -> PyResult<()>
    where
        T: for<'py> IntoAnswer<'py> + Send + 'static,
        W: Future<Output = Result<T, Option<PyErr>>> + Send + 'static,
    {
        let over = || super::failure::fault_to_py(&Fault::Stopped);
        let guard = Arc::clone(&self.calls).try_read_owned().map_err(|_| over())?;
        if self.closed.is_cancelled() {
            return Err(over());
        }
        let work = HOST.scope(Arc::clone(self), work);
        self.handle.spawn(async move {
            let answer = work.await;
            // Whoever asked may be gone with his event loop.
            let _ = Python::try_attach(|py| match answer.map(|answer| answer.into_answer(py)) {
                Ok(Ok(value)) => post.call1(py, ("value", value)),
                Ok(Err(error)) | Err(Some(error)) => post.call1(py, ("error", error)),
                Err(None) => post.call1(py, ("over", py.None())),
            });
            drop(guard);
        });
        Ok(())
    }
}

/// What an answer is in Python.
pub(crate) trait IntoAnswer<'py> {
    fn into_answer(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

impl<'py> IntoAnswer<'py> for Value {
    fn into_answer(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_value(py, &self)
    }
}

/// One attempt of the node of that number. Dropped before the end it tells its task to stop.
pub(crate) async fn acted(number: usize, state: Object, context: Context) -> NodeResult<Object> {
    let host = HOST.with(Arc::clone);
    let (done, ended) = Done::new(format!("the update of `{}`", context.node()));
    let attempt = Held(Arc::new(Attempt::new(Arc::clone(&host), context.clone())));
    let given = PyNodeContext::new(Arc::clone(&attempt.0), &context);
    let begin = |py: Python<'_>| host.object.call_method1(py, "begin", (number, from_object(py, &state)?, given, done));
    let mut task = Task(Some(Python::attach(begin).map_err(Raised)?));
    let update = ended.await;
    task.0 = None;
    match update.unwrap_or_else(|_| Err(lost()))? {
        Value::Object(update) => Ok(update),
        Value::Null => Ok(Object::new()),
        got => {
            let problem = format!("it must be a dict of fields or None, got {got}");
            Err(Fault::Value { what: "the update".into(), problem }.into())
        }
    }
}

/// What an attempt holds, as long as it lasts.
struct Held(Arc<Attempt>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A task of Python that is told to stop when it is dropped; empty once it has ended.
struct Task(Option<Py<PyAny>>);

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            // A loop that is closed has stopped its tasks.
            let _ = Python::try_attach(|py| stop.call0(py));
        }
    }
}

/// What the choice of that number chooses. A function that fails would fail again.
pub(crate) fn chosen(number: usize, state: &Object) -> NodeResult<Vec<String>> {
    let choose = |py: Python<'_>, host: &Py<PyAny>| {
        host.call_method1(py, "choose", (number, from_object(py, state)?))?.extract(py)
    };
    Ok(called(choose).map_err(|error| Hopeless(Raised(error).into()))?)
}

/// What the reducer of that number makes of `value` and `update`.
pub(crate) fn reduced(number: usize, value: &Value, update: &Value) -> NodeResult<Value> {
    let reduce = |py: Python<'_>, host: &Py<PyAny>| {
        let made = host.call_method1(py, "reduce", (number, from_value(py, value)?, from_value(py, update)?))?;
        to_value("what the reducer gives", made.bind(py))
    };
    Ok(called(reduce).map_err(Raised)?)
}

fn called<T>(call: impl FnOnce(Python<'_>, &Py<PyAny>) -> PyResult<T>) -> PyResult<T> {
    HOST.with(|host| Python::attach(|py| call(py, &host.object)))
}

/// Where a function says how it ended.
#[pyclass(name = "_Done", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct Done {
    what: String,
    sender: Mutex<Option<oneshot::Sender<NodeResult<Value>>>>,
}

impl Done {
    pub(crate) fn new(what: String) -> (Self, oneshot::Receiver<NodeResult<Value>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { what, sender: Mutex::new(Some(sender)) }, receiver)
    }

    fn send(&self, result: NodeResult<Value>) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nobody waits where the attempt is over.
        let _ = sender.map(|sender| sender.send(result));
    }
}

#[pymethods]
impl Done {
    /// It ended with a value.
    ///
    /// Args:
    ///     value (Any): JSON.
    fn give(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.send(Ok(to_value(&self.what, value)?));
        Ok(())
    }

    /// It raised.
    ///
    /// Args:
    ///     error (BaseException): what it raised.
    ///     hopeless (bool): whether another try would raise it again.
    fn fail(&self, error: Bound<'_, PyAny>, hopeless: bool) {
        let failure: Failure = Raised(PyErr::from_value(error)).into();
        self.send(Err(if hopeless { Hopeless(failure).into() } else { failure }));
    }
}

/// The failure of a function whose task was dropped.
pub(crate) fn lost() -> Failure {
    Fault::Panicked { message: "its event loop was closed before it ended".into() }.into()
}
