//! Settings: flag, then environment, then `stockops.toml`, then default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use stockops_agents::cache::CacheConfig;
use stockops_agents::mcp::Unkept;
use stockops_core::feature_store::FeatureStore;
use stockops_core::market::Events;
use stockops_core::record::Record;
use stockops_core::service::{Builder, checked_threads};
use stockops_core::source::{Adjust, DateOrder, Decimal, ReadOptions, Reading, read_events};
use stockops_core::storage::{self, Storage};
use stockops_core::{BarSource, Calendar, Device, FileSource, Stockops, Ticker};
use stockops_server::guard;

use crate::args::Common;
use crate::failure::Failure;
use crate::source::{Asked, Source, SourceWord};

/// What `stockops.toml` may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    home: Option<PathBuf>,
    redis: Option<String>,
    device: Option<Device>,
    seed: Option<u64>,
    threads: Option<usize>,
    adjust: Option<Adjust>,
    calendar: Option<Calendar>,
    dates: Option<DateOrder>,
    decimal: Option<Decimal>,
    drop_bad_rows: bool,
    fold: bool,
    source: Option<SourceWord>,
    allow_stale: bool,
    events: Option<PathBuf>,
    answers: CacheConfig,
}

/// Settings of one call.
#[derive(Debug)]
pub(crate) struct Settings {
    /// A folder, or the address of a bucket.
    pub(crate) home: PathBuf,
    /// Where the online store of features is.
    pub(crate) redis: Option<String>,
    /// Whether bars are read as they were known on a day of the past.
    is_past: bool,
    pub(crate) device: Device,
    pub(crate) seed: u64,
    /// Threads of the CPU; all where nobody said it.
    pub(crate) threads: Option<usize>,
    pub(crate) read: ReadOptions,
    /// Where bars come from, where somebody said it.
    pub(crate) source: Option<SourceWord>,
    allow_stale: bool,
    events: BTreeMap<Ticker, Arc<Events>>,
    /// When a kept answer of the analysts is good enough.
    pub(crate) answers: CacheConfig,
}

/// The time of the clock.
pub(crate) fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// Put the variables of `.env` in the working directory into the environment, where they are not set.
pub(crate) fn load_dot_env() -> Result<(), Failure> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(error) => Err(Failure::wrong("config", format!(".env: {error}; write one NAME=value a line"))),
    }
}

impl Settings {
    /// Resolve the settings of a call, and set the number of threads.
    pub(crate) fn new(common: &Common) -> Result<Self, Failure> {
        let file = read_file(common.config.as_deref())?;
        let adjust = match common.adjust.as_deref() {
            Some("none") => Adjust::None,
            Some(_) => Adjust::Auto,
            None => file.adjust.unwrap_or_default(),
        };
        let threads = common.threads.or(file.threads);
        if let Some(threads) = threads {
            set_threads(threads)?;
        }
        // A value beside a file is refused, as for every secret.
        let redis_of_file = guard::secret("STOCKOPS_REDIS_URL")?;
        let today = now().date_naive();
        Ok(Self {
            home: common.home.clone().or(file.home).unwrap_or_else(|| "stockops-home".into()),
            redis: common.redis.clone().or(redis_of_file).or(file.redis).filter(|url| !url.trim().is_empty()),
            is_past: common.as_of.is_some(),
            device: common.device.or(file.device).unwrap_or_default(),
            seed: common.seed.or(file.seed).unwrap_or(42),
            threads,
            source: common.source.or(file.source),
            allow_stale: common.allow_stale || file.allow_stale,
            answers: file.answers,
            events: common
                .events
                .as_deref()
                .or(file.events.as_deref())
                .map(read_events)
                .transpose()?
                .unwrap_or_default(),
            read: ReadOptions {
                adjust,
                today: Some(today),
                calendar: common.calendar.or(file.calendar),
                dates: common.dates.or(file.dates),
                decimal: common.decimal.or(file.decimal),
                drop_bad_rows: common.drop_bad_rows || file.drop_bad_rows,
                fold: common.fold || file.fold,
                ..ReadOptions::default()
            },
        })
    }

    /// The service on the home folder, with bars from `source`.
    pub(crate) fn service(&self, source: impl BarSource + 'static) -> Result<Stockops, Failure> {
        Ok(self.at_home(source)?.build()?)
    }

    /// The same for a training: its run goes to the server of MLflow as well, where one is named. A name that is none is a warning, for the
    /// run is at home in any case.
    pub(crate) fn tracked_service(&self, source: impl BarSource + 'static) -> Result<Stockops, Failure> {
        Ok(tracked(self.at_home(source)?).build()?)
    }

    /// The surroundings of a server, which names home and source itself.
    pub(crate) fn surroundings(&self) -> Result<Builder, Failure> {
        Ok(tracked(self.in_memory().features(self.features()?)))
    }

    /// The same where nothing of what is asked goes into the record.
    pub(crate) fn unrecorded_service(&self, source: impl BarSource + 'static) -> Result<Stockops, Failure> {
        let record = Unkept::new(Record::on(self.storage()?));
        Ok(self.at_home(source)?.record(record).build()?)
    }

    /// The storage of the home.
    pub(crate) fn storage(&self) -> Result<Arc<dyn Storage>, Failure> {
        Ok(storage::open(&self.home)?)
    }

    /// The folder for what stays on this machine; see [`storage::local`].
    pub(crate) fn local(&self) -> Result<PathBuf, Failure> {
        Ok(storage::local(&self.home)?)
    }

    fn at_home(&self, source: impl BarSource + 'static) -> Result<Builder, Failure> {
        Ok(self.in_memory().home(&self.home).source(source).features(self.features()?))
    }

    /// The feature store of the home, with the online one that was named. What was known on a day of the past is no news, so it does
    /// not go there.
    fn features(&self) -> Result<FeatureStore, Failure> {
        if self.is_past {
            return Ok(FeatureStore::in_memory());
        }
        let store = FeatureStore::on(self.storage()?);
        match &self.redis {
            Some(url) => online(store, url),
            None => Ok(store),
        }
    }

    /// A service that keeps nothing.
    pub(crate) fn in_memory(&self) -> Builder {
        Stockops::builder().device(self.device).events(self.events.clone())
    }

    /// Where bars come from that no file was named for, and whether that is the network.
    pub(crate) fn bars_from(&self, common: &Common) -> SourceWord {
        self.source.unwrap_or(if common.bars.is_empty() { SourceWord::of_none() } else { SourceWord::Files })
    }

    /// Where this call takes its bars: the files that `--bars` names, the bare one for `main`, and what `--source` says.
    pub(crate) fn source(&self, common: &Common, main: Option<&Ticker>) -> Result<Source, Failure> {
        self.source_with(common, FileSource::parse(&common.bars, main, self.read)?)
    }

    /// The same where the files are known.
    pub(crate) fn source_with(&self, common: &Common, files: FileSource) -> Result<Source, Failure> {
        let is_named = files.tickers().next().is_some();
        let word = self.source.unwrap_or(if is_named { SourceWord::Files } else { SourceWord::of_none() });
        if common.as_of.is_some() && word != SourceWord::Yahoo {
            let text = "--as-of is for --source yahoo: of no other bars it is kept what was known when";
            return Err(Failure::wrong("config", text.into()));
        }
        let reading = Reading { options: self.read, partial: common.partial, allow_stale: self.allow_stale };
        let asked = Asked { as_of: common.as_of, refresh: common.refresh };
        Source::new(files, word, self.storage()?, reading, asked)
    }
}

/// The same with the server of MLflow, where one is named.
fn tracked(builder: Builder) -> Builder {
    match mlflow() {
        Ok(None) => builder,
        Ok(Some(server)) => builder.tracker(server),
        Err(error) => {
            eprintln!("warning: MLFLOW_TRACKING_URI: {error}; runs stay at home");
            builder
        }
    }
}

/// The server that the variables of MLflow's own clients name; an empty one is none.
#[cfg(feature = "network")]
fn mlflow() -> stockops_core::Result<Option<stockops_core::tracking::Mlflow>> {
    use stockops_core::tracking::{Login, Mlflow};
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(uri) = variable("MLFLOW_TRACKING_URI") else { return Ok(None) };
    let experiment = variable("MLFLOW_EXPERIMENT_NAME").unwrap_or_else(|| "stockops".into());
    let login = Login {
        user: variable("MLFLOW_TRACKING_USERNAME"),
        password: variable("MLFLOW_TRACKING_PASSWORD"),
        token: variable("MLFLOW_TRACKING_TOKEN"),
    };
    Mlflow::new(&uri, &experiment, &login).map(Some)
}

/// A build without network has no server.
#[cfg(not(feature = "network"))]
fn mlflow() -> stockops_core::Result<Option<stockops_core::tracking::MemoryTracker>> {
    Ok(None)
}

#[cfg(feature = "redis")]
fn online(store: FeatureStore, url: &str) -> Result<FeatureStore, Failure> {
    use stockops_core::feature_store::{RedisConfig, RedisOnline};
    Ok(store.with_online(RedisOnline::new(&RedisConfig { url: url.to_owned(), ..RedisConfig::default() })?))
}

#[cfg(not(feature = "redis"))]
fn online(_: FeatureStore, _: &str) -> Result<FeatureStore, Failure> {
    let text = "--redis: this build is without the feature `redis`; build with it";
    Err(Failure::wrong("config", text.into()))
}

fn set_threads(threads: usize) -> Result<(), Failure> {
    // Every parallel part of the work runs on rayon's global pool.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(checked_threads(threads)?).build_global();
    pool.map_err(|error| Failure::wrong("config", format!("could not use {threads} threads: {error}")))
}

fn read_file(path: Option<&Path>) -> Result<File, Failure> {
    let (path, asked) = (path.unwrap_or(Path::new("stockops.toml")), path.is_some());
    let wrong = |problem: String| Failure::wrong("config", format!("{}: {problem}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().replace('\n', " "))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked => Ok(File::default()),
        Err(error) => Err(wrong(format!("could not be read: {error}"))),
    }
}
