#![doc = include_str!("../README.md")]

pub mod error;
pub mod files;
mod least_squares;
pub mod storage;

// data: ndarray, f64
pub mod dataset;
pub mod features;
pub mod market;

// learning: burn, f32
pub mod forecast;
pub mod model;
pub mod training;

// pictures: dates and numbers to SVG
pub mod chart;

// judgement: ndarray, f64
pub mod drift;
pub mod evaluation;

// doors: a trait, a public in-memory twin, a disk one, one conformance suite; registry and record stand on `storage`
pub mod record;
pub mod registry;
pub mod source;

// composition
pub mod pipeline;

pub use dataset::Dataset;
pub use drift::{DriftMonitor, DriftReport, Health};
pub use error::{Error, Result};
pub use features::{Feature, FeatureSet, Frame};
pub use forecast::{Forecast, Forecaster};
pub use market::{AssetClass, Bar, Bars, Calendar, QualityReport, Ticker};
pub use model::{Device, LSTMModel, ModelConfig};
pub use record::{DirectoryRecord, ForecastRecord, MemoryRecord};
pub use registry::{DirectoryRegistry, MemoryRegistry, ModelRegistry};
pub use source::{BarSource, FileSource, ReadOptions, Sourced, read_bars};
pub use training::{Strategy, TransferTrainer};

#[cfg(test)]
mod testing;
