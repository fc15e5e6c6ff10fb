//! `MonitorConfig` and `MonitorReport`: what a monitor is told, and what it answers.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::drift::{DriftReport, RetrainPolicy};
use crate::market::{Bars, Ticker};
use crate::model::Device;
use crate::record::Decision;
use crate::training::TrainConfig;

/// Settings of [`monitor`](super::monitor()).
#[derive(Debug, Clone, Default)]
pub struct MonitorConfig {
    /// When to train again.
    pub policy: RetrainPolicy,
    /// Whether training is allowed; else it is recommended.
    pub retrain: bool,
    /// Settings of a training; those of the champion where none are given.
    pub train: Option<TrainConfig>,
    /// Series that a pooled parent is trained on besides its own.
    pub pool: Vec<Bars>,
    /// Where to compute.
    pub device: Device,
    /// The time that stands in the report; that of the clock where none is given.
    pub now: Option<DateTime<Utc>>,
}

/// What [`monitor`](super::monitor()) found and did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitorReport {
    /// Whose.
    pub ticker: Ticker,
    /// The drift report of the version that forecast until now.
    pub drift: DriftReport,
    /// Evaluation of the written report; `null` until there is one.
    pub agent_eval: Option<serde_json::Value>,
    /// What was decided and why.
    pub action: Decision,
}
