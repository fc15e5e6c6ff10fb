//! `Update`: what new bars change in one bucket, planned first and then written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::bar_rows::features_of;
use super::history::{History, Rows};
use super::layout::Bucket;
use super::merge::{Merged, merged};
use super::newer::newer;
use super::table::Table;
use super::tables::Tables;
use crate::error::{Error, Result};
use crate::market::Ticker;

/// What of the rows of one table changes.
struct Change<'a> {
    table: &'a Table<'a>,
    kept: Rows,
    new: Rows,
}

/// What new bars change in the tables of one bucket.
pub(super) struct Update<'a> {
    bucket: Bucket,
    /// Bars first, then each view: where a writer dies between them, the next one finds what is missing.
    changes: Vec<Change<'a>>,
    /// The tickers whose bars cannot stand beside those that are kept.
    pub(super) failed: Vec<(Ticker, Error)>,
    /// What is to be said of the others.
    notes: BTreeMap<Ticker, String>,
}

impl<'a> Update<'a> {
    /// What the `given` bars of tickers of one bucket change. A ticker without a given bar has its features computed anew.
    pub(super) fn plan(
        tables: &'a Tables<'a>,
        bucket: Bucket,
        given: &BTreeMap<Ticker, History>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let tickers: BTreeSet<Ticker> = given.keys().cloned().collect();
        let kept = tables.bars.of(bucket, &tickers)?;
        let (mut known, mut failed, mut notes) = (Rows::new(), Vec::new(), BTreeMap::new());
        for (ticker, given) in given {
            let width = given.columns.len();
            match merged(ticker, kept.get(ticker).unwrap_or(&History::of_width(width)), given) {
                Ok(Merged { rows, note }) => {
                    known.insert(ticker.clone(), rows);
                    notes.extend(note.map(|note| (ticker.clone(), note)));
                }
                Err(error) => failed.push((ticker.clone(), error)),
            }
        }
        let mut changes = Vec::new();
        for (view, table) in &tables.views {
            let features = known.iter().map(|(ticker, bars)| (ticker.clone(), features_of(view, bars))).collect();
            changes.push(Change::of(table, table.of(bucket, &tickers)?, &features, now));
        }
        changes.insert(0, Change::of(&tables.bars, kept, &known, now));
        Ok(Self { bucket, changes, failed, notes })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.new.values().all(History::is_empty))
    }

    /// Write it. Nobody else may write to that bucket since it was planned.
    pub(super) fn write(&self) -> Result<()> {
        let mut changes = self.changes.iter().filter(|change| change.new.values().any(|rows| !rows.is_empty()));
        changes.try_for_each(|change| change.table.add(self.bucket, &change.kept, &change.new))
    }

    /// What is to be said of `ticker`.
    pub(super) fn note(&self, ticker: &Ticker) -> Option<String> {
        self.notes.get(ticker).cloned()
    }

    /// How many rows of bars, and of all views, are new of `ticker`.
    pub(super) fn counts(&self, ticker: &Ticker) -> (usize, usize) {
        let count = |change: &Change<'_>| change.new.get(ticker).map_or(0, History::len);
        let (bars, views) = self.changes.split_at(1);
        (bars.iter().map(count).sum(), views.iter().map(count).sum())
    }
}

impl<'a> Change<'a> {
    /// What makes the rows that are `kept` say what is `wanted`.
    fn of(table: &'a Table<'a>, kept: Rows, wanted: &Rows, now: DateTime<Utc>) -> Self {
        let new = |(ticker, wanted): (&Ticker, &History)| {
            let none = History::of_width(wanted.columns.len());
            (ticker.clone(), newer(kept.get(ticker).unwrap_or(&none), wanted, now.timestamp_micros()))
        };
        let new = wanted.iter().map(new).collect();
        Self { table, kept, new }
    }
}
