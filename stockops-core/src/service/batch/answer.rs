//! What a batch says: a line for each ticker, and all of them together.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::drift::Health;
use crate::feature_store::Failed;
use crate::forecast::Forecast;
use crate::market::Ticker;
use crate::pipeline::MonitorReport;
use crate::record::Verdict;
use crate::registry::{Alias, Version};

/// What became of one ticker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchLine {
    /// Whose line.
    pub ticker: Ticker,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: BatchOutcome,
}

/// What became of one ticker's part of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum BatchOutcome {
    /// It was done now.
    Done {
        /// Wall time.
        seconds: f64,
        /// What came of it.
        #[serde(flatten)]
        result: BatchResult,
    },
    /// It was done before, with the same data and settings.
    Skipped {
        /// What came of it then.
        #[serde(flatten)]
        result: BatchResult,
    },
    /// It failed, and touched no other.
    Failed {
        /// The [kind](crate::Error::kind) of the error; `fault` for one of the program.
        kind: &'static str,
        /// Its words, with those of [all that caused it](crate::Error::with_causes).
        message: String,
    },
}

/// What came of one ticker's part of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum BatchResult {
    /// A version.
    Train(BatchVersion),
    /// A forecast.
    Forecast(BatchForecast),
    /// A report and a decision.
    Monitor(BatchVerdict),
}

/// The version that a batch trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchVersion {
    /// Its number.
    pub version: u32,
    /// SHA-256 of its bundle.
    pub bundle_sha256: String,
    /// The version that it was transferred from.
    pub parent_version: Option<String>,
    /// Champion or challenger.
    pub alias: Vec<Alias>,
    /// Whether it has not shown skill yet.
    pub unproven: bool,
}

impl From<&Version> for BatchVersion {
    fn from(version: &Version) -> Self {
        Self {
            version: version.version,
            bundle_sha256: version.sha256.clone(),
            parent_version: version.parent.clone(),
            alias: version.alias.clone(),
            unproven: version.unproven,
        }
    }
}

/// A forecast in short; the whole of it is in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchForecast {
    /// The version that forecast.
    pub model_version: Option<String>,
    /// Last day of the bars.
    pub last_date: NaiveDate,
    /// Close of that day.
    pub last_price: f64,
    /// The sessions that are forecast.
    pub dates: Vec<NaiveDate>,
    /// Their closes.
    pub close: Vec<f64>,
    /// 90 % intervals of the closes; empty where nothing was calibrated.
    pub close_90: Vec<[f64; 2]>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

impl From<Forecast> for BatchForecast {
    fn from(forecast: Forecast) -> Self {
        let intervals = forecast.intervals.get("90").into_iter().flatten();
        Self {
            model_version: forecast.model_version,
            last_date: forecast.last_date,
            last_price: forecast.last_price,
            dates: forecast.next_business_days,
            close: forecast.predictions.full_forecast.iter().map(|day| day.close).collect(),
            close_90: intervals.map(|day| day.close).collect(),
            notes: forecast.notes,
        }
    }
}

/// A monitor's report in short; the whole of it is in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchVerdict {
    /// The version that forecast until now.
    pub model_version: Option<String>,
    /// Last day of the bars.
    pub as_of: Option<NaiveDate>,
    /// How the ticker and its model are; `None` where there were too few bars to say.
    pub health: Option<Health>,
    /// What was decided.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// The version that was trained.
    pub challenger: Option<String>,
}

impl From<MonitorReport> for BatchVerdict {
    fn from(MonitorReport { drift, action, .. }: MonitorReport) -> Self {
        Self {
            model_version: drift.model_version,
            as_of: drift.as_of,
            health: drift.health,
            verdict: action.verdict,
            reason: action.reason,
            challenger: action.challenger,
        }
    }
}

/// What became of all tickers, each list in the order of the request.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BatchReport {
    /// Those that were done now.
    pub done: Vec<Ticker>,
    /// Those that were done before.
    pub skipped: Vec<Ticker>,
    /// Those that failed, and why.
    pub failed: Vec<Failed>,
    /// How many were not come to, because the batch was stopped.
    pub left: usize,
    /// How many were worked on at once, at most.
    pub threads: usize,
    /// Wall time.
    pub seconds: f64,
}

impl BatchReport {
    /// The report when all is over, with the order of `tickers`.
    pub(in crate::service) fn over(mut self, tickers: &[Ticker], seconds: f64) -> Self {
        let places: HashMap<&Ticker, usize> =
            tickers.iter().enumerate().map(|(place, ticker)| (ticker, place)).collect();
        let place = |ticker: &Ticker| places.get(ticker).copied();
        self.done.sort_by_key(place);
        self.skipped.sort_by_key(place);
        self.failed.sort_by_key(|failed| place(&failed.ticker));
        self.left = tickers.len() - self.done.len() - self.skipped.len() - self.failed.len();
        Self { seconds, ..self }
    }

    /// Whether the call would end in the same way once more: every ticker that is missing failed because its input is wrong.
    pub fn is_input(&self) -> bool {
        self.left == 0 && self.failed.iter().all(|failed| failed.is_input)
    }
}
