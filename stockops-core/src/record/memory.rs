//! `MemoryRecord`: the twin for tests and for programs that keep nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Decision, ForecastRecord, KeptForecast, Settle, shelf};
use crate::drift::DriftReport;
use crate::error::Result;
use crate::market::Ticker;

/// A record in memory, empty at first and gone with its last clone; clones share one content.
///
/// # Example
///
/// ```
/// use stockops_core::record::{ForecastRecord, MemoryRecord};
///
/// assert!(MemoryRecord::new().forecasts(&"GOOG".parse()?)?.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryRecord {
    shelves: Arc<Mutex<BTreeMap<Ticker, Shelf>>>,
}

/// What is kept of one ticker.
#[derive(Debug, Default)]
struct Shelf {
    forecasts: Vec<KeptForecast>,
    decisions: Vec<Decision>,
    latest: Option<DriftReport>,
    history: Vec<DriftReport>,
}

impl MemoryRecord {
    /// An empty record.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, ticker: &Ticker, work: impl FnOnce(&mut Shelf) -> T) -> T {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        work(shelves.entry(ticker.clone()).or_default())
    }
}

impl ForecastRecord for MemoryRecord {
    fn keep(&self, forecast: &KeptForecast) -> Result<bool> {
        Ok(self.with(&forecast.ticker, |own| shelf::keep(&mut own.forecasts, forecast)))
    }

    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>> {
        Ok(self.with(ticker, |own| own.forecasts.clone()))
    }

    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize> {
        Ok(self.with(ticker, |own| shelf::settle(&mut own.forecasts, settle)))
    }

    fn decide(&self, decision: &Decision) -> Result<()> {
        self.with(&decision.ticker, |own| shelf::decide(&mut own.decisions, decision));
        Ok(())
    }

    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>> {
        Ok(self.with(ticker, |own| own.decisions.clone()))
    }

    fn keep_report(&self, report: &DriftReport) -> Result<()> {
        self.with(&report.ticker, |own| {
            shelf::keep_report(&mut own.history, report);
            own.latest = Some(report.clone());
        });
        Ok(())
    }

    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>> {
        Ok(self.with(ticker, |own| own.latest.clone()))
    }

    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>> {
        Ok(self.with(ticker, |own| own.history.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::conformance;

    #[test]
    fn memory_keeps_every_promise() {
        conformance(&MemoryRecord::new());
    }
}
