//! A conversation: what was asked and answered in a thread, in the store of checkpoints.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stockops_core::Ticker;
use stockops_core::graph::Checkpoints;
use stockops_core::storage::{Key, Lock, Sequence, Storage};

use crate::analysts::Exchange;
use crate::error::{Error, Result};

/// Exchanges of a conversation that stay.
const KEPT: usize = 20;

/// A conversation as it is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Talk {
    ticker: Option<Ticker>,
    /// Turns that were ended.
    turns: u64,
    exchanges: Vec<Exchange>,
}

/// A thread of a ticker. Each turn is a graph's own thread, `NAME.turn-N`, until it is done.
///
/// ```text
/// analysts/talk/<NAME>/                   questions and answers
/// analysts/turns/<NAME>.turn-<N>/         checkpoints of the turn that is under way
/// analysts/leases/<NAME>                  held by the run whose turn it is
/// ```
#[derive(Debug)]
pub(super) struct Thread {
    storage: Arc<dyn Storage>,
    name: String,
    talk: Talk,
    _lease: Lock,
}

impl Thread {
    /// The thread `name`, which is of `ticker` or of nobody yet. It is held until this is dropped: two runs of a thread at a time
    /// would take the same turn.
    pub(super) fn open(storage: Arc<dyn Storage>, name: &str, ticker: &Ticker) -> Result<Self> {
        let wrong = |rule| Error::Config { field: "thread", rule, got: name.chars().take(40).collect() };
        if !Key::is_part(name) || name.len() > 120 {
            return Err(wrong("1 to 120 letters, digits and ^ . - = _ @ &, the first no dot"));
        }
        let lease = Key::new(&format!("analysts/leases/{name}"))?;
        let busy = || stockops_core::Error::Busy { what: format!("thread `{name}`"), path: storage.place(&lease) };
        let held = storage.lock(&lease)?.ok_or_else(busy)?;
        let talk = Sequence::<Talk>::new(&*storage, folder(name)?).newest()?.unwrap_or_default();
        match &talk.ticker {
            Some(other) if other != ticker => Err(wrong("a thread of the ticker that is asked about")),
            _ => Ok(Self { _lease: held, storage, name: name.into(), talk }),
        }
    }

    /// What was said, oldest first.
    pub(super) fn talk(&self) -> Vec<Exchange> {
        self.talk.exchanges.clone()
    }

    /// Whether something was said.
    pub(super) fn goes_on(&self) -> bool {
        !self.talk.exchanges.is_empty()
    }

    /// The name of the turn that comes.
    pub(super) fn turn(&self) -> String {
        format!("{}.turn-{}", self.name, self.talk.turns + 1)
    }

    /// Where turns are kept.
    pub(super) fn checkpoints(&self) -> Result<Checkpoints> {
        Ok(Checkpoints::on(Arc::clone(&self.storage), Key::new("analysts/turns")?))
    }

    /// Keep what was said, and forget the checkpoints of the turn.
    pub(super) fn close(&self, ticker: &Ticker, exchange: &Exchange) -> Result<()> {
        Sequence::<Talk>::new(&*self.storage, folder(&self.name)?).change(|there| {
            let mut talk = there.unwrap_or_default();
            talk.ticker = Some(ticker.clone());
            talk.turns += 1;
            talk.exchanges.push(exchange.clone());
            talk.exchanges.drain(..talk.exchanges.len().saturating_sub(KEPT));
            Ok((Some(talk), ()))
        })?;
        Ok(self.checkpoints()?.forget(&self.turn())?)
    }
}

fn folder(name: &str) -> stockops_core::Result<Key> {
    Key::new(&format!("analysts/talk/{name}"))
}
