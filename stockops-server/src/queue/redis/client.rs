//! `Client`: the script, run on connections that are kept.

use std::sync::Arc;
use std::time::Duration;

use redis::Script;

use super::super::{QueueError, Result};
use crate::shared::connections::Connections;

const SCRIPT: &str = include_str!("queue.lua");

/// One server and the script. Each step has a limit of time.
pub(super) struct Client {
    connections: Arc<Connections>,
    script: Script,
    /// The beginning of all keys.
    root: String,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(connections: Arc<Connections>, name: &str, timeout: Duration) -> Self {
        Self { connections, script: Script::new(SCRIPT), root: format!("{{{name}}}:jobs:"), timeout }
    }

    /// Where the server is, without a password.
    pub(super) fn place(&self) -> &str {
        self.connections.place()
    }

    /// Run the script. Where it ran and its answer was lost it runs twice: the same push finds its task, an end is heard again,
    /// and a task that was taken for nobody comes back when its lease ends.
    pub(super) fn ask(&self, arguments: &[String]) -> Result<Vec<String>> {
        let mut call = self.script.key(&self.root);
        let call = arguments.iter().fold(&mut call, |call, argument| call.arg(argument));
        self.connections.ask(self.timeout, |connection| call.invoke(connection)).map_err(|error| self.error(error))
    }

    pub(super) fn error(&self, problem: impl std::fmt::Display) -> QueueError {
        let problem = format!("{problem}; check that the server runs, takes this user and has room");
        QueueError::Store { place: self.place().to_owned(), problem }
    }
}
