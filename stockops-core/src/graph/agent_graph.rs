//! `AgentGraph` and its `Builder`.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use super::check::check;
use super::engine::Origin;
use super::fields::{Fields, NodeResult, Object, to_json};
use super::mermaid;
use super::node::{Node, PlainNode};
use super::plan::{Choose, Limits, Plan};
use super::run::Launch;
use super::shape::{END, Exits, START, Shape, Targets};
use super::state::{Declared, State};
use crate::error::{Error, Fault, Result};
use crate::files::sha256_hex;
use crate::storage::Key;

/// A graph of async nodes that share a state `S`. It is built once and run often; clones share one graph.
///
/// The [room](crate::graph) says how nodes follow each other.
#[derive(Debug)]
pub struct AgentGraph<S> {
    plan: Arc<Plan>,
    state: PhantomData<fn(S) -> S>,
}

impl<S> Clone for AgentGraph<S> {
    fn clone(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), state: PhantomData }
    }
}

/// A graph before it is checked.
#[must_use = "a graph is built with `build`"]
#[derive(Debug)]
pub struct Builder<S> {
    name: String,
    version: u32,
    fields: Fields,
    nodes: Vec<PlainNode>,
    edges: Vec<(String, String)>,
    choices: Vec<DraftChoice>,
    limits: Limits,
    settings: Result<String, Fault>,
    state: PhantomData<fn(S) -> S>,
}

/// A choice before its names are known to be nodes.
struct DraftChoice {
    from: String,
    targets: Vec<String>,
    many: bool,
    choose: Choose,
}

impl std::fmt::Debug for DraftChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {:?}", self.from, self.targets)
    }
}

impl<S: Declared> AgentGraph<S> {
    /// Begin a graph. A thread can be resumed by a graph of the same name and version alone: raise the version where
    /// what nodes do, or what is inside the fields of the state, changes its meaning.
    pub fn builder(name: &str, version: u32) -> Builder<S> {
        Builder::new(name, version, S::fields())
    }
}

impl AgentGraph<Object> {
    /// Begin a graph whose state is a JSON object with `fields`.
    pub fn with_fields(name: &str, version: u32, fields: Fields) -> Builder<Object> {
        Builder::new(name, version, fields)
    }
}

impl<S: State> AgentGraph<S> {
    /// A run from the start.
    pub fn start(&self, state: S) -> Launch<S> {
        let state = state.into_object().map_err(|fault| fault.of(&self.plan.name));
        Launch::new(Arc::clone(&self.plan), Origin::Start(state), None)
    }

    /// A run that goes on with a thread from its last checkpoint: what was done is not done again. A thread that is
    /// done gives its state.
    pub fn resume(&self, thread: &str) -> Launch<S> {
        Launch::new(Arc::clone(&self.plan), Origin::Thread(Default::default()), Some(thread.into()))
    }

    /// The graph as a flowchart in [Mermaid](https://mermaid.js.org): choices dotted, nodes that ask slanted.
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(&self.plan)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.plan.name
    }
}

impl<S: State> Builder<S> {
    fn new(name: &str, version: u32, fields: Fields) -> Self {
        Self {
            name: name.into(),
            version,
            fields,
            nodes: Vec::new(),
            edges: Vec::new(),
            choices: Vec::new(),
            limits: Limits::default(),
            settings: Ok(String::new()),
            state: PhantomData,
        }
    }

    /// Add a node.
    pub fn node(mut self, node: Node<S>) -> Self {
        self.nodes.push(node.plain);
        self
    }

    /// After `from` comes `to`: always, and beside all else that follows `from`. The first edges come from [`START`],
    /// the last go to [`END`].
    pub fn edge(mut self, from: &str, to: &str) -> Self {
        self.edges.push((from.into(), to.into()));
        self
    }

    /// After `from` come all of `to`, side by side.
    pub fn fan_out<'a>(self, from: &str, to: impl IntoIterator<Item = &'a str>) -> Self {
        to.into_iter().fold(self, |graph, to| graph.edge(from, to))
    }

    /// After each of `from` comes `to`, once: when all of them that run at all are done. A node to which several edges
    /// lead waits in any case; this only says it in one line.
    pub fn join<'a>(self, from: impl IntoIterator<Item = &'a str>, to: &str) -> Self {
        from.into_iter().fold(self, |graph, from| graph.edge(from, to))
    }

    /// After `from` comes the one of `targets` that `choose` names, from the state as `from` left it.
    pub fn choose<'a, T: Into<String>>(
        self,
        from: &str,
        targets: impl IntoIterator<Item = &'a str>,
        choose: impl Fn(&S) -> T + Send + Sync + 'static,
    ) -> Self {
        self.try_choose(from, targets, false, move |state| Ok(vec![choose(state).into()]))
    }

    /// After `from` come those of `targets` that `choose` names, one at least, side by side.
    pub fn choose_many<'a, T: Into<String>>(
        self,
        from: &str,
        targets: impl IntoIterator<Item = &'a str>,
        choose: impl Fn(&S) -> Vec<T> + Send + Sync + 'static,
    ) -> Self {
        self.try_choose(from, targets, true, move |state| Ok(choose(state).into_iter().map(Into::into).collect()))
    }

    /// [`choose`](Self::choose), or with `many` [`choose_many`](Self::choose_many), by a function that may fail: then the
    /// attempt of `from` has failed.
    pub fn try_choose<'a>(
        mut self,
        from: &str,
        targets: impl IntoIterator<Item = &'a str>,
        many: bool,
        choose: impl Fn(&S) -> NodeResult<Vec<String>> + Send + Sync + 'static,
    ) -> Self {
        let choose = Arc::new(move |state: &Object| choose(&S::from_object(state.clone())?));
        let targets = targets.into_iter().map(String::from).collect();
        self.choices.push(DraftChoice { from: from.into(), targets, many, choose });
        self
    }

    /// What a run may use up.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Settings that a thread is bound to, such as prompts and the name of a model: with others it is not resumed.
    pub fn settings(mut self, settings: &impl Serialize) -> Self {
        self.settings = to_json("the settings", settings).map(|json| sha256_hex(json.to_string().as_bytes()));
        self
    }

    /// Check the graph.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] names what is wrong: a name that is none or is there twice, an unknown node or field, a node
    /// that nothing leads to or from which nothing leads to the end, a circle without a way out, two writers of a field
    /// that takes one. [`Error::Config`] for tries, timeouts and limits that are none.
    pub fn build(self) -> Result<AgentGraph<S>> {
        let name = self.name.clone();
        self.built().map_err(|error| match error {
            Wrong::Graph(fault) => fault.of(&name),
            Wrong::Setting(error) => error,
        })
    }

    fn built(self) -> Result<AgentGraph<S>, Wrong> {
        self.limits.check()?;
        self.nodes.iter().try_for_each(PlainNode::check)?;
        self.check_names()?;
        let (exits, choices) = self.exits()?;
        let fallbacks: Result<Vec<_>, Fault> = self.nodes.iter().map(|node| self.fallback(node)).collect();
        let names = self.nodes.iter().map(|node| node.name.clone()).collect();
        let shape = Shape::new(names, exits, fallbacks?);
        let writes: Vec<Vec<String>> = self.nodes.iter().map(|node| node.writes.clone()).collect();
        check(&shape, &self.fields, &writes)?;
        let Self { name, version, fields, nodes, limits, settings, .. } = self;
        let plan = Plan { name, version, fields, shape, nodes, choices, limits, settings: settings? };
        Ok(AgentGraph { plan: Arc::new(plan), state: PhantomData })
    }

    fn check_names(&self) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        for PlainNode { name, .. } in &self.nodes {
            if !Key::is_part(name) || [START, END].contains(&name.as_str()) {
                return Err(Fault::Name { name: name.clone() });
            }
            if !seen.insert(name) {
                return Err(Fault::Duplicate { what: format!("node `{name}`") });
            }
        }
        Ok(())
    }

    /// Exits by number, those of the start last, and the function of each choice.
    fn exits(&self) -> Result<(Vec<Exits>, Vec<Option<Choose>>), Fault> {
        let mut exits = vec![Exits::default(); self.nodes.len() + 1];
        let mut choices = vec![None; self.nodes.len()];
        for (from, to) in &self.edges {
            let by = || format!("the edge from `{from}` to `{to}`");
            let from = if from == START { self.nodes.len() } else { self.number(from, by)? };
            exits[from].edges.insert(self.target(to, by)?);
        }
        for DraftChoice { from, targets, many, choose } in &self.choices {
            let by = || format!("the choice after `{from}`");
            let from = self.number(from, by)?;
            let nodes = targets.iter().map(|target| self.target(target, by)).collect::<Result<_, _>>()?;
            if exits[from].choice.replace(Targets { nodes, many: *many }).is_some() {
                return Err(Fault::Duplicate { what: by() });
            }
            choices[from] = Some(Arc::clone(choose));
        }
        Ok((exits, choices))
    }

    fn fallback(&self, node: &PlainNode) -> Result<Option<usize>, Fault> {
        let by = || format!("`{}` (otherwise)", node.name);
        node.otherwise.as_ref().map(|other| self.number(other, by)).transpose()
    }

    fn target(&self, name: &str, by: impl Fn() -> String) -> Result<usize, Fault> {
        if name == END { Ok(self.nodes.len()) } else { self.number(name, by) }
    }

    fn number(&self, name: &str, by: impl Fn() -> String) -> Result<usize, Fault> {
        let found = self.nodes.iter().position(|node| node.name == name);
        found.ok_or_else(|| Fault::UnknownNode { node: name.into(), by: by() })
    }
}

/// Why a graph is not built.
enum Wrong {
    Graph(Fault),
    Setting(Error),
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Graph(fault)
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Setting(error)
    }
}
