//! What stockops 0.1 kept: JSON lines in one file of each kind, replaced whole.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::names::{Entries, drift_folder, folder, stem_of};
use super::{Decision, KeptForecast};
use crate::drift::DriftReport;
use crate::error::Result;
use crate::market::Ticker;
use crate::storage::{Key, Storage, json};

/// The files of a ticker that old entries stand in.
pub(super) struct OldFiles {
    pub(super) forecasts: Key,
    pub(super) decisions: Key,
    pub(super) history: Key,
    pub(super) latest: Key,
}

impl OldFiles {
    pub(super) fn of(ticker: &Ticker) -> Result<Self> {
        let (folder, drift) = (folder(ticker)?, drift_folder(ticker)?);
        Ok(Self {
            forecasts: folder.join("forecasts.jsonl")?,
            decisions: folder.join("decisions.jsonl")?,
            history: drift.join("history.jsonl")?,
            latest: drift.join("latest.json")?,
        })
    }

    pub(super) fn forecasts(&self, storage: &dyn Storage) -> Result<Entries<KeptForecast>> {
        Ok(numbered(lines(storage, &self.forecasts)?, KeptForecast::stem))
    }

    pub(super) fn decisions(&self, storage: &dyn Storage) -> Result<Entries<Decision>> {
        Ok(numbered(lines(storage, &self.decisions)?, |decision: &Decision| stem_of(Some(decision.day))))
    }

    /// The history, and in the place of its report of the latest day the one with a trail.
    pub(super) fn reports(&self, storage: &dyn Storage) -> Result<Entries<DriftReport>> {
        let stem = |report: &DriftReport| stem_of(report.as_of);
        let mut reports = numbered(lines(storage, &self.history)?, stem);
        if let Some(bytes) = storage.get(&self.latest)? {
            let latest: DriftReport = json::read(&storage.place(&self.latest), &bytes)?;
            reports.insert(format!("{}.0001", stem(&latest)), latest);
        }
        Ok(reports)
    }
}

fn lines<T: DeserializeOwned>(storage: &dyn Storage, key: &Key) -> Result<Vec<T>> {
    let bytes = storage.get(key)?.unwrap_or_default();
    json::read_lines(&storage.place(key), &bytes)
}

/// Entries under the names that they would have got one after the other.
fn numbered<T>(lines: Vec<T>, stem: impl Fn(&T) -> String) -> Entries<T> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let named = lines.into_iter().map(|line| {
        let stem = stem(&line);
        let number = count.entry(stem.clone()).or_default();
        *number += 1;
        (format!("{stem}.{number:04}"), line)
    });
    named.collect()
}
