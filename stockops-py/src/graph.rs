//! `AgentGraph`: a graph of core whose nodes are Python functions.
//!
//! Functions stay in Python: here they are numbers, and the [`Host`](host::Host) of a run calls them.

mod checkpoints;
mod context;
mod failure;
mod host;
mod run;
mod values;

use std::time::Duration;

use pyo3::prelude::*;
use stockops_core::graph::{AgentGraph, Builder, Fields, Limits, Node, NodeResult, Object};

pub(crate) use checkpoints::PyCheckpoints;
pub(crate) use context::{PyNodeContext, PyReservation};
pub(crate) use failure::cause;
pub(crate) use host::Done;
pub(crate) use run::PyGraphRun;

use crate::error::{raised, to_py};
use values::{to_object, to_value};

/// A graph that was built; see ``stockops.AgentGraph``.
///
/// Args:
///     name (str): its name.
///     version (int): its version.
///     fields (Sequence[tuple[str, str, int | None, Any]]): name, rule, number of the reducer, value before the first write.
///     nodes (Sequence[Mapping[str, Any]]): name, writes, tries, pause, timeout, otherwise, asks.
///     edges (Sequence[tuple[str, str]]): from and to.
///     choices (Sequence[tuple[str, Sequence[str], bool]]): from, targets, whether several may be chosen.
///     limits (tuple[int, int | None, int]): steps, tokens, at once.
///     settings (Any): what a thread is bound to.
#[pyclass(name = "_AgentGraph", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyAgentGraph(AgentGraph<Object>);

/// A field: its name, its rule, the number of its reducer, and its value before the first write.
type Field<'py> = (String, String, Option<usize>, Bound<'py, PyAny>);

/// A node without its function.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct NodeSpec {
    name: String,
    writes: Vec<String>,
    tries: u32,
    pause: f64,
    timeout: Option<f64>,
    otherwise: Option<String>,
    asks: bool,
}

#[pymethods]
impl PyAgentGraph {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "all that a graph is made of, in one call")]
    fn new(
        py: Python<'_>,
        name: &str,
        version: u32,
        fields: Vec<Field<'_>>,
        nodes: Vec<NodeSpec>,
        edges: Vec<(String, String)>,
        choices: Vec<(String, Vec<String>, bool)>,
        limits: (u64, Option<u64>, usize),
        settings: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let mut graph = AgentGraph::with_fields(name, version, with_rules(&fields)?);
        for (number, spec) in nodes.iter().enumerate() {
            graph = graph.node(node(py, number, spec)?);
        }
        for (from, to) in &edges {
            graph = graph.edge(from, to);
        }
        for (number, choice) in choices.into_iter().enumerate() {
            graph = choosing(graph, number, choice);
        }
        let (steps, tokens, at_once) = limits;
        let limits = Limits { steps, tokens: tokens.unwrap_or(u64::MAX), at_once };
        let graph = graph.limits(limits).settings(&to_value("the settings", settings)?);
        graph.build().map(Self).map_err(to_py)
    }

    /// The graph in Mermaid.
    ///
    /// Returns:
    ///     str: a flowchart.
    fn to_mermaid(&self) -> String {
        self.0.to_mermaid()
    }

    /// A run from the start.
    ///
    /// Args:
    ///     state (Any): fields to begin with.
    ///     thread (str | None): its name.
    ///     store (Checkpoints | None): where it is kept.
    ///     host (Any): calls the functions.
    ///
    /// Returns:
    ///     _GraphRun: the run.
    fn start(
        &self,
        state: &Bound<'_, PyAny>,
        thread: Option<&str>,
        store: Option<&PyCheckpoints>,
        host: Py<PyAny>,
    ) -> PyResult<PyGraphRun> {
        let launch = self.0.start(to_object("the start", to_value("the start", state)?)?);
        let launch = if let Some(thread) = thread { launch.thread(thread) } else { launch };
        PyGraphRun::begin(if let Some(store) = store { launch.store(&store.0) } else { launch }, host)
    }

    /// A run that goes on with a thread.
    ///
    /// Args:
    ///     thread (str): its name.
    ///     store (Checkpoints): where it is kept.
    ///     answers (Mapping[str, Any]): by id of the question.
    ///     host (Any): calls the functions.
    ///
    /// Returns:
    ///     _GraphRun: the run.
    fn resume(
        &self,
        thread: &str,
        store: &PyCheckpoints,
        answers: &Bound<'_, PyAny>,
        host: Py<PyAny>,
    ) -> PyResult<PyGraphRun> {
        let answers = to_object("the answers", to_value("the answers", answers)?)?;
        let launch = self.0.resume(thread).store(&store.0);
        let launch = answers.into_iter().fold(launch, |launch, (id, answer)| launch.answer(&id, answer));
        PyGraphRun::begin(launch, host)
    }
}

/// Fields by their rules, and those with a reducer of their own by its number.
fn with_rules(fields: &[Field<'_>]) -> PyResult<Fields> {
    fields.iter().try_fold(Fields::new(), |fields, (name, rule, own, unwritten)| match (own, rule.as_str()) {
        (Some(number), _) => {
            let (number, unwritten) = (*number, to_value(&format!("the first value of `{name}`"), unwritten)?);
            Ok(fields.own(name, rule, unwritten, move |value, update| {
                *value = host::reduced(number, value, &update)?;
                Ok(())
            }))
        }
        (None, "last") => Ok(fields.last(name)),
        (None, "append") => Ok(fields.append(name)),
        (None, "sum") => Ok(fields.sum(name)),
        (None, got) => {
            let text = format!("the reducer of `{name}` must be last, append, sum, or a pair of a function and a first value, got {got}");
            Err(raised(unwritten.py(), "ConfigError", text))
        }
    })
}

fn node(py: Python<'_>, number: usize, spec: &NodeSpec) -> PyResult<Node<Object>> {
    let NodeSpec { name, writes, tries, pause, timeout, otherwise, asks } = spec;
    let node = Node::new(name, move |state, context| host::acted(number, state, context));
    let node = node.writes(writes.iter().map(String::as_str)).tries(*tries).pause(seconds(py, "pause", *pause)?);
    let node = if let Some(timeout) = timeout { node.timeout(seconds(py, "timeout", *timeout)?) } else { node };
    let node = if let Some(otherwise) = otherwise { node.otherwise(otherwise) } else { node };
    Ok(if *asks { node.asks() } else { node })
}

fn choosing(graph: Builder<Object>, number: usize, choice: (String, Vec<String>, bool)) -> Builder<Object> {
    let (from, targets, many) = choice;
    let choose = move |state: &Object| -> NodeResult<Vec<String>> { host::chosen(number, state) };
    graph.try_choose(&from, targets.iter().map(String::as_str), many, choose)
}

fn seconds(py: Python<'_>, field: &str, seconds: f64) -> PyResult<Duration> {
    let wrong = |_| raised(py, "ConfigError", format!("`{field}` must be seconds from 0 on, got {seconds}"));
    Duration::try_from_secs_f64(seconds).map_err(wrong)
}
