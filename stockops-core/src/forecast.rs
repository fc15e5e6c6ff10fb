//! The forecast: a fitted forecaster saved as one bundle, five sessions ahead, with calibrated intervals.

mod bundle;
mod calibration;
mod forecaster;
mod output;

pub(crate) use bundle::FORMAT;
pub use calibration::{Calibration, LEVELS};
pub use forecaster::{About, Forecaster, ParentRef};
pub use output::{Day, Forecast, IntervalDay, NextWeek, PastClose, Predictions};
