//! `_NodeContext`: what a node is given beside the state; both contexts of Python stand on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use serde_json::Value;
use stockops_core::error::Fault;
use stockops_core::graph::{Context, NodeResult, Reservation};

use super::failure::{Raised, cause, fault_to_py};
use super::host::{Done, Host, IntoAnswer, lost};
use super::values::to_value;

/// What one attempt of a node has of core. It lets go of it when the attempt is over, whoever in Python still knows it, for
/// it holds the thread of the run.
#[derive(Debug)]
pub(crate) struct Attempt {
    host: Arc<Host>,
    context: Mutex<Option<Context>>,
    reservations: Mutex<Vec<Arc<Mutex<Option<Reservation>>>>>,
}

impl Attempt {
    pub(crate) fn new(host: Arc<Host>, context: Context) -> Self {
        Self { host, context: Mutex::new(Some(context)), reservations: Mutex::default() }
    }

    /// It is over.
    pub(crate) fn end(&self) {
        drop(locked(&self.context).take());
        for reservation in locked(&self.reservations).drain(..) {
            drop(locked(&reservation).take());
        }
    }

    fn context(&self) -> PyResult<Context> {
        locked(&self.context).clone().ok_or_else(|| fault_to_py(&Fault::Stopped))
    }

    /// Do `work` on the run's thread and tell `post`: `over` where the attempt is over.
    fn call<T, W>(&self, post: Arc<Py<PyAny>>, work: impl FnOnce(Context) -> W) -> PyResult<()>
    where
        T: for<'py> IntoAnswer<'py> + Send + 'static,
        W: Future<Output = NodeResult<T>> + Send + 'static,
    {
        let context = self.context()?;
        let (over, work) = (context.cancelled().clone(), work(context));
        self.host
            .call(post, async move { work.await.map_err(|failure| (!over.is_cancelled()).then(|| cause(failure))) })
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a node is given; see ``stockops.NodeContext``.
#[pyclass(name = "_NodeContext", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyNodeContext {
    held: Arc<Attempt>,
    node: String,
    thread: String,
    turn: u32,
    attempt: u32,
    /// What all keys begin with.
    keys: String,
}

impl PyNodeContext {
    pub(crate) fn new(held: Arc<Attempt>, context: &Context) -> Self {
        let (node, thread) = (context.node().into(), context.thread().into());
        Self { held, node, thread, turn: context.turn(), attempt: context.attempt(), keys: context.key("") }
    }
}

#[pymethods]
impl PyNodeContext {
    /// str: the node that acts.
    #[getter]
    fn node(&self) -> &str {
        &self.node
    }

    /// str: the thread of the run.
    #[getter]
    fn thread(&self) -> &str {
        &self.thread
    }

    /// int: which turn of the node this is, from 1.
    #[getter]
    fn turn(&self) -> u32 {
        self.turn
    }

    /// int: which try of this turn this is, from 1.
    #[getter]
    fn attempt(&self) -> u32 {
        self.attempt
    }

    /// bool: whether the attempt is over.
    #[getter]
    fn cancelled(&self) -> bool {
        locked(&self.held.context).as_ref().is_none_or(|context| context.cancelled().is_cancelled())
    }

    /// A word that is the same in each attempt of this turn.
    ///
    /// Args:
    ///     key (str): what for.
    ///
    /// Returns:
    ///     str: the word.
    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.keys)
    }

    /// Tell a piece of text.
    ///
    /// Args:
    ///     text (str): the piece.
    fn token(&self, text: String) -> PyResult<()> {
        self.held.context()?.token(text);
        Ok(())
    }

    /// Tell something else.
    ///
    /// Args:
    ///     value (Any): JSON.
    fn emit(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.held.context()?.emit(to_value("what is told", value)?);
        Ok(())
    }

    /// Do an effect once: `post` is told to do it, or what came of it before.
    ///
    /// Args:
    ///     key (str): which effect.
    ///     post (Callable[[str, Any], object]): hears ``effect`` with a ``_Done``, then ``value``, ``error`` or ``over``.
    fn once(&self, key: String, post: Py<PyAny>) -> PyResult<()> {
        let post = Arc::new(post);
        let teller = Arc::clone(&post);
        self.held.call(post, |context| async move {
            let over = context.cancelled().clone();
            let what = format!("the result of `{key}`");
            let effect = || async move {
                if over.is_cancelled() {
                    return Err(Fault::Stopped.into());
                }
                let (done, ended) = Done::new(what);
                Python::attach(|py| teller.call1(py, ("effect", done))).map_err(Raised)?;
                // The effect is waited for even where the attempt is over meanwhile, so that what was done is noted.
                ended.await.unwrap_or_else(|_| Err(lost()))
            };
            context.once::<Value, _>(&key, effect).await
        })
    }

    /// Ask a person.
    ///
    /// Args:
    ///     question (Any): JSON.
    ///     about (str | None): which of several questions.
    ///     post (Callable[[str, Any], object]): hears ``value``, ``error`` or ``over``.
    fn ask(&self, question: &Bound<'_, PyAny>, about: Option<String>, post: Py<PyAny>) -> PyResult<()> {
        let question = to_value("the question", question)?;
        self.held.call(Arc::new(post), |context| async move {
            let over = context.cancelled().clone();
            let ask = async {
                match about {
                    Some(key) => context.ask_about::<Value>(&key, question).await,
                    None => context.ask::<Value>(question).await,
                }
            };
            // Without an answer it waits until the attempt is dropped.
            over.run_until_cancelled(ask).await.unwrap_or_else(|| Err(Fault::Stopped.into()))
        })
    }

    /// Reserve tokens.
    ///
    /// Args:
    ///     tokens (int): how many.
    ///     post (Callable[[str, Any], object]): hears ``value`` with a reservation, ``error`` or ``over``.
    fn reserve(&self, tokens: u64, post: Py<PyAny>) -> PyResult<()> {
        let held = Arc::clone(&self.held);
        self.held.call(Arc::new(post), |context| async move {
            let reservation = Arc::new(Mutex::new(Some(context.reserve(tokens).await?)));
            locked(&held.reservations).push(Arc::clone(&reservation));
            if context.cancelled().is_cancelled() {
                held.end();
            }
            Ok(PyReservation(reservation))
        })
    }
}

/// Tokens that are set aside. Without a word of what was spent while the attempt lasts, all of them count as spent.
#[pyclass(name = "_Reservation", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyReservation(Arc<Mutex<Option<Reservation>>>);

#[pymethods]
impl PyReservation {
    /// Say what was spent: what is left goes back to the budget, what was spent beyond is taken from it. Said again it changes
    /// nothing.
    ///
    /// Args:
    ///     tokens (int): how many.
    fn spent(&self, py: Python<'_>, tokens: u64) {
        let reservation = locked(&self.0).take();
        py.detach(|| reservation.map(|reservation| reservation.spent(tokens)));
    }
}

impl<'py> IntoAnswer<'py> for PyReservation {
    fn into_answer(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, self)?.into_any())
    }
}
