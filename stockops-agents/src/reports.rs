//! `Reports`: runs that were kept, to be looked at, compared and shown again.

use std::sync::Arc;

use crate::analyze::Event;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::report::Charts;
use stockops_core::storage::{Key, Storage};
use stockops_core::{Error, Ticker};

use crate::error::Result;
use crate::report::AnalystReport;

/// Name of the newest report beside the runs.
const LATEST: &str = "latest.json";

/// A run as it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What came of it.
    pub report: AnalystReport,
    /// What it told while it went.
    pub events: Vec<Event>,
    /// Its charts as (file name, SVG).
    pub charts: Charts,
}

/// Runs on a [`Storage`]: of each ticker the newest, as many as are to be kept.
///
/// ```text
/// reports/<TICKER>/<RUN>.json    report, events and charts of a run
/// reports/<TICKER>/latest.json   the newest report alone
/// ```
#[derive(Debug, Clone)]
pub struct Reports {
    storage: Arc<dyn Storage>,
    kept: usize,
}

impl Reports {
    /// Reports on `storage`, of which the last `kept` of a ticker stay.
    pub fn on(storage: Arc<dyn Storage>, kept: usize) -> Self {
        Self { storage, kept }
    }

    /// Names of the runs of `ticker`, oldest first.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn runs(&self, ticker: &Ticker) -> Result<Vec<String>> {
        let names = self.storage.list(&folder(ticker)?)?;
        Ok(names
            .iter()
            .filter(|name| *name != LATEST)
            .filter_map(|name| Some(name.strip_suffix(".json")?.into()))
            .collect())
    }

    /// The run `run` of `ticker`; the newest that is kept where it is called `latest`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none, [`Error::File`] where it is broken; those of the storage.
    pub fn run(&self, ticker: &Ticker, run: &str) -> Result<Kept> {
        let newest = if run == "latest" { self.runs(ticker)?.pop() } else { None };
        let run = newest.as_deref().unwrap_or(run);
        let key = folder(ticker)?.join(format!("{run}.json"))?;
        let missing = || Error::NotFound { kind: "run of the analysts", name: run.into(), hint: self.hint(ticker) };
        // `latest.json` is a report and no run.
        let bytes = self.storage.get(&key)?.filter(|_| run != "latest").ok_or_else(missing)?;
        Ok(read(&*self.storage, &key, &bytes)?)
    }

    /// The newest report of `ticker` that was decided by `moment` and is of no past day; none before the first. Runs that
    /// cannot be read are passed over.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn latest(&self, ticker: &Ticker, moment: DateTime<Utc>) -> Result<Option<AnalystReport>> {
        let kept = self.runs(ticker)?.into_iter().rev().filter_map(|run| self.run(ticker, &run).ok());
        Ok(kept.map(|kept| kept.report).find(|report| !report.replayed && report.decided <= moment))
    }

    /// Keep a run, and remove those that are too old.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn keep(&self, kept: &Kept) -> Result<()> {
        let folder = folder(&kept.report.ticker)?;
        self.write(&folder.join(format!("{}.json", kept.report.run))?, kept)?;
        if !kept.report.replayed {
            self.write(&folder.join(LATEST)?, &kept.report)?;
        }
        let runs = self.runs(&kept.report.ticker)?;
        for old in &runs[..runs.len().saturating_sub(self.kept.max(1))] {
            self.storage.remove(&folder.join(format!("{old}.json"))?)?;
        }
        Ok(())
    }

    fn write(&self, key: &Key, value: &impl Serialize) -> Result<()> {
        let wrong = |error: serde_json::Error| Error::File {
            path: self.storage.place(key),
            line: None,
            problem: error.to_string(),
        };
        Ok(self.storage.put(key, &serde_json::to_vec_pretty(value).map_err(wrong)?)?)
    }

    fn hint(&self, ticker: &Ticker) -> String {
        match self.runs(ticker).unwrap_or_default().last() {
            Some(newest) => format!("the newest of {ticker} is {newest}"),
            None => format!("none of {ticker} is kept"),
        }
    }
}

/// A word for a run that begins at `now` and is told apart by `salt`: names are in the order of time.
pub(crate) fn run_name(ticker: &Ticker, now: DateTime<Utc>, salt: u32) -> String {
    format!("{ticker}-{}-{salt:08x}", now.format("%Y%m%dT%H%M%S%3f"))
}

fn folder(ticker: &Ticker) -> stockops_core::Result<Key> {
    Key::new(&format!("reports/{ticker}"))
}

fn read(storage: &dyn Storage, key: &Key, bytes: &[u8]) -> stockops_core::Result<Kept> {
    let problem = |error: serde_json::Error| format!("it is no run that was kept: {error}");
    serde_json::from_slice(bytes).map_err(|error| Error::File {
        path: storage.place(key),
        line: None,
        problem: problem(error),
    })
}
