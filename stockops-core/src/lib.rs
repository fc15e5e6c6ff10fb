#![doc = include_str!("../README.md")]
// Without the network nothing makes forecasts; the parts that it makes them from stay where they belong.
#![cfg_attr(not(feature = "learning"), allow(dead_code, unused_imports))]

pub mod error;
pub mod files;
mod least_squares;

// the seam: what registry, record and others are kept by
pub mod storage;

// copies of a home, through the seam
pub mod backup;

// work between parts: futures, JSON; it knows nothing of what the parts do
#[cfg(feature = "graph")]
pub mod graph;

// data: ndarray, f64
pub mod market;

pub mod features;

pub mod dataset;

pub mod source;

// vocabulary: forecasts and scores as data
pub mod forecast;

// judgement: ndarray, f64
pub mod evaluation;

pub mod drift;

pub mod risk;

// doors: registry, record, runs and features, on storage
pub mod registry;

pub mod record;

pub mod tracking;

pub mod feature_store;

// pictures: dates and numbers to SVG
pub mod chart;

// learning: burn, f32
#[cfg(feature = "learning")]
pub mod model;

#[cfg(feature = "learning")]
pub mod training;

#[cfg(feature = "learning")]
pub mod forecaster;

// composition
#[cfg(feature = "learning")]
pub mod pipeline;

// results as words, tables, charts and pages
pub mod report;

// all of it behind one value, for the faces
#[cfg(feature = "learning")]
pub mod service;

pub use dataset::Dataset;
pub use drift::{DriftMonitor, DriftReport, Health};
pub use error::{Error, Result};
pub use features::{Feature, FeatureSet, Frame};
pub use forecast::{Forecast, Role, Strategy};
#[cfg(feature = "learning")]
pub use forecaster::Forecaster;
#[cfg(feature = "graph")]
pub use graph::AgentGraph;
pub use market::{AssetClass, Bar, Bars, Calendar, QualityReport, Ticker};
#[cfg(feature = "learning")]
pub use model::{Device, LSTMModel, ModelConfig, NetworkSizes};
pub use record::{DirectoryRecord, ForecastRecord, MemoryRecord};
pub use registry::{DirectoryRegistry, MemoryRegistry, ModelRegistry};
#[cfg(feature = "learning")]
pub use service::Stockops;
pub use source::{BarSource, FileSource, ReadOptions, Sourced, read_bars};
pub use tracking::{DirectoryTracker, MemoryTracker, Tracker};
#[cfg(feature = "learning")]
pub use training::{Recipe, TransferTrainer};

#[cfg(test)]
mod testing;
