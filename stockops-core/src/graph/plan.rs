//! `Plan`: a graph that was built: its shape, its functions and its limits.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fields::{Fields, NodeResult, Object};
use super::identity::Identity;
use super::node::PlainNode;
use super::shape::Shape;
use crate::error::{Fault, Result, check};
use crate::files::sha256_hex;

/// What a run may use up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Turns that nodes may take in one thread, over all its runs; at least 1. Default 40.
    pub steps: u64,
    /// Tokens that nodes may reserve in one thread, over all its runs. Default none that matters: 2^64 - 1.
    pub tokens: u64,
    /// Nodes that run at once; at least 1. Default 4.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 40, tokens: u64::MAX, at_once: 4 }
    }
}

impl Limits {
    /// [`Error::Config`](crate::Error::Config) names a limit that is none.
    pub(crate) fn check(&self) -> Result<()> {
        check(self.steps >= 1, "steps", "at least 1", self.steps)?;
        check(self.at_once >= 1, "at_once", "at least 1", self.at_once)
    }
}

/// Chooses names of nodes from a state.
pub(crate) type Choose = Arc<dyn Fn(&Object) -> NodeResult<Vec<String>> + Send + Sync>;

/// A graph that was built.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) fields: Fields,
    pub(crate) shape: Shape,
    pub(crate) nodes: Vec<PlainNode>,
    /// The choice after each node.
    pub(crate) choices: Vec<Option<Choose>>,
    pub(crate) limits: Limits,
    /// Hash of the settings that the user gave.
    pub(crate) settings: String,
}

impl Plan {
    /// What a thread is bound to.
    pub(crate) fn identity(&self) -> Identity {
        let shape = serde_json::to_vec(&self.shape).unwrap_or_default();
        Identity::new(&self.name, self.version, self.fields.rules(), sha256_hex(&shape), self.settings.clone())
    }

    /// The state after `update` of `node`, which may write the fields that it declares.
    pub(crate) fn updated(&self, node: &PlainNode, state: &Object, update: &Object) -> NodeResult<Object> {
        if let Some(field) = update.keys().find(|field| !node.writes.contains(field)) {
            return Err(Fault::Undeclared { node: node.name.clone(), field: field.clone() }.into());
        }
        let mut state = state.clone();
        self.fields.apply(&mut state, update)?;
        Ok(state)
    }

    /// Where it goes after `node` in `state`.
    pub(crate) fn next(&self, node: usize, state: &Object) -> NodeResult<BTreeSet<usize>> {
        let exits = self.shape.exits(node);
        let mut next = exits.edges.clone();
        if let (Some(targets), Some(choose)) = (&exits.choice, &self.choices[node]) {
            let names = choose(state)?;
            let known = |name: &String| self.shape.number(name).filter(|target| targets.nodes.contains(target));
            let chosen: Option<BTreeSet<usize>> = names.iter().map(known).collect();
            let fault = || {
                let list = |names: Vec<String>| if names.is_empty() { "nothing".into() } else { names.join(", ") };
                let allowed = targets.nodes.iter().map(|target| self.shape.name(*target).to_string()).collect();
                Fault::Target { node: self.shape.name(node).into(), got: list(names.clone()), allowed: list(allowed) }
            };
            next.extend(chosen.filter(|chosen| !chosen.is_empty()).ok_or_else(fault)?);
        }
        Ok(next)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("name", &self.name).field("nodes", &self.nodes).finish_non_exhaustive()
    }
}
