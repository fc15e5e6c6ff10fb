//! What all attempts of a run share, and the voice of each.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::event::{Event, Kind};
use super::keeper::Keeper;

/// Speaks for one attempt of one node.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) events: UnboundedSender<Event>,
    pub(crate) node: String,
    pub(crate) turn: u32,
    pub(crate) attempt: u32,
}

impl Voice {
    pub(crate) fn say(&self, kind: Kind) {
        let (node, turn, attempt) = (Some(self.node.clone()), self.turn, self.attempt);
        // Nobody hears where the run was dropped.
        let _ = self.events.send(Event { sequence: 0, node, turn, attempt, kind });
    }
}

/// What all attempts of a run share.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) graph: String,
    pub(crate) thread: String,
    pub(crate) tokens: u64,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) events: UnboundedSender<Event>,
    pub(crate) cancelled: CancellationToken,
}
