//! `Progress`: how far a run has come. It says what may run next and what each node sees, and does nothing by itself.
//!
//! A branch carries what it has behind it. A node sees the updates of these nodes and of no other, in an order that the
//! graph gives, so what it sees does not depend on who was faster. Where branches meet they become one, which has
//! behind it what each had.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::Question;
use super::fields::{Fields, Object};
use super::shape::Shape;
use crate::error::Fault;

/// How far a run has come, as checkpoints hold it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// What all branches have behind them, reduced.
    base: Object,
    /// What was done since, in order of completion.
    steps: Vec<Step>,
    branches: Vec<Branch>,
    /// How often each node was reached.
    turns: BTreeMap<String, u32>,
    /// Turns that were begun, by all runs of this thread.
    pub(crate) begun: u64,
    /// Tokens that were spent or are reserved.
    pub(crate) spent: u64,
}

/// One run of a node: the how-manieth, from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) node: String,
    pub(crate) number: u32,
}

/// What a node did.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Step {
    node: String,
    /// Length of the longest way to it: with the place of its node, the order in which updates are reduced.
    depth: u32,
    update: Object,
}

/// A branch of the run, at a node that waits, runs or asks, or at the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Branch {
    node: String,
    turn: u32,
    depth: u32,
    /// Steps behind it, beside those in the base.
    past: BTreeSet<usize>,
    /// Whether its node has run, perhaps in a process that died. What it sees changes no more.
    has_begun: bool,
    #[serde(skip)]
    is_running: bool,
    /// What it asks and nobody has answered.
    questions: Vec<Question>,
    /// Answers by id.
    answers: BTreeMap<String, Value>,
    /// Results of effects by key.
    journal: BTreeMap<String, Value>,
    /// Held by key while an effect is under way.
    #[serde(skip)]
    gates: BTreeMap<String, Gate>,
}

/// What lets one through at a time.
type Gate = Arc<tokio::sync::Mutex<()>>;

impl Progress {
    /// Before the first node; `state` is complete.
    pub(crate) fn new(shape: &Shape, state: Object) -> Self {
        let mut progress =
            Self { base: state, steps: Vec::new(), branches: Vec::new(), turns: BTreeMap::new(), begun: 0, spent: 0 };
        for first in &shape.exits(shape.start()).edges {
            progress.arrive(shape.name(*first), 1, &BTreeSet::new());
        }
        progress
    }

    /// Turns that may begin now, in the order of the graph: each branch that no other can still come to.
    pub(crate) fn ready(&self, shape: &Shape) -> Vec<Turn> {
        let is_ready = |branch: &&Branch| {
            let is_free =
                !branch.is_running && branch.questions.is_empty() && shape.number(&branch.node) != Some(shape.end());
            is_free && !self.branches.iter().any(|other| holds_up(shape, other, branch))
        };
        let mut ready: Vec<&Branch> = self.branches.iter().filter(is_ready).collect();
        ready.sort_by_key(|branch| (branch.depth, shape.number(&branch.node)));
        ready.iter().map(|branch| Turn { node: branch.node.clone(), number: branch.turn }).collect()
    }

    /// A turn begins; what its node sees.
    pub(crate) fn begin(&mut self, shape: &Shape, fields: &Fields, turn: &Turn) -> Result<Object, Fault> {
        let Some(branch) = self.branches.iter_mut().find(|branch| branch.is(turn)) else {
            return Ok(self.base.clone());
        };
        self.begun += u64::from(!branch.has_begun);
        (branch.has_begun, branch.is_running) = (true, true);
        let past = branch.past.clone();
        self.seen(shape, fields, &past)
    }

    /// A turn is done: its update is in, and its branch is at `next`.
    pub(crate) fn finish(
        &mut self,
        shape: &Shape,
        fields: &Fields,
        turn: &Turn,
        update: Object,
        next: &BTreeSet<usize>,
    ) -> Result<(), Fault> {
        let Some(place) = self.branches.iter().position(|branch| branch.is(turn)) else { return Ok(()) };
        let Branch { node, depth, mut past, .. } = self.branches.remove(place);
        past.insert(self.steps.len());
        self.steps.push(Step { node, depth, update });
        for node in next {
            self.arrive(shape.name(*node), depth + 1, &past);
        }
        self.settle(shape, fields)
    }

    /// A turn asks, and its node is to run again when all is answered.
    pub(crate) fn ask(&mut self, turn: &Turn, questions: Vec<Question>) {
        if let Some(branch) = self.branch_mut(turn) {
            (branch.is_running, branch.questions) = (false, questions);
        }
    }

    /// Answer a question, or answer anew what its node has not yet used up.
    pub(crate) fn answer(&mut self, id: &str, answer: Value) -> Result<(), Fault> {
        let asks =
            |branch: &&mut Branch| branch.answers.contains_key(id) || branch.questions.iter().any(|open| open.id == id);
        let Some(branch) = self.branches.iter_mut().find(asks) else {
            let open: Vec<String> = self.questions().into_iter().map(|question| format!("`{}`", question.id)).collect();
            let open = if open.is_empty() { "none".into() } else { open.join(", ") };
            return Err(Fault::Unasked { id: id.into(), open });
        };
        branch.questions.retain(|open| open.id != id);
        branch.answers.insert(id.into(), answer);
        Ok(())
    }

    /// What was answered to a turn.
    pub(crate) fn answered(&self, turn: &Turn, id: &str) -> Option<Value> {
        self.branch(turn)?.answers.get(id).cloned()
    }

    /// What an effect of a turn gave, if it is kept; `None` where the turn is done.
    pub(crate) fn noted(&self, turn: &Turn, key: &str) -> Option<Option<Value>> {
        Some(self.branch(turn)?.journal.get(key).cloned())
    }

    /// What an effect of a turn holds while it is under way; `None` where the turn is done.
    pub(crate) fn gate(&mut self, turn: &Turn, key: &str) -> Option<Gate> {
        Some(Arc::clone(self.branch_mut(turn)?.gates.entry(key.into()).or_default()))
    }

    /// Keep what an effect gave as long as its turn is not done; `None` where it is.
    pub(crate) fn note(&mut self, turn: &Turn, key: &str, value: Value) -> Option<()> {
        self.branch_mut(turn)?.journal.insert(key.into(), value);
        Some(())
    }

    /// Everything that is asked, in order of ids.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut open: Vec<Question> = self.branches.iter().flat_map(|branch| branch.questions.clone()).collect();
        open.sort_by(|a, b| a.id.cmp(&b.id));
        open
    }

    /// Nodes that the branches are at.
    pub(crate) fn places(&self) -> Vec<String> {
        self.branches.iter().map(|branch| branch.node.clone()).collect()
    }

    /// The state at the end; `None` before.
    pub(crate) fn result(&self, shape: &Shape) -> Option<&Object> {
        let is_done = self.branches.iter().all(|branch| branch.node == shape.name(shape.end()));
        is_done.then_some(&self.base)
    }

    /// A branch comes to a node: it becomes one with the branch that waits there, or begins another turn.
    fn arrive(&mut self, node: &str, depth: u32, past: &BTreeSet<usize>) {
        if let Some(waiting) = self.branches.iter_mut().find(|branch| branch.node == node && !branch.has_begun) {
            waiting.past.extend(past);
            waiting.depth = waiting.depth.max(depth);
            return;
        }
        let turn = self.turns.entry(node.into()).or_default();
        *turn += 1;
        self.branches.push(Branch {
            node: node.into(),
            turn: *turn,
            depth,
            past: past.clone(),
            has_begun: false,
            is_running: false,
            questions: Vec::new(),
            answers: BTreeMap::new(),
            journal: BTreeMap::new(),
            gates: BTreeMap::new(),
        });
    }

    /// Where one branch is left, what it has behind it is the base.
    fn settle(&mut self, shape: &Shape, fields: &Fields) -> Result<(), Fault> {
        if let [only] = &self.branches[..] {
            self.base = self.seen(shape, fields, &only.past)?;
            self.steps.clear();
            self.branches[0].past.clear();
        }
        Ok(())
    }

    /// The base and the updates of `past` in the order of the graph.
    fn seen(&self, shape: &Shape, fields: &Fields, past: &BTreeSet<usize>) -> Result<Object, Fault> {
        let mut steps: Vec<&Step> = past.iter().filter_map(|number| self.steps.get(*number)).collect();
        steps.sort_by_key(|step| (step.depth, shape.number(&step.node)));
        let mut state = self.base.clone();
        steps.into_iter().try_for_each(|step| fields.apply(&mut state, &step.update))?;
        Ok(state)
    }

    fn branch(&self, turn: &Turn) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.is(turn))
    }

    fn branch_mut(&mut self, turn: &Turn) -> Option<&mut Branch> {
        self.branches.iter_mut().find(|branch| branch.is(turn))
    }
}

impl Branch {
    fn is(&self, turn: &Turn) -> bool {
        self.node == turn.node && self.turn == turn.number
    }
}

/// Whether `branch` has to wait for `other`: it may still come there, or it is there and was first.
fn holds_up(shape: &Shape, other: &Branch, branch: &Branch) -> bool {
    if other.node == branch.node {
        return other.turn < branch.turn;
    }
    let (from, to) = (shape.number(&other.node), shape.number(&branch.node));
    from.zip(to).is_some_and(|(from, to)| shape.reaches(from, to))
}

#[cfg(test)]
mod tests;
