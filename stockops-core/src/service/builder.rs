//! `Builder`: the surroundings of a service, each with a default.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::loaded::Loaded;
use super::{Clock, Stockops};
use crate::backup::check_finished;
use crate::error::Result;
#[cfg(feature = "parquet")]
use crate::feature_store::FeatureStore;
use crate::market::{Events, Ticker};
use crate::model::Device;
use crate::record::{ForecastRecord, Record};
use crate::registry::{ModelRegistry, Registry};
use crate::source::{BarSource, BuiltinSource, system_clock};
use crate::storage::{self, MemoryStorage, Storage};
use crate::tracking::{Runs, Tracker};

/// Surroundings of a [`Stockops`].
///
/// | setting | default | meaning |
/// | --- | --- | --- |
/// | [`home`](Self::home) | none: all is kept in memory | the folder or the bucket of registry, record, runs and features |
/// | [`source`](Self::source) | [`BuiltinSource`] | where bars come from |
/// | [`events`](Self::events) | none | events of tickers that are known beforehand |
/// | [`registry`](Self::registry) | that of the home | where versions are kept |
/// | [`record`](Self::record) | that of the home | where forecasts, reports and decisions are kept |
/// | `features` | the store of the home | where features are kept, with the feature `parquet` |
/// | [`tracker`](Self::tracker) | none | a server that runs are sent to, beside the home; with it analyses are runs too |
/// | [`clock`](Self::clock) | the time of the system | what time it is |
/// | [`device`](Self::device) | the CPU | where networks run |
///
/// # Example
///
/// ```
/// use stockops_core::Stockops;
///
/// let noon = "2024-05-01T12:00:00Z".parse().unwrap();
/// let stockops = Stockops::builder().clock(move || noon).build()?;
/// assert_eq!(stockops.now(), noon);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    home: Option<PathBuf>,
    source: Option<Arc<dyn BarSource>>,
    events: BTreeMap<Ticker, Arc<Events>>,
    registry: Option<Arc<dyn ModelRegistry>>,
    record: Option<Arc<dyn ForecastRecord>>,
    tracker: Option<Arc<dyn Tracker>>,
    #[cfg(feature = "parquet")]
    features: Option<FeatureStore>,
    clock: Option<Clock>,
    device: Device,
}

impl Builder {
    /// Keep versions, the record, runs and features here: in a folder, which is made when something is kept, or in a bucket by its
    /// address, such as `s3://bucket/prefix`; see [`storage::open`].
    pub fn home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Take bars from here.
    pub fn source(mut self, source: impl BarSource + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Put these events beside the bars of their tickers; see [`read_events`](crate::source::read_events).
    pub fn events(mut self, events: BTreeMap<Ticker, Arc<Events>>) -> Self {
        self.events = events;
        self
    }

    /// Keep versions here, and not in the home.
    pub fn registry(mut self, registry: impl ModelRegistry + 'static) -> Self {
        self.registry = Some(Arc::new(registry));
        self
    }

    /// Keep forecasts, reports and decisions here, and not in the home.
    pub fn record(mut self, record: impl ForecastRecord + 'static) -> Self {
        self.record = Some(Arc::new(record));
        self
    }

    /// Send runs here as they go, such as to [`Mlflow`](crate::tracking). They are at home in any case, so a training does not
    /// depend on it.
    pub fn tracker(mut self, tracker: impl Tracker + 'static) -> Self {
        self.tracker = Some(Arc::new(tracker));
        self
    }

    /// Keep features here, and not in the home.
    #[cfg(feature = "parquet")]
    pub fn features(mut self, features: FeatureStore) -> Self {
        self.features = Some(features);
        self
    }

    /// Ask this clock for the time.
    pub fn clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Run networks here.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Put it together.
    ///
    /// # Errors
    ///
    /// Those of [`storage::open`]; [`File`](crate::Error::File) where a [restore](crate::backup::restore) of the home was
    /// stopped in its last step.
    pub fn build(self) -> Result<Stockops> {
        self.home.as_deref().map_or(Ok(()), check_finished)?;
        let storage: Arc<dyn Storage> = match &self.home {
            Some(home) => storage::open(home)?,
            None => Arc::new(MemoryStorage::new()),
        };
        let registry = self.registry.unwrap_or_else(|| Arc::new(Registry::on(Arc::clone(&storage))));
        let record = self.record.unwrap_or_else(|| Arc::new(Record::on(Arc::clone(&storage))));
        let clock = self.clock.unwrap_or_else(system_clock);
        #[cfg(feature = "parquet")]
        let features = {
            let clock = Arc::clone(&clock);
            self.features.unwrap_or_else(|| FeatureStore::on(Arc::clone(&storage)).with_clock(move || clock()))
        };
        Ok(Stockops {
            source: self.source.unwrap_or_else(|| Arc::new(BuiltinSource)),
            events: Arc::new(self.events),
            registry,
            record,
            runs: Runs::on(Arc::clone(&storage)),
            storage,
            tracks_analyses: self.tracker.is_some(),
            keeps_run_files: true,
            server: self.tracker,
            #[cfg(feature = "parquet")]
            features,
            clock,
            device: self.device,
            loaded: Arc::new(Loaded::default()),
        })
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("home", &self.home).field("device", &self.device).finish_non_exhaustive()
    }
}
