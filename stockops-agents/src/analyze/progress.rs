//! `Event`: what a run of the analysts tells, numbered through all of its stages.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stockops_core::graph::{Event as NodeEvent, Kind, Object};
use tokio::sync::mpsc::UnboundedSender;

/// One thing that happened in a run. As JSON it is flat, as the events of a graph are.
///
/// `kind` is `started`, `token`, `emitted`, `retried`, `fell_back`, `finished`, `failed`, `checkpointed` or `done`. A token is text that
/// nobody has checked yet, and says so as `unchecked`; the report of the end is what was checked, and takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in this run, from 1, without gaps.
    pub sequence: u64,
    /// The node that it is about; none where it is about the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Which run of the node it is, from 1; 0 where no node is named.
    pub turn: u32,
    /// Which try of this turn it is, from 1. What an earlier one told is void.
    pub attempt: u32,
    /// What happened, in a word.
    pub kind: String,
    /// What belongs to it: `text`, `unchecked`, `value`, `problem`, `to`, `wait_s`.
    #[serde(flatten)]
    pub details: Object,
}

impl Event {
    /// A detail that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.details.get(name)?.as_str()
    }
}

/// Numbers events, sends them, and remembers them.
#[derive(Debug)]
pub(super) struct Voice {
    sender: UnboundedSender<Event>,
    told: Mutex<Vec<Event>>,
}

impl Voice {
    pub(super) fn new(sender: UnboundedSender<Event>) -> Self {
        Self { sender, told: Mutex::default() }
    }

    /// Tell of a stage that is no node of the graph.
    pub(super) fn say(&self, node: Option<&str>, kind: &str, details: Value) {
        let details = details.as_object().cloned().unwrap_or_default();
        let place = u32::from(node.is_some());
        let (node, kind) = (node.map(String::from), kind.into());
        self.tell(Event { sequence: 0, node, turn: place, attempt: place, kind, details });
    }

    /// Pass on what the graph tells; its end is not yet that of the run.
    pub(super) fn hear(&self, event: &NodeEvent) {
        if event.kind == Kind::Done {
            return;
        }
        let told = serde_json::to_value(event).and_then(serde_json::from_value);
        let mut told = told.unwrap_or_else(|error| Event {
            sequence: 0,
            node: event.node.clone(),
            turn: event.turn,
            attempt: event.attempt,
            kind: "emitted".into(),
            details: Object::from_iter([("value".into(), json!(error.to_string()))]),
        });
        if matches!(event.kind, Kind::Token { .. }) {
            told.details.insert("unchecked".into(), json!(true));
        }
        self.tell(told);
    }

    /// All that was told.
    pub(super) fn told(&self) -> Vec<Event> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, event: Event) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event { sequence: told.len() as u64 + 1, ..event };
        told.push(event.clone());
        // Who no longer listens is told nothing.
        let _ = self.sender.send(event);
    }
}
