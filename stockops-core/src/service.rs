//! `Stockops`: the library as one value with one verb for each thing that it does.
//!
//! Command, wheel, server and agents call it: they parse and convert, and it knows where bars come from, where models and
//! forecasts are kept, what time it is and on which device networks run. Requests and answers are plain values that can be
//! read from and written as JSON. The rooms below ([`pipeline`](crate::pipeline) first of all) stay open to those who want
//! only a part.

mod analysed;
mod backtest;
mod batch;
mod builder;
mod exchange;
#[cfg(feature = "parquet")]
mod features;
mod forecast;
mod loaded;
mod models;
mod monitor;
mod risk;
mod runs;
mod tracked;
mod train;
mod upkeep;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use analysed::backtest_scores;
pub use backtest::BacktestRequest;
pub use batch::{
    BatchChild, BatchForecast, BatchLine, BatchMonitor, BatchOutcome, BatchReport, BatchRequest, BatchResult,
    BatchVerdict, BatchVersion, BatchWork, Shard, checked_threads,
};
pub use builder::Builder;
pub use exchange::{Exported, ImportRequest, Imported};
pub use forecast::Forecasts;
pub use models::{ListedVersion, Models, Shipped, Unreadable};
pub use monitor::MonitorRequest;
pub use runs::RunDetail;
pub use tracked::TrainingStart;
pub use train::{TrainChild, TrainParent, Training};

use crate::error::{Error, Result};
use crate::market::{Bars, Events, Ticker};
use crate::model::Device;
use crate::pipeline::parent_id;
use crate::record::ForecastRecord;
use crate::registry::ModelRegistry;
use crate::source::{BarSource, Sourced};
use crate::storage::Storage;
use crate::tracking::{HomeRuns, Tracker};
use loaded::{IndexKey, Loaded};

pub use crate::feature_store::Failed;
pub use crate::source::Clock;

/// The library with its surroundings: sources of bars, registry, record, runs, clock, device, and the models that are loaded.
///
/// It can be used from many threads at once, and clones share all of it. A model that was loaded stays loaded: a second
/// forecast of a ticker asks the registry only which version is the champion, so it sees a promotion that another process
/// made, and reads no bundle. The judgement of a parent on a ticker without a version of its own is kept as long as the
/// bars stay the same.
///
/// # Example
///
/// ```
/// use stockops_core::service::{Stockops, TrainChild};
/// use stockops_core::training::Watch;
/// use stockops_core::{Strategy, Ticker};
///
/// let stockops = Stockops::builder().build()?; // in memory, with the bars that ship with the crate; or .home("folder")
/// let amzn = Ticker::new("AMZN")?;
/// assert_eq!(stockops.forecast(&amzn)?.model_version.as_deref(), Some("^GSPC@0")); // the shipped parent, zero-shot
///
/// let request = TrainChild { strategy: Strategy::ZeroShot, ..TrainChild::new(amzn.clone()) };
/// assert_eq!(stockops.train_child(&request, &mut Watch::silent())?.version, 1);
/// assert_eq!(stockops.forecast(&amzn)?.model_version.as_deref(), Some("AMZN@1"));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Stockops {
    source: Arc<dyn BarSource>,
    events: Arc<BTreeMap<Ticker, Arc<Events>>>,
    registry: Arc<dyn ModelRegistry>,
    record: Arc<dyn ForecastRecord>,
    runs: HomeRuns,
    /// Where batches say what they have done.
    storage: Arc<dyn Storage>,
    #[cfg(feature = "parquet")]
    features: crate::feature_store::FeatureStore,
    server: Option<Arc<dyn Tracker>>,
    /// Whether analyses are runs, as trainings always are.
    tracks_analyses: bool,
    /// Whether a run has files: settings, evaluation, bundle, charts.
    keeps_run_files: bool,
    clock: Clock,
    device: Device,
    loaded: Arc<Loaded>,
}

impl Stockops {
    /// Surroundings that are not the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The same with networks on another device; what is loaded is shared.
    #[must_use]
    pub fn on(&self, device: Device) -> Self {
        Self { device, ..self.clone() }
    }

    /// The same with another registry, such as one that asks before it writes; what is loaded is shared.
    #[must_use]
    pub fn with_registry(&self, registry: impl ModelRegistry + 'static) -> Self {
        Self { registry: Arc::new(registry), ..self.clone() }
    }

    /// Where networks run.
    pub fn device(&self) -> Device {
        self.device
    }

    /// The time of its clock.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Where its versions are.
    pub fn registry(&self) -> &dyn ModelRegistry {
        &*self.registry
    }

    /// Where its forecasts, reports and decisions are.
    pub fn record(&self) -> &dyn ForecastRecord {
        &*self.record
    }

    /// All bars of `ticker` that its source has, beside those of the index that the parent is of, where it has these too, and
    /// beside the ticker's events.
    ///
    /// The bars of the index are kept for a minute of its clock.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) for a ticker that the source does not have, and those of reading.
    pub fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        let sourced = self.source.bars(ticker)?;
        let (index, events) = (self.index_beside(ticker)?, self.events.get(ticker).cloned());
        let bars = sourced.bars.with_index(index).with_events(events);
        Ok(Sourced { bars, ..sourced })
    }

    /// The bars of the index that the parent is of; none of itself, and where the source does not have them or cannot be
    /// asked. A file of it that cannot be used is an error.
    fn index_beside(&self, ticker: &Ticker) -> Result<Option<Arc<Bars>>> {
        let index = parent_id(self.registry())?.ticker;
        if !index.is_index() || index == *ticker {
            return Ok(None);
        }
        let key = IndexKey { ticker: index.clone(), minute: self.now().timestamp() / 60 };
        let read = || match self.source.bars(&index) {
            Ok(sourced) => Ok(Some(Arc::new(sourced.bars))),
            Err(error) if error.is_input() && !matches!(error, Error::NotFound { .. }) => Err(error),
            Err(_) => Ok(None),
        };
        Ok(self.loaded.index.get(&key, read)?.as_ref().clone())
    }

    /// The bars of several tickers, in their order.
    fn series(&self, tickers: &[Ticker]) -> Result<Vec<Bars>> {
        tickers.iter().map(|ticker| Ok(self.bars(ticker)?.bars)).collect()
    }
}

impl fmt::Debug for Stockops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Stockops");
        shown.field("registry", &self.registry).field("record", &self.record).field("device", &self.device);
        shown.finish_non_exhaustive()
    }
}
