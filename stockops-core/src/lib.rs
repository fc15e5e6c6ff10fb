//! Daily market bars to forecasts that state their skill.

pub mod error;

// data: ndarray, f64
pub mod market;

pub use error::{Error, Result};
pub use market::{AssetClass, Bar, Bars, Ticker};
