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

/// How long a writer waits for another one of the same bucket before it says [`Error::Busy`].
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

    /// Plan without the lock, since nothing is new as a rule; else plan again with it, and write. What seems to fail is planned
    /// again too: rows that move to another layout meanwhile are read in part.
    pub(super) fn update(&self, bucket: Bucket, given: &Given, now: DateTime<Utc>) -> Result<Updated> {
        let applied = self.what_is_applied()?;
        let tables = self.tables(&applied)?;
        let planned = Update::plan(&tables, bucket, given, now)?;
        if planned.is_empty() && planned.failed.is_empty() {
            return Ok(told(planned, given));
        }
        let _lock = self.lock(bucket)?;
        self.write(bucket, given, now)
    }

    /// Plan and write, with the lock of the bucket in hand.
    fn write(&self, bucket: Bucket, given: &Given, now: DateTime<Utc>) -> Result<Updated> {
        let applied = self.what_is_applied()?;
        let tables = self.tables(&applied)?;
        let update = Update::plan(&tables, bucket, given, now)?;
        update.write()?;
        Ok(told(update, given))
    }

    /// Compute the features of all bars of a bucket, and write what is new. The lock comes first: who has it may be adding a
    /// ticker without the rows of a view that he does not know.
    pub(super) fn refresh(&self, bucket: Bucket, now: DateTime<Utc>) -> Result<()> {
        let _lock = self.lock(bucket)?;
        let kept = self.tables(&self.what_is_applied()?)?.bars.all_of(bucket)?;
        let given = kept.into_keys().map(|ticker| (ticker, History::of_width(FIELDS.len()))).collect();
        self.write(bucket, &given, now).map(drop)
    }

    /// Have all rows in `layout` and none in the other one: write them, then change what is applied, then remove the old files.
    /// Files of `layout` that a killed move left are a part of those that are written, and old ones that it left are removed.
    pub(super) fn move_to(&self, layout: Layout) -> Result<()> {
        if self.is_in(layout)? {
            return Ok(());
        }
        let _locks = Bucket::all().map(|bucket| self.lock(bucket)).collect::<Result<Vec<Lock>>>()?;
        let applied = self.what_is_applied()?;
        let in_layout = |layout| Applied { layout, ..applied.clone() };
        let (old, new) = (self.tables(&in_layout(layout.other()))?, self.tables(&in_layout(layout))?);
        if applied.layout != layout {
            for (old, new) in old.all().zip(new.all()) {
                Bucket::all().try_for_each(|bucket| new.add(bucket, &Rows::new(), &old.all_of(bucket)?))?;
            }
            self.sequence()?.change(|applied: Option<Applied>| {
                let moved = Applied { layout, ..applied.unwrap_or_default() };
                Ok((Some(moved), ()))
            })?;
        }
        Bucket::all().try_for_each(|bucket| old.all().try_for_each(|table| table.remove(bucket)))
    }

    /// Whether `layout` is what is applied, and no file of the other one is left.
    fn is_in(&self, layout: Layout) -> Result<bool> {
        let applied = self.what_is_applied()?;
        if applied.layout != layout {
            return Ok(false);
        }
        let other = self.tables(&Applied { layout: layout.other(), ..applied })?;
        other.all().try_fold(true, |is_in, table| Ok(is_in && table.is_empty()?))
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
        Written { ticker: ticker.clone(), bars, rows, note: update.note(ticker) }
    });
    Updated { written: written.collect(), failed: update.failed }
}
