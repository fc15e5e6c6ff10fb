//! The fitted forecaster: network, blend and calibration in one value, saved as one bundle.

mod about;
mod adaptation;
mod blend;
mod bundle;
mod calibration;
mod export;
mod fitted;
mod har;
mod import;
mod own;
mod past;
mod recipe;

pub use about::{About, ParentRef};
pub use adaptation::Adaptation;
pub use blend::Blend;
pub(crate) use bundle::FORMAT;
pub use calibration::Calibration;
pub use export::ExportFormat;
pub use fitted::Forecaster;
pub use har::{PooledHar, Series};
pub use import::Import;
