//! `OfflineStore`: all rows of all tickers with when they were known, as Parquet files in a storage.

mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::Serialize;

use super::applied::Applied;
use super::bar_rows::{FIELDS, as_kept, rows_of};
use super::closes::Closes;
use super::history::{History, Micros, Rows};
use super::layout::{Bucket, Layout};
use super::table::Table;
use super::tables::Tables;
use crate::error::{Error, Result, check};
use crate::feature_store::{Failed, FeatureRow, FeatureView};
use crate::market::{Bars, Ticker};
use crate::storage::{DirectoryStorage, Key, MemoryStorage, Sequence, Storage};
use writing::{Given, Updated};

/// All rows of all tickers with when they were known, as Parquet files in a storage.
///
/// ```text
/// features/applied/                       which views there are, and the layout: a sequence
/// features/bars/GOOG.parquet              bars as they were given: ticker, event_timestamp, created_timestamp, Open .. Volume
/// features/rows/stock_stats/GOOG.parquet  the features of a view, those of its version 2 in features/rows/stock_stats_v2
/// features/locks/3f.lock                  held by who writes to a bucket of tickers
/// ```
///
/// A folder of Parquet files is a table for pandas, polars, DuckDB and Feast. All versions of a row are kept: a correction is a
/// row of the same event with a later `created_timestamp`, and the latest counts. An object is replaced or added as a whole, so
/// a reader sees the rows of before or after, also where a writer is killed.
///
/// # Example
///
/// ```
/// use stockops_core::feature_store::{FeatureView, OfflineStore};
/// use stockops_core::source::builtin_bars;
/// use stockops_core::Ticker;
///
/// let (store, goog) = (OfflineStore::in_memory(), Ticker::new("MSFT")?);
/// let now = "2026-01-05T12:00:00Z".parse().unwrap();
/// store.apply(&FeatureView::default(), None, now)?;
/// let bars = builtin_bars(&goog)?.bars;
/// assert!(store.ingest(&[bars.clone()], now)?.failed.is_empty());
/// let rows = store.history("stock_stats", &goog, None)?;
/// assert_eq!(rows.len(), bars.len());
/// assert_eq!((rows[12].values[5], rows[13].values[3]), (None, Some(bars.as_slice()[13].close)));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct OfflineStore {
    storage: Arc<dyn Storage>,
    closes: Closes,
}

/// What came of bars that were given.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ingestion {
    /// The tickers whose bars are in, in order.
    pub written: Vec<Written>,
    /// Those whose bars are not, and why: they would mix two bases, or the storage refused.
    pub failed: Vec<Failed>,
}

/// How much is new of one ticker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Whose.
    pub ticker: Ticker,
    /// New or corrected bars.
    pub bars: usize,
    /// New or corrected rows of all views.
    pub rows: usize,
    /// That the history that was kept was replaced by one on another basis, and how they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl OfflineStore {
    /// The store under `home`, which need not exist: the first view makes it.
    pub fn open(home: impl AsRef<Path>) -> Self {
        Self::on(DirectoryStorage::at(home))
    }

    /// A store that is gone with its last clone.
    pub fn in_memory() -> Self {
        Self::on(MemoryStorage::new())
    }

    /// The store in `storage`, below the folder `features`.
    pub fn on(storage: impl Storage + 'static) -> Self {
        Self { storage: Arc::new(storage), closes: Closes::default() }
    }

    /// What was applied; `None` where nothing was, so that there is no store yet.
    ///
    /// # Errors
    ///
    /// Those of the storage; [`Error::File`] where what was applied is broken.
    pub fn applied(&self) -> Result<Option<Applied>> {
        self.sequence()?.newest()
    }

    /// Keep `view` from now on; its rows are computed from all bars that are kept. Where `layout` is said and another one than
    /// that of the store, all rows move to it; and what a killed move left is removed. A writer waits for a move, or a move for a
    /// writer, up to 30 seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where a view of that name and version has other fields: a change is a new version.
    /// [`Error::Skew`] where a view of before is computed otherwise by this version of the crate. [`Error::Busy`] where it has
    /// waited for another writer for 30 seconds; what was not done is done by the next call.
    pub fn apply(&self, view: &FeatureView, layout: Option<Layout>, now: DateTime<Utc>) -> Result<Applied> {
        self.sequence()?.change(|applied: Option<Applied>| {
            let applied = applied.unwrap_or(Applied { layout: layout.unwrap_or_default(), views: Vec::new() });
            let next = applied.with(view)?;
            next.as_ref().unwrap_or(&applied).check_current()?;
            Ok((next, ()))
        })?;
        layout.map_or(Ok(()), |layout| self.move_to(layout))?;
        let buckets: Vec<Bucket> = Bucket::all().collect();
        buckets.into_par_iter().try_for_each(|bucket| self.refresh(bucket, now))?;
        self.what_is_applied()
    }

    /// Take the bars of several tickers: what is new or corrected in them becomes rows, created at `now`, of all views.
    ///
    /// Bars whose session is not over at `now` are no bars yet. What fails for one ticker does not touch the others.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where no view was applied; [`Error::Skew`] where one is computed otherwise by this version of the
    /// crate; [`Error::Config`] where a ticker is given twice, and then nothing is written.
    pub fn ingest(&self, series: &[Bars], now: DateTime<Utc>) -> Result<Ingestion> {
        self.what_is_applied()?.check_current()?;
        let mut buckets: BTreeMap<Bucket, Given> = BTreeMap::new();
        for bars in series {
            let of_bucket = buckets.entry(Bucket::of(bars.ticker())).or_default();
            let before = of_bucket.insert(bars.ticker().clone(), rows_of(bars, &self.closes, now));
            let got = format_args!("{} twice", bars.ticker());
            check(before.is_none(), "series", "of tickers that differ", got)?;
        }
        let parts: Vec<_> =
            buckets.into_par_iter().map(|(bucket, given)| self.ingest_into(bucket, &given, now)).collect();
        let mut all = Ingestion::default();
        for part in parts {
            all.written.extend(part.written);
            all.failed.extend(part.failed);
        }
        all.written.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        all.failed.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        Ok(all)
    }

    /// [`ingest`](Self::ingest) of one ticker.
    ///
    /// # Errors
    ///
    /// [`Error::Series`] where the bars would mix two bases with those that are kept, and those of [`ingest`](Self::ingest).
    pub fn ingest_one(&self, bars: &Bars, now: DateTime<Utc>) -> Result<Written> {
        self.what_is_applied()?.check_current()?;
        let (ticker, rows) = (bars.ticker().clone(), rows_of(bars, &self.closes, now));
        let Updated { written, failed } =
            self.update(Bucket::of(&ticker), &Given::from([(ticker.clone(), rows)]), now)?;
        match failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(written.into_iter().next().unwrap_or(Written { ticker, bars: 0, rows: 0, note: None })),
        }
    }

    /// `bars` with the prices and volumes that are kept of their sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where no view was applied; those of the storage.
    pub fn kept(&self, bars: &Bars) -> Result<Bars> {
        let ticker = bars.ticker();
        let kept = self.read(|tables| tables.bars.of(Bucket::of(ticker), &BTreeSet::from([ticker.clone()])))?;
        Ok(kept.get(ticker).map_or_else(|| bars.clone(), |kept| as_kept(bars, &self.closes, kept)))
    }

    /// The rows of a view for one ticker, one of each event, oldest first; with `known` as they were known then.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is no such view; those of the storage.
    pub fn history(&self, view: &str, ticker: &Ticker, known: Option<DateTime<Utc>>) -> Result<Vec<FeatureRow>> {
        let rows = self.rows(view, Bucket::of(ticker), &BTreeSet::from([ticker.clone()]))?;
        let Some(history) = rows.get(ticker) else { return Ok(Vec::new()) };
        let places = history.latest(known.map(|known| known.timestamp_micros()));
        Ok(places.into_iter().map(|i| history.row(ticker, i)).collect())
    }

    /// The newest row of each ticker of a view, in order of tickers.
    ///
    /// # Errors
    ///
    /// Those of [`history`](Self::history).
    pub fn newest(&self, view: &str) -> Result<Vec<FeatureRow>> {
        let view = self.what_is_applied()?.view(view)?.versioned_name();
        let buckets: Vec<Bucket> = Bucket::all().collect();
        let of_bucket = |bucket| self.read(|tables| tables.of_view(&view)?.all_of(bucket));
        let parts = buckets.into_par_iter().map(|bucket| Ok(newest_of(&of_bucket(bucket)?)));
        let mut rows = parts.collect::<Result<Vec<_>>>()?.concat();
        rows.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        Ok(rows)
    }

    /// The newest row of `ticker`; `None` where nothing of it is kept.
    ///
    /// # Errors
    ///
    /// Those of [`history`](Self::history).
    pub fn newest_of(&self, view: &str, ticker: &Ticker) -> Result<Option<FeatureRow>> {
        Ok(newest_of(&self.rows(view, Bucket::of(ticker), &BTreeSet::from([ticker.clone()]))?).pop())
    }

    /// All versions of the rows of `tickers` of one bucket.
    pub(super) fn rows(&self, view: &str, bucket: Bucket, tickers: &BTreeSet<Ticker>) -> Result<Rows> {
        let view = self.what_is_applied()?.view(view)?.versioned_name();
        self.read(|tables| tables.of_view(&view)?.of(bucket, tickers))
    }

    /// What is kept: [`Error::NotFound`] where nothing was applied.
    pub(in crate::feature_store) fn what_is_applied(&self) -> Result<Applied> {
        let missing = || {
            let place = Key::new("features").map(|key| self.storage.place(&key).display().to_string());
            let hint = "apply a feature view first".to_owned();
            Error::NotFound { kind: "feature store", name: place.unwrap_or_default(), hint }
        };
        self.applied()?.ok_or_else(missing)
    }

    /// Read rows. Where they moved to another layout meanwhile, some of them may have been gone: then they are read again.
    fn read(&self, read: impl Fn(&Tables<'_>) -> Result<Rows>) -> Result<Rows> {
        let mut applied = self.what_is_applied()?;
        loop {
            let rows = read(&self.tables(&applied)?)?;
            let now = self.what_is_applied()?;
            if now.layout == applied.layout {
                return Ok(rows);
            }
            applied = now;
        }
    }

    fn sequence(&self) -> Result<Sequence<'_, Applied>> {
        Ok(Sequence::new(&self.storage, Key::new("features/applied")?))
    }

    fn tables(&self, applied: &Applied) -> Result<Tables<'_>> {
        let folder = |word: &str| Key::new("features")?.join(word);
        let table = |folder, names| Table::new(&self.storage, folder, names, applied.layout);
        let of_view = |view: &FeatureView| {
            let folder = folder("rows")?.join(view.versioned_name())?;
            Ok((view.clone(), table(folder, view.names())))
        };
        let views = applied.views.iter().map(|applied| of_view(&applied.view)).collect::<Result<_>>()?;
        Ok(Tables { bars: table(folder("bars")?, FIELDS.map(String::from).to_vec()), views })
    }
}

fn newest_of(rows: &Rows) -> Vec<FeatureRow> {
    let newest = |(ticker, history): (&Ticker, &History)| Some(history.row(ticker, history.as_of(Micros::MAX, None)?));
    rows.iter().filter_map(newest).collect()
}

#[cfg(test)]
mod tests;
