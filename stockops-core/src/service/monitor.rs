//! Drift of a ticker, and what is done about it.

use serde::{Deserialize, Serialize};

use super::Stockops;
use crate::drift::DriftReport;
use crate::error::Result;
use crate::market::{Bars, Ticker};
use crate::pipeline::{MonitorConfig, MonitorReport, drift_of, monitor};
use crate::training::Watch;

/// What a monitor is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        let who = self.who_forecasts(bars)?;
        drift_of(&who.forecaster, &who.id, self.record(), bars, &self.monitor_config())
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
        self.tracked_retraining(bars, watch, |watch| monitor(self.registry(), self.record(), bars, &config, watch))
    }

    fn monitor_config(&self) -> MonitorConfig {
        MonitorConfig { device: self.device, now: Some(self.now()), ..MonitorConfig::default() }
    }
}
