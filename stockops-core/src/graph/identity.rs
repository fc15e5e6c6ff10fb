//! `Identity`: what a thread is bound to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// Layout of what is kept. One of another number is refused.
const LAYOUT: u32 = 1;

/// What a thread is bound to: only an equal graph may go on with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    layout: u32,
    pub(crate) graph: String,
    pub(crate) version: u32,
    /// Fields with their reducers.
    fields: BTreeMap<String, String>,
    /// Hash of nodes and edges.
    shape: String,
    /// Hash of the settings that the user gave.
    settings: String,
}

impl Identity {
    pub(crate) fn new(
        graph: &str,
        version: u32,
        fields: BTreeMap<String, String>,
        shape: String,
        settings: String,
    ) -> Self {
        Self { layout: LAYOUT, graph: graph.into(), version, fields, shape, settings }
    }

    /// [`Fault::Mismatch`] with the first difference where the graph that goes on with `thread` is not the one that
    /// kept it.
    pub(crate) fn fits(&self, now: &Self, thread: &str) -> Result<(), Fault> {
        let compared = [
            ("layout", self.layout.to_string(), now.layout.to_string()),
            ("graph", self.graph.clone(), now.graph.clone()),
            ("version", self.version.to_string(), now.version.to_string()),
            ("state", self.state(), now.state()),
            ("shape", self.shape.clone(), now.shape.clone()),
            ("settings", self.settings.clone(), now.settings.clone()),
        ];
        match compared.into_iter().find(|(_, kept, now)| kept != now) {
            Some((what, kept, now)) => Err(Fault::Mismatch { thread: thread.into(), what: what.into(), kept, now }),
            None => Ok(()),
        }
    }

    /// The fields in words.
    fn state(&self) -> String {
        let lines: Vec<String> = self.fields.iter().map(|(name, rule)| format!("{name}: {rule}")).collect();
        lines.join(", ")
    }
}
