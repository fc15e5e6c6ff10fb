//! How rows get into the store: planned, locked, written; and moved to another layout.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Failed, Ingestion, OfflineStore, Written};
use crate::error::{Error, Result};
use crate::feature_store::offline::applied::Applied;
use crate::feature_store::offline::bar_rows::FIELDS;
use crate::feature_store::offline::history::{History, Rows};
use crate::feature_store::offline::layout::{Bucket, Layout};
use crate::feature_store::offline::update::Update;
use crate::market::Ticker;
use crate::storage::{Key, Lock};

/// How long a writer waits for another one of the same bucket.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bars by ticker, as rows.
pub(super) type Given = BTreeMap<Ticker, History>;

/// What came of the bars of one bucket, with the errors as they are.
pub(super) struct Updated {
    pub(super) written: Vec<Written>,
    pub(super) failed: Vec<(Ticker, Error)>,
}

impl OfflineStore {
    /// [`update`](Self::update) where the errors are told.
    pub(super) fn ingest_into(&self, bucket: Bucket, given: &Given, now: DateTime<Utc>) -> Ingestion {
        match self.update(bucket, given, now) {
            Ok(Updated { written, failed }) => {
                Ingestion { written, failed: failed.iter().map(|(ticker, error)| Failed::new(ticker, error)).collect() }
            }
            Err(error) => {
                let failed = given.keys().map(|ticker| Failed::new(ticker, &error)).collect();
                Ingestion { written: Vec::new(), failed }
            }
        }
    }

    /// Plan without the lock, since nothing is new as a rule; else plan again with it, and write.
    pub(super) fn update(&self, bucket: Bucket, given: &Given, now: DateTime<Utc>) -> Result<Updated> {
        let applied = self.what_is_applied()?;
        let tables = self.tables(&applied)?;
        let planned = Update::plan(&tables, bucket, given, now)?;
        if planned.is_empty() {
            return Ok(told(planned, given));
        }
        let _lock = self.lock(bucket)?;
        let applied = self.what_is_applied()?;
        let tables = self.tables(&applied)?;
        let update = Update::plan(&tables, bucket, given, now)?;
        update.write()?;
        Ok(told(update, given))
    }

    /// Compute the features of all bars of a bucket, and write what is new.
    pub(super) fn refresh(&self, bucket: Bucket, now: DateTime<Utc>) -> Result<()> {
        let kept = self.read(|tables| tables.bars.all_of(bucket), |rows| !rows.is_empty())?;
        let given = kept.into_keys().map(|ticker| (ticker, History::of_width(FIELDS.len()))).collect();
        self.update(bucket, &given, now).map(drop)
    }

    /// Write all rows in another layout, then change what is applied, then remove the old files. Rows of the other layout that a
    /// killed move left are a part of those that are written.
    pub(super) fn move_to(&self, layout: Layout) -> Result<()> {
        let _locks = Bucket::all().map(|bucket| self.lock(bucket)).collect::<Result<Vec<Lock>>>()?;
        let applied = self.what_is_applied()?;
        if applied.layout == layout {
            return Ok(());
        }
        let moved = Applied { layout, ..applied.clone() };
        let (old, new) = (self.tables(&applied)?, self.tables(&moved)?);
        let tables = || old.all().zip(new.all()).collect::<Vec<_>>();
        for (old, new) in tables() {
            Bucket::all().try_for_each(|bucket| new.add(bucket, &Rows::new(), &old.all_of(bucket)?))?;
        }
        self.sequence()?.change(|applied: Option<Applied>| {
            let moved = Applied { layout, ..applied.unwrap_or_default() };
            Ok((Some(moved), ()))
        })?;
        tables().into_iter().try_for_each(|(old, _)| Bucket::all().try_for_each(|bucket| old.remove(bucket)))
    }

    /// The right to write to a bucket, after whoever has it.
    fn lock(&self, bucket: Bucket) -> Result<Lock> {
        let key = Key::new(&format!("features/locks/{bucket}.lock"))?;
        let begin = Instant::now();
        loop {
            if let Some(lock) = self.storage.lock(&key)? {
                return Ok(lock);
            }
            if begin.elapsed() > PATIENCE {
                return Err(Error::Busy { what: "the feature store".into(), path: self.storage.place(&key) });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What was written of each ticker.
fn told(update: Update<'_>, given: &Given) -> Updated {
    let is_in = |ticker: &&Ticker| update.failed.iter().all(|(failed, _)| failed != *ticker);
    let written = given.keys().filter(is_in).map(|ticker| {
        let (bars, rows) = update.counts(ticker);
        Written { ticker: ticker.clone(), bars, rows }
    });
    Updated { written: written.collect(), failed: update.failed }
}
