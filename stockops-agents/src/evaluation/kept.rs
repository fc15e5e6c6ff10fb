//! `Evaluations`: the latest evaluation of each ticker, and all before it.

use std::sync::Arc;

use stockops_core::Ticker;
use stockops_core::storage::{Key, Log, Storage, json};

use super::AgentEval;
use crate::error::Result;

/// Evaluations that are single files before they are bound into one.
const SINGLE: usize = 64;

/// Evaluations on a [`Storage`]: `evaluations/TICKER/latest.json` and a log in `evaluations/TICKER/history`.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use stockops_agents::evaluation::Evaluations;
/// use stockops_core::storage::MemoryStorage;
///
/// let evaluations = Evaluations::new(Arc::new(MemoryStorage::new()));
/// assert!(evaluations.latest(&"GOOG".parse()?)?.is_none());
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Evaluations {
    storage: Arc<dyn Storage>,
}

impl Evaluations {
    /// Those in `storage`.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage }
    }

    /// Keep an evaluation; one that is kept already is kept once.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn keep(&self, evaluation: &AgentEval) -> Result<()> {
        let history = self.log(&evaluation.ticker)?;
        let day = evaluation.timestamp.date_naive().to_string();
        history.add(&day, evaluation, |there| Ok(!there.values().any(|kept| kept == evaluation)))?;
        if history.count_unbound()? >= SINGLE {
            history.bind(history.unbound()?, &[])?;
        }
        let is_newer = self.latest(&evaluation.ticker)?.is_none_or(|latest| latest.timestamp <= evaluation.timestamp);
        if is_newer {
            let key = latest_key(&evaluation.ticker)?;
            self.storage.put(&key, &json::write(&self.storage.place(&key), evaluation)?)?;
        }
        Ok(())
    }

    /// The evaluation of the latest report; `None` before the first.
    ///
    /// # Errors
    ///
    /// Those of [`json::read`] where the file is broken; those of the storage.
    pub fn latest(&self, ticker: &Ticker) -> Result<Option<AgentEval>> {
        let key = latest_key(ticker)?;
        let Some(bytes) = self.storage.get(&key)? else { return Ok(None) };
        Ok(Some(json::read(&self.storage.place(&key), &bytes)?))
    }

    /// All evaluations of a ticker, oldest first.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn history(&self, ticker: &Ticker) -> Result<Vec<AgentEval>> {
        let mut history: Vec<AgentEval> = self.log(ticker)?.entries()?.into_values().collect();
        history.sort_by_key(|evaluation| evaluation.timestamp);
        Ok(history)
    }

    fn log(&self, ticker: &Ticker) -> Result<Log<'_, AgentEval>> {
        Ok(Log::new(&*self.storage, folder(ticker)?.join("history")?))
    }
}

fn folder(ticker: &Ticker) -> Result<Key> {
    Ok(Key::new("evaluations")?.join(ticker)?)
}

fn latest_key(ticker: &Ticker) -> Result<Key> {
    Ok(folder(ticker)?.join("latest.json")?)
}

#[cfg(test)]
mod tests;
