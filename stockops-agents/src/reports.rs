//! `Reports`: runs that were kept, to be looked at, compared and shown again.

use std::sync::Arc;

use crate::analyze::Event;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::report::Charts;
use stockops_core::risk::RiskStatement;
use stockops_core::source::Sourced;
use stockops_core::storage::{Key, Storage, json};
use stockops_core::{Error, Forecast, Ticker};

use crate::error::Result;
use crate::facts::{Company, Gathered, Moment};
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
    /// What its facts were read from; none of a run that an older version kept.
    #[serde(default)]
    pub sources: Option<Sources>,
}

/// What the facts of a run were read from: each number can be followed to it, and nobody is asked again.
///
/// Headlines stand in the report, each with its address, publisher and date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// Where the bars come from, such as `yahoo` or a file.
    pub bars_from: String,
    /// When bars and documents were fetched or made.
    pub fetched: DateTime<Utc>,
    /// Who gave headlines; none where nobody was asked.
    pub news_from: Option<String>,
    /// The bars, with what was found in them and how they are understood.
    pub bars: Sourced,
    /// The forecast.
    pub forecast: Forecast,
    /// What the version that forecasts did on held-out days.
    pub evaluation: Evaluation,
    /// What may be lost and reached; none where nothing was calibrated.
    pub risk: Option<RiskStatement>,
    /// Whether market and model are as they were.
    pub drift: DriftReport,
}

impl Kept {
    /// The number that the origin of the fact `id` leads to in the kept sources, computed or read anew; none for a word, a day, what
    /// is counted of a list, and where no sources were kept.
    pub fn follow(&self, id: &str) -> Option<f64> {
        let (fact, sources) = (self.report.fact(id)?, self.sources.as_ref()?);
        let company =
            Company { ticker: self.report.ticker.clone(), name: None, exchange: String::new(), currency: None };
        let AnalystReport { as_of, decided, replayed, headlines, .. } = &self.report;
        let Sources { bars_from, fetched, bars, forecast, evaluation, risk, drift, .. } = sources;
        let gathered = Gathered {
            company: &company,
            moment: Moment { last_bar: *as_of, decided: *decided, replayed: *replayed },
            source: bars_from,
            fetched: *fetched,
            bars,
            forecast,
            evaluation,
            risk: risk.as_ref(),
            drift,
            headlines,
        };
        gathered.follow(fact)
    }
}

/// Runs on a [`Storage`]: of each ticker the newest, as many as are to be kept.
///
/// ```text
/// reports/<TICKER>/<RUN>.json    report, events, charts and sources of a run, some 100 bytes a bar
/// reports/<TICKER>/latest.json   the newest report that answers no question
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
        Ok(json::read(&self.storage.place(&key), &bytes)?)
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

    /// Let `report` be what is shown of its ticker to everybody: one that answers no question and was not asked as of a past day.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn stand(&self, report: &AnalystReport) -> Result<()> {
        let shown = AnalystReport { thread: None, ..report.clone() };
        self.write(&folder(&report.ticker)?.join(LATEST)?, &shown)
    }

    /// What is shown of `ticker` to everybody: the newest report that [stands](Self::stand); none before the first.
    ///
    /// # Errors
    ///
    /// Those of the storage; [`Error::File`] where it is broken.
    pub fn standing(&self, ticker: &Ticker) -> Result<Option<AnalystReport>> {
        let key = folder(ticker)?.join(LATEST)?;
        Ok(self.storage.get(&key)?.map(|bytes| json::read(&self.storage.place(&key), &bytes)).transpose()?)
    }

    /// Keep a run, and remove those that are too old.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn keep(&self, kept: &Kept) -> Result<()> {
        let folder = folder(&kept.report.ticker)?;
        self.write(&folder.join(format!("{}.json", kept.report.run))?, kept)?;
        let runs = self.runs(&kept.report.ticker)?;
        for old in &runs[..runs.len().saturating_sub(self.kept.max(1))] {
            self.storage.remove(&folder.join(format!("{old}.json"))?)?;
        }
        Ok(())
    }

    fn write(&self, key: &Key, value: &impl Serialize) -> Result<()> {
        Ok(self.storage.put(key, &json::write(&self.storage.place(key), value)?)?)
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
