//! `gc`: versions that nobody needs any more are removed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::lookup::parent_id;
use super::retrain::remember;
use crate::error::Result;
use crate::market::Ticker;
use crate::record::ForecastRecord;
use crate::registry::{Manifest, ModelRegistry, Version, VersionId};

/// The newest versions of a ticker that stay where nobody says how many.
const KEEP: usize = 5;

/// What [`gc`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GcConfig {
    /// The newest versions of each ticker that stay, whether they are needed or not. Default 5.
    pub keep: usize,
    /// Versions that were put at this time or later stay too. Default none: of any age.
    pub since: Option<DateTime<Utc>>,
    /// Say what would be removed, and remove nothing.
    pub dry_run: bool,
}

impl Default for GcConfig {
    fn default() -> Self {
        Self { keep: KEEP, since: None, dry_run: false }
    }
}

/// What [`gc`] removed, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Removal {
    /// By ticker, oldest first.
    pub removed: Vec<RemovedVersion>,
    /// What processes left in the home that died while they wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<RemovedFile>,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Versions that stay.
    pub kept: usize,
    /// Whether nothing was removed, and this is what would be.
    pub dry_run: bool,
}

/// A version that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemovedVersion {
    /// Whose.
    pub ticker: Ticker,
    /// Its number.
    pub version: u32,
    /// How it was trained.
    pub strategy: String,
    /// When it was put.
    pub created: String,
    /// Length of its bundle and of the files beside it.
    pub bytes: u64,
}

/// A file that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemovedFile {
    /// Where it was.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// Remove the versions that nobody needs. What stays are, of each ticker,
///
/// - the champion, the version that a rollback would bring back, the challenger, and the parent that children come from;
/// - the newest [`keep`](GcConfig::keep) versions;
/// - versions that a version which stays was transferred from;
/// - versions that made a forecast whose days have not all come, and the one that the latest report of a ticker is on;
/// - versions that were put at the time [`since`](GcConfig::since) or later.
///
/// Others may train, promote and roll back at the same time: whatever gets a name before it is removed stays. A child in
/// training holds its parent in memory, so it is not harmed where that is removed, and its record goes on naming it.
///
/// # Errors
///
/// [`Busy`](crate::Error::Busy) where someone else removes versions; those of registry and record. A manifest that cannot be
/// read stops it before anything is removed, since it may name a parent.
///
/// # Example
///
/// ```
/// use stockops_core::pipeline::{GcConfig, gc};
/// use stockops_core::registry::{MemoryRegistry, ModelRegistry, VersionNote};
/// use stockops_core::{MemoryRecord, Ticker};
///
/// let (registry, goog) = (MemoryRegistry::new(), Ticker::new("GOOG")?);
/// for _ in 0..4 {
///     registry.put(&goog, b"weights", VersionNote::new("freeze", "2024-05-01".parse().unwrap()), &[])?;
/// }
/// let done = gc(&registry, &MemoryRecord::new(), &GcConfig { keep: 1, ..GcConfig::default() })?;
/// assert_eq!((done.removed.len(), done.bytes, done.kept), (2, 14, 2)); // 1 is champion, 4 challenger
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn gc(registry: &dyn ModelRegistry, record: &dyn ForecastRecord, config: &GcConfig) -> Result<Removal> {
    let mut shelves = Vec::new();
    for ticker in registry.tickers()? {
        let manifest = registry.manifest(&ticker)?;
        shelves.push((ticker, manifest));
    }
    let doomed = doomed(&shelves, needed(registry, record)?, config);
    let mut done = Removal { removed: Vec::new(), remains: Vec::new(), bytes: 0, kept: 0, dry_run: config.dry_run };
    for (ticker, manifest) in &shelves {
        let of_ticker: Vec<&Version> =
            manifest.versions().iter().filter(|version| doomed.contains(&id_of(ticker, version))).collect();
        // Their files are measured while they are there.
        let sizes: Vec<RemovedVersion> = of_ticker.iter().map(|version| sized(registry, ticker, version)).collect();
        let gone: Vec<u32> = match config.dry_run {
            true => sizes.iter().map(|size| size.version).collect(),
            false => {
                // Why a version was trained is read off it where the record has missed it.
                remember(registry, record, ticker)?;
                let numbers: Vec<u32> = sizes.iter().map(|size| size.version).collect();
                registry.remove(ticker, &numbers)?.iter().map(|version| version.version).collect()
            }
        };
        done.kept += manifest.versions().len() - gone.len();
        done.removed.extend(sizes.into_iter().filter(|size| gone.contains(&size.version)));
    }
    done.bytes = done.removed.iter().map(|version| version.bytes).sum();
    Ok(done)
}

fn id_of(ticker: &Ticker, version: &Version) -> VersionId {
    VersionId { ticker: ticker.clone(), version: version.version }
}

/// The parent, versions whose forecasts are still to be scored, and those that the latest reports are on.
fn needed(registry: &dyn ModelRegistry, record: &dyn ForecastRecord) -> Result<BTreeSet<VersionId>> {
    let mut needed = BTreeSet::from([parent_id(registry)?]);
    for ticker in record.tickers()? {
        let waiting = record.forecasts(&ticker)?.into_iter().filter(|forecast| !forecast.is_settled());
        needed.extend(waiting.filter_map(|forecast| forecast.version.parse().ok()));
        let report = record.latest_report(&ticker)?;
        needed.extend(report.and_then(|report| report.model_version?.parse().ok()));
    }
    Ok(needed)
}

/// Versions that neither have a name nor are `needed`, nor among the newest, nor the parent of one that stays.
fn doomed(shelves: &[(Ticker, Manifest)], needed: BTreeSet<VersionId>, config: &GcConfig) -> BTreeSet<VersionId> {
    // One whose time cannot be read is of any age.
    let is_young = |version: &&Version| {
        let put = DateTime::parse_from_rfc3339(&version.created).ok();
        config.since.zip(put).is_some_and(|(since, put)| put >= since)
    };
    let all = || shelves.iter().flat_map(|(ticker, shelf)| shelf.versions().iter().map(move |one| (ticker, one)));
    let mut doomed = BTreeSet::new();
    for (ticker, manifest) in shelves {
        let older = &manifest.versions()[..manifest.versions().len().saturating_sub(config.keep)];
        let unnamed = older.iter().filter(|version| !manifest.is_named(version.version) && !is_young(version));
        doomed.extend(unnamed.map(|version| id_of(ticker, version)).filter(|id| !needed.contains(id)));
    }
    loop {
        // One more that stays may have a parent of its own.
        let staying = all().filter(|(ticker, version)| !doomed.contains(&id_of(ticker, version)));
        let parents: Vec<VersionId> =
            staying.filter_map(|(_, version)| version.parent.as_ref()?.parse().ok()).collect();
        if parents.iter().filter(|parent| doomed.remove(*parent)).count() == 0 {
            return doomed;
        }
    }
}

/// A version with the length of its files; one that cannot be read has none.
fn sized(registry: &dyn ModelRegistry, ticker: &Ticker, version: &Version) -> RemovedVersion {
    let length = |name: &String| registry.artifact(ticker, version.version, name).map_or(0, |bytes| bytes.len() as u64);
    RemovedVersion {
        ticker: ticker.clone(),
        version: version.version,
        strategy: version.strategy.clone(),
        created: version.created.clone(),
        bytes: version.bytes + version.artifacts.iter().map(length).sum::<u64>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{KeptForecast, MemoryRecord};
    use crate::registry::{Artifact, MemoryRegistry, VersionNote};

    fn put(registry: &MemoryRegistry, ticker: &str, strategy: &str, parent: Option<&str>, over: Option<u32>) {
        let note = VersionNote::new(strategy, chrono::NaiveDate::default());
        let note = VersionNote { parent: parent.map(Into::into), ..note };
        let chart = [Artifact::new("a.svg", *b"<svg/>").unwrap()];
        registry.put_over(&ticker.parse().unwrap(), b"weights", note, &chart, over).unwrap();
    }

    fn names(registry: &MemoryRegistry) -> Vec<String> {
        let of = |ticker: Ticker| {
            let versions = registry.versions(&ticker).unwrap();
            versions.iter().map(|version| id_of(&ticker, version).to_string()).collect::<Vec<_>>()
        };
        registry.tickers().unwrap().into_iter().flat_map(of).collect()
    }

    fn collect(registry: &MemoryRegistry, record: &MemoryRecord, keep: usize, dry_run: bool) -> Vec<String> {
        let done = gc(registry, record, &GcConfig { keep, dry_run, ..GcConfig::default() }).unwrap();
        assert_eq!(done.bytes, 13 * done.removed.len() as u64, "seven of the bundle, six of the chart");
        done.removed.iter().map(|one| format!("{}@{}", one.ticker, one.version)).collect()
    }

    #[test]
    fn parents_stay_as_long_as_a_child_that_stays_names_them() {
        let (registry, record) = (MemoryRegistry::new(), MemoryRecord::new());
        for over in [None, Some(1), Some(2), Some(3), Some(4)] {
            put(&registry, "^GSPC", "parent", None, over);
        }
        registry.set_parent(&"^GSPC@5".parse().unwrap()).unwrap();
        put(&registry, "GOOG", "freeze", Some("^GSPC@1"), None);
        put(&registry, "GOOG", "freeze", Some("^GSPC@2"), None);
        put(&registry, "GOOG", "freeze", Some("^GSPC@3"), None);
        assert_eq!(collect(&registry, &record, 0, true), ["GOOG@2", "^GSPC@2"]);
        assert_eq!(names(&registry).len(), 8, "a dry run removes nothing");
        assert_eq!(collect(&registry, &record, 0, false), ["GOOG@2", "^GSPC@2"]);
        assert_eq!(names(&registry), ["GOOG@1", "GOOG@3", "^GSPC@1", "^GSPC@3", "^GSPC@4", "^GSPC@5"]);
        assert!(collect(&registry, &record, 0, false).is_empty());
    }

    #[test]
    fn the_newest_stay_and_so_does_what_made_a_forecast_that_is_not_scored_yet() {
        let (registry, record) = (MemoryRegistry::new(), MemoryRecord::new());
        (0..7).for_each(|_| put(&registry, "GOOG", "freeze", None, None));
        let json = r#"{"ticker": "GOOG", "last_date": "2024-05-01", "last_price": 1.0, "version": "GOOG@3", "interval_90": [],
            "days": [{"date": "2024-05-02", "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}]}"#;
        record.keep(&serde_json::from_str::<KeptForecast>(json).unwrap()).unwrap();
        assert_eq!(collect(&registry, &record, 3, false), ["GOOG@2", "GOOG@4"]);
        assert_eq!(names(&registry), ["GOOG@1", "GOOG@3", "GOOG@5", "GOOG@6", "GOOG@7"]);
    }

    #[test]
    fn versions_that_are_young_stay() {
        let (registry, record) = (MemoryRegistry::new(), MemoryRecord::new());
        (0..5).for_each(|_| put(&registry, "GOOG", "freeze", None, None));
        let count = |since: &str| {
            let config = GcConfig { keep: 0, since: Some(since.parse().unwrap()), dry_run: true };
            gc(&registry, &record, &config).unwrap().removed.len()
        };
        assert_eq!((count("2020-01-01T00:00:00Z"), count("2999-01-01T00:00:00Z")), (0, 3));
    }
}
