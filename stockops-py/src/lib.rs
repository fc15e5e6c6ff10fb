//! The wheel `stockops`: it converts, releases the GIL, calls core and maps errors. No formula, no default of its own.
//!
//! Docs of items are what Python shows: in the form of Google's docstrings, from which `stubs.py` makes the stubs.

mod analyze;
mod arrays;
mod backtest;
mod bars;
mod batch;
mod chart;
mod children;
mod dataset;
mod drift;
mod error;
mod feature_store;
mod features;
mod forecast;
mod forecaster;
mod graph;
mod html;
mod json;
mod model;
mod progress;
mod registry;
mod risk;
mod table;
mod tracker;
mod training;
mod words;
mod work;
mod yahoo;

use pyo3::prelude::*;

/// The compiled part of stockops; use the package.
#[pymodule]
mod _stockops {
    #[pymodule_export]
    use crate::analyze::{PyAnalystReport, analyze};
    #[pymodule_export]
    use crate::backtest::{PyBacktest, backtest};
    #[pymodule_export]
    use crate::bars::{_bars, PyBars, load_bars, pool, tickers};
    #[pymodule_export]
    use crate::batch::{_batch_parts, _batch_shard};
    #[pymodule_export]
    use crate::chart::Chart;
    #[pymodule_export]
    use crate::children::{_child_answer, _child_order, _train_child};
    #[pymodule_export]
    use crate::dataset::{_scaler, PyDataset, PyStandardScaler};
    #[pymodule_export]
    use crate::drift::{_drift_report, PyDriftMonitor, PyDriftReport};
    #[pymodule_export]
    use crate::feature_store::PyFeatureStore;
    #[pymodule_export]
    use crate::features::{PyFeatureSet, PyFrame};
    #[pymodule_export]
    use crate::forecast::{_forecast, PyForecast};
    #[pymodule_export]
    use crate::forecaster::{_forecaster, PyForecaster, shipped_parent};
    #[pymodule_export]
    use crate::graph::{Done, PyAgentGraph, PyCheckpoints, PyGraphRun, PyNodeContext, PyReservation};
    #[pymodule_export]
    use crate::model::{_model, PyLSTMModel};
    #[pymodule_export]
    use crate::progress::Progress;
    #[pymodule_export]
    use crate::registry::{PyModelRegistry, restore};
    #[pymodule_export]
    use crate::risk::{_portfolio, PyPortfolio, PyPortfolioRisk, PyRisk};
    #[pymodule_export]
    use crate::table::_stream;
    #[pymodule_export]
    use crate::tracker::{PyActiveRun, PyTracker};
    #[pymodule_export]
    use crate::training::{_trainer, PyHistory, PyTransferTrainer};
    #[pymodule_export]
    use crate::yahoo::PyYahooSource;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::work::begin();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
