//! `KeptForecast`: a forecast that was made, and what came of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::drift::Outcome;
use crate::forecast::{Day, Forecast, IntervalDay, PastClose};
use crate::market::Ticker;

/// A forecast as it was served, and its outcomes as their days arrive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptForecast {
    /// Whose forecast.
    pub ticker: Ticker,
    /// Last day that it knew.
    pub last_date: NaiveDate,
    /// Close of that day as it was then; of a day that was not over it is the price at that time.
    pub last_price: f64,
    /// The close of the day before as it was then. A split or a dividend since then changes both closes, the end of a day
    /// that was not over changes the last one alone. `None` in forecasts that stockops 0.1 kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<PastClose>,
    /// Version that made it, such as `GOOG@3`; `^GSPC@3` for a parent's zero-shot forecast.
    pub version: String,
    /// The sessions.
    pub days: Vec<Day>,
    /// Their 90 % intervals; empty where nothing was calibrated.
    pub interval_90: Vec<IntervalDay>,
    /// What came of it, nearest session first.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
}

impl KeptForecast {
    /// What is kept of `forecast`; without a version it is kept under `none`.
    pub fn of(forecast: &Forecast) -> Self {
        Self {
            ticker: forecast.ticker.clone(),
            last_date: forecast.last_date,
            last_price: forecast.last_price,
            before: forecast.history.iter().rev().nth(1).copied(),
            version: forecast.model_version.clone().unwrap_or_else(|| "none".into()),
            days: forecast.predictions.full_forecast.clone(),
            interval_90: forecast.intervals.get("90").cloned().unwrap_or_default(),
            outcomes: Vec::new(),
        }
    }

    /// Whether it says the same as `other`, whatever came of both.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |kept: &Self| Self { outcomes: Vec::new(), ..kept.clone() };
        said(self) == said(other)
    }

    /// Whether all of its days have come.
    pub fn is_settled(&self) -> bool {
        self.outcomes.len() >= self.days.len()
    }
}
