//! Composition: how a parent is trained, a child comes from it, and a forecast is made; each stage is named once.

mod backtest;
mod charts;
mod child;
mod gate;
mod judge;
mod monitor;
mod parent;
mod predict;
mod publish;
mod retrain;
mod rollback;
mod score_charts;
mod shipped;
mod track;

pub use backtest::{
    AblationConfig, AblationRow, Backtest, BacktestConfig, BacktestFold, ParentChoice, SeedRow, backtest,
};
pub use charts::{drift_svg, fan, own_fan};
pub use child::{ChildConfig, train_child};
pub use gate::{Verdict, contest};
pub use monitor::{MonitorConfig, MonitorReport, drift, drift_of, monitor};
pub use parent::{ParentConfig, train_parent};
pub use predict::{Parent, find_parent, load, load_champion, make_parent, parent_id, predict, serve, zero_shot};
pub use publish::publish;
pub use rollback::rollback;
pub use shipped::{PARENT_TICKER, shipped_parent};
pub use track::{replayed, settle, track};

use crate::forecast::Forecaster;
use crate::market::Bars;
use crate::training::History;

/// What a training made.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The forecaster, calibrated and judged.
    pub forecaster: Forecaster,
    /// What happened epoch by epoch; empty for zero-shot.
    pub history: History,
    /// Charts of it as (file name, SVG).
    pub charts: Vec<(String, String)>,
    /// The bars that it was trained, calibrated and judged on; of a pooled parent those of its first ticker.
    pub bars: Bars,
}
