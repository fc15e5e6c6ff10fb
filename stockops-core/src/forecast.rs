//! The forecast: a fitted forecaster saved as one bundle, five sessions ahead, with calibrated intervals.

mod about;
mod adaptation;
mod blend;
mod bundle;
mod calibration;
mod errors;
mod forecaster;
mod har;
mod outlook;
mod output;
mod past;
mod sample;
mod units;

pub use about::{About, ParentRef};
pub use adaptation::Adaptation;
pub use blend::Blend;
pub(crate) use bundle::FORMAT;
pub use calibration::{Calibration, LEVELS};
pub use forecaster::Forecaster;
pub use har::PooledHar;
pub use outlook::{Outlook, Stance, Volatility};
pub use output::{Day, Forecast, IntervalDay, NextWeek, PastClose, Predictions};
pub use sample::Sampler;
