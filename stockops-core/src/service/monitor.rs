//! Drift of a ticker, and what is done about it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Stockops;
use crate::drift::DriftReport;
use crate::error::Result;
use crate::market::{Bars, Ticker};
use crate::pipeline::{MonitorConfig, MonitorReport, drift_of, monitor_with};
use crate::tracking::Batch;
use crate::training::Watch;

/// What a monitor is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MonitorRequest {
    /// Whose drift.
    pub ticker: Ticker,
    /// Train where the policy says so; without it training is recommended and not done.
    #[serde(default)]
    pub retrain: bool,
    /// Tickers that a pooled parent is trained on besides its own.
    #[serde(default)]
    pub pool: Vec<Ticker>,
}

impl MonitorRequest {
    /// Report, and recommend.
    pub fn new(ticker: Ticker) -> Self {
        Self { ticker, retrain: false, pool: Vec::new() }
    }
}

impl Stockops {
    /// Report on the drift of a ticker: score what has come, watch the version that forecasts it, keep the report.
    ///
    /// # Errors
    ///
    /// Those of source, registry and record.
    pub fn drift(&self, ticker: &Ticker) -> Result<DriftReport> {
        self.drift_of(&self.bars(ticker)?.bars)
    }

    /// [`drift`](Self::drift) where the bars are at hand: no source is asked.
    ///
    /// # Errors
    ///
    /// Those of registry and record.
    pub fn drift_of(&self, bars: &Bars) -> Result<DriftReport> {
        self.analysed("drift", bars, drift_words, || {
            let who = self.who_is_watched(bars)?;
            drift_of(&who.forecaster, &who.id, self.record(), bars, &self.monitor_config())
        })
    }

    /// [`drift`](Self::drift), then what the policy says: nothing, or a challenger that takes over only through the gate.
    ///
    /// # Errors
    ///
    /// Those of [`monitor`](crate::pipeline::monitor()).
    pub fn monitor(&self, request: &MonitorRequest, watch: &mut Watch<'_>) -> Result<MonitorReport> {
        let bars = self.bars(&request.ticker)?.bars;
        self.monitor_of(&bars, self.series(&request.pool)?, request.retrain, watch)
    }

    /// [`monitor`](Self::monitor) where all bars are at hand: no source is asked.
    ///
    /// # Errors
    ///
    /// Those of [`monitor`](crate::pipeline::monitor()).
    pub fn monitor_of(
        &self,
        bars: &Bars,
        pool: Vec<Bars>,
        retrain: bool,
        watch: &mut Watch<'_>,
    ) -> Result<MonitorReport> {
        let config = MonitorConfig { retrain, pool, ..self.monitor_config() };
        let said = |report: &MonitorReport, batch: Batch, now| {
            let (action, verdict) = (&report.action, json!(report.action.verdict));
            let batch = batch.tag("verdict", verdict.as_str().unwrap_or_default()).tag("reason", &action.reason);
            drift_words(&report.drift, batch, now)
        };
        self.analysed("monitor", bars, said, || {
            self.tracked_retraining(bars, watch, |watch, listener| {
                monitor_with(self.registry(), self.record(), bars, &config, watch, listener)
            })
        })
    }

    fn monitor_config(&self) -> MonitorConfig {
        MonitorConfig { device: self.device, now: Some(self.now()), ..MonitorConfig::default() }
    }
}

/// What a report says in numbers and words.
fn drift_words(report: &DriftReport, batch: Batch, now: DateTime<Utc>) -> Batch {
    let scores = [("drift_score", report.drift_score), ("volatility_index", report.volatility_index)];
    let batch = scores.into_iter().fold(batch, |batch, (name, score)| match score {
        Some(score) => batch.point(name, score, 0, now),
        None => batch,
    });
    let health = json!(report.health);
    let batch = health.as_str().into_iter().fold(batch, |batch, health| batch.tag("health", health));
    report.model_version.iter().fold(batch, |batch, version| batch.tag("version", version))
}
