//! Progress of a call: told where the client asks for it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use stockops_core::Result;
use stockops_core::training::CancelFlag;
use tokio::sync::mpsc::UnboundedSender;

/// Least time between two notes of one call.
const APART: Duration = Duration::from_millis(500);

/// One step of a call: its number, from 1, and what is done in it.
pub(super) type Step = (usize, &'static str);

/// What a blocking piece of work holds: where it tells its steps, and whether somebody still waits for it.
#[derive(Debug)]
pub(super) struct Work {
    steps: UnboundedSender<Step>,
    begun: Cell<usize>,
    cancel: CancelFlag,
}

impl Work {
    pub(super) fn new(steps: UnboundedSender<Step>, cancel: CancelFlag) -> Self {
        Self { steps, begun: Cell::new(0), cancel }
    }

    /// Say that the next step begins; an error where nobody waits any more.
    pub(super) fn step(&self, words: &'static str) -> Result<()> {
        self.begun.set(self.begun.get() + 1);
        // Nobody hears it where nobody asked.
        let _ = self.steps.send((self.begun.get(), words));
        self.cancel.check()
    }
}

/// Stops a piece of work when who waits for it goes away.
#[derive(Debug)]
pub(super) struct StopOnDrop(Option<CancelFlag>);

impl StopOnDrop {
    pub(super) fn new(cancel: &CancelFlag) -> Self {
        Self(Some(cancel.clone()))
    }

    /// Let it go on.
    pub(super) fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.iter().for_each(CancelFlag::cancel);
    }
}

/// Notes to the client about one call; nothing where it did not ask for them.
#[derive(Debug)]
pub(super) struct Notes {
    to: Option<(ProgressToken, Peer<RoleServer>)>,
    last: Option<Instant>,
}

impl Notes {
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let to = context.meta.get_progress_token().map(|token| (token, context.peer.clone()));
        Self { to, last: None }
    }

    /// A step of a few: each is told.
    pub(super) async fn step(&self, (at, words): Step) {
        self.send(at as f64, words.to_owned()).await;
    }

    /// Where long work is; not more often than somebody can read.
    pub(super) async fn running(&mut self, seconds: f64, words: String) {
        if self.last.is_none_or(|last| last.elapsed() >= APART) {
            self.last = Some(Instant::now());
            self.send(seconds, words).await;
        }
    }

    async fn send(&self, progress: f64, words: String) {
        let Some((token, peer)) = &self.to else { return };
        let note = ProgressNotificationParam::new(token.clone(), progress).with_message(words);
        // A client that has gone gets no answer either.
        let _ = peer.notify_progress(note).await;
    }
}
