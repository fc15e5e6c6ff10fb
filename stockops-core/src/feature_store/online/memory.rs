//! `MemoryOnline`: the twin for tests and for a process that serves alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::row::Held;
use super::{OnlineRow, OnlineStore, check_rows};
use crate::error::Result;
use crate::feature_store::{FeatureRow, FeatureView};
use crate::market::Ticker;

/// The newest rows in memory, none at first and gone with the last clone.
///
/// Clones share one content, as two connections to one server do.
#[derive(Debug, Clone, Default)]
pub struct MemoryOnline {
    views: Arc<Mutex<HashMap<String, HashMap<Ticker, Kept>>>>,
}

/// A row by the names of its fields: another version of the program may know other ones.
#[derive(Debug, Clone, Default)]
struct Kept {
    event: DateTime<Utc>,
    created: DateTime<Utc>,
    values: HashMap<String, Option<f64>>,
}

impl MemoryOnline {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A thread that panicked left no change half done: every row is taken as one.
    fn locked(&self) -> MutexGuard<'_, HashMap<String, HashMap<Ticker, Kept>>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OnlineStore for MemoryOnline {
    fn place(&self) -> String {
        "memory".into()
    }

    fn write(&self, view: &FeatureView, rows: &[FeatureRow]) -> Result<usize> {
        check_rows(view, rows)?;
        let names = view.names();
        let mut views = self.locked();
        let kept = views.entry(view.versioned_name()).or_default();
        Ok(rows.iter().filter(|row| take(kept, &names, row)).count())
    }

    fn read(&self, views: &[&FeatureView], tickers: &[Ticker], now: DateTime<Utc>) -> Result<Vec<Vec<OnlineRow>>> {
        let all = self.locked();
        let rows = |view: &&FeatureView| {
            let (names, kept) = (view.names(), all.get(&view.versioned_name()));
            let row = |ticker: &Ticker| {
                let held = kept.and_then(|kept| kept.get(ticker)).map(|kept| kept.held(&names));
                OnlineRow::new(view, ticker, held, now)
            };
            tickers.iter().map(row).collect()
        };
        Ok(views.iter().map(rows).collect())
    }
}

/// Take a row unless a newer one is there; whether it was taken.
fn take(kept: &mut HashMap<Ticker, Kept>, names: &[String], row: &FeatureRow) -> bool {
    let time = (row.event_timestamp, row.created_timestamp);
    if kept.get(&row.ticker).is_some_and(|there| (there.event, there.created) > time) {
        return false;
    }
    let there = kept.entry(row.ticker.clone()).or_default();
    (there.event, there.created) = time;
    let finite = row.values.iter().map(|value| value.filter(|number| !number.is_nan()));
    there.values.extend(names.iter().cloned().zip(finite));
    true
}

impl Kept {
    fn held(&self, names: &[String]) -> Held {
        let fields = names.iter().map(|name| self.values.get(name).copied()).collect();
        Held { event: self.event, created: Some(self.created), fields }
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::*;

    #[test]
    fn memory_keeps_every_promise() {
        conformance(&MemoryOnline::new());
    }
}
