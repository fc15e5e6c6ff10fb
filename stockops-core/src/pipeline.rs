//! Composition: how a parent is trained, a child comes from it, and a forecast is made; each stage is named once.

mod backtest;
mod child;
mod gate;
mod gc;
mod import;
mod judge;
mod lookup;
mod monitor;
mod monitor_config;
mod parent;
mod predict;
mod publish;
mod refit;
mod retrain;
mod risk;
mod rollback;
mod shipped;
mod track;
mod zero_shot;

pub use backtest::{
    AblationConfig, AblationRow, Backtest, BacktestConfig, BacktestFold, ParentChoice, SeedRow, backtest,
};
pub use child::{ChildConfig, train_child};
pub use gate::{Verdict, contest};
pub use gc::{GcConfig, Removal, RemovedFile, RemovedVersion, gc};
pub use import::{import_as_parent, import_pt, publish_import};
pub use lookup::{Parent, find_parent, load, load_champion, make_parent, parent_id};
pub use monitor::{drift, drift_of, monitor, monitor_with};
pub use monitor_config::{MonitorConfig, MonitorReport};
pub use parent::{ParentConfig, train_parent};
pub(crate) use predict::{forecast_by, kept};
pub use predict::{predict, serve};
pub(crate) use publish::publish_of_job;
pub use publish::{publish, publish_with};
pub use refit::refit;
pub use retrain::{Listener, Retraining};
pub use risk::{portfolio_skill, risk_skill};
pub use rollback::rollback;
pub use shipped::{PARENT_TICKER, shipped_parent};
pub use track::{replayed, settle, track};
pub(crate) use zero_shot::watched;
pub use zero_shot::zero_shot;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::dataset::{Dataset, Part};
use crate::forecaster::Forecaster;
use crate::market::Bars;
use crate::training::History;

/// What a training made.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The forecaster, calibrated and judged.
    pub forecaster: Forecaster,
    /// What happened epoch by epoch; empty for zero-shot.
    pub history: History,
    /// The bars that it was trained, calibrated and judged on; of a pooled parent those of its first ticker.
    pub bars: Bars,
    /// First and last day of each part that those bars were split into.
    pub parts: BTreeMap<Part, [NaiveDate; 2]>,
}

/// First and last day of each part of `dataset` that has days.
fn days_of_parts(dataset: &Dataset) -> BTreeMap<Part, [NaiveDate; 2]> {
    let days = |part: Part| {
        let days = &dataset.days()[dataset.split().rows(part)];
        Some((part, [*days.first()?, *days.last()?]))
    };
    Part::ALL.into_iter().filter_map(days).collect()
}
