//! `Desk`: what the analysts may ask of the house, and the house itself.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::{Bars, Forecast, Ticker};

use crate::error::Result;

/// Bars, forecasts, risk and drift of a ticker. Its calls may take long; who is async calls them on a thread for such work.
pub trait Desk: Debug + Send + Sync {
    /// The time of its clock.
    fn now(&self) -> DateTime<Utc>;

    /// All bars of `ticker`, and what is to be said about them.
    ///
    /// # Errors
    ///
    /// Those of the source.
    fn bars(&self, ticker: &Ticker) -> Result<Sourced>;

    /// The next sessions after `bars`.
    ///
    /// # Errors
    ///
    /// Those of the registry and of short histories.
    fn forecast(&self, bars: &Bars) -> Result<Forecast>;

    /// [`forecast`](Self::forecast) that is not kept, for days that are long over.
    ///
    /// # Errors
    ///
    /// As [`forecast`](Self::forecast).
    fn preview(&self, bars: &Bars) -> Result<Forecast>;

    /// What the version that forecasts did on held-out days.
    ///
    /// # Errors
    ///
    /// As [`forecast`](Self::forecast).
    fn evaluation(&self, bars: &Bars) -> Result<Evaluation>;

    /// What may be lost and reached after `bars`.
    ///
    /// # Errors
    ///
    /// As [`forecast`](Self::forecast), and where nothing was calibrated.
    fn risk(&self, bars: &Bars, question: &RiskQuestion) -> Result<RiskStatement>;

    /// Whether market and model are as they were.
    ///
    /// # Errors
    ///
    /// Those of registry and record.
    fn drift(&self, bars: &Bars) -> Result<DriftReport>;
}

#[cfg(feature = "stockops")]
impl Desk for stockops_core::Stockops {
    fn now(&self) -> DateTime<Utc> {
        self.now()
    }

    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        Ok(self.bars(ticker)?)
    }

    fn forecast(&self, bars: &Bars) -> Result<Forecast> {
        Ok(self.forecast_of(bars)?)
    }

    fn preview(&self, bars: &Bars) -> Result<Forecast> {
        Ok(self.preview_of(bars)?)
    }

    fn evaluation(&self, bars: &Bars) -> Result<Evaluation> {
        Ok(self.evaluation_of(bars)?)
    }

    fn risk(&self, bars: &Bars, question: &RiskQuestion) -> Result<RiskStatement> {
        Ok(self.risk_of(bars, question)?)
    }

    fn drift(&self, bars: &Bars) -> Result<DriftReport> {
        Ok(self.drift_of(bars)?)
    }
}
