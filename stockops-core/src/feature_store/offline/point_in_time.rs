//! Joins at a point in time: what was so, or was known, when something happened.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::entities::EntityRow;
use super::history::{History, time};
use super::layout::Bucket;
use super::store::OfflineStore;
use crate::error::Result;
use crate::feature_store::FeatureRow;
use crate::market::Ticker;

/// Which versions of a row count in a join.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// The newest ones: bars as they were corrected since, on the basis of today.
    #[default]
    Now,
    /// Those that were created by the time of the entity row, as Feast's `filter_by_created_timestamp=True`.
    Then,
}

impl OfflineStore {
    /// For each of `entities`, in their order, the row of `view` that was in force at its time; `None` where there is none.
    ///
    /// That is the row of the last event at that time or before, and not longer before than the view's time to live. Of several
    /// versions the one that was created last counts. Nothing of a later event is ever in it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) where there is no such view; those of the storage.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::Ticker;
    /// use stockops_core::feature_store::{EntityRow, FeatureView, Known, OfflineStore};
    /// use stockops_core::source::builtin_bars;
    ///
    /// let (store, msft) = (OfflineStore::in_memory(), Ticker::new("MSFT")?);
    /// let now = "2026-01-05T12:00:00Z".parse().unwrap();
    /// store.apply(&FeatureView::default(), None, now)?;
    /// store.ingest(&[builtin_bars(&msft)?.bars], now)?;
    /// // A Saturday: the close of Friday, 16:00 in New York, was the last event.
    /// let saturday = EntityRow { ticker: msft, event_timestamp: "2016-05-07T12:00:00Z".parse().unwrap() };
    /// let rows = store.historical("stock_stats", &[saturday.clone()], Known::Now)?;
    /// assert_eq!(rows[0].as_ref().unwrap().event_timestamp.to_rfc3339(), "2016-05-06T20:00:00+00:00");
    /// // All of it was written years later.
    /// assert!(store.historical("stock_stats", &[saturday], Known::Then)?[0].is_none());
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn historical(&self, view: &str, entities: &[EntityRow], known: Known) -> Result<Vec<Option<FeatureRow>>> {
        let applied = self.what_is_applied()?;
        let ttl = applied.view(view)?.ttl();
        let mut places: BTreeMap<Bucket, Vec<usize>> = BTreeMap::new();
        for (place, entity) in entities.iter().enumerate() {
            places.entry(Bucket::of(&entity.ticker)).or_default().push(place);
        }
        let joined = places.into_par_iter().map(|(bucket, places)| {
            let tickers: BTreeSet<Ticker> = places.iter().map(|place| entities[*place].ticker.clone()).collect();
            let rows = self.rows(view, bucket, &tickers)?;
            let join = |place: usize| {
                let entity = &entities[place];
                let found = rows.get(&entity.ticker).and_then(|history| in_force(history, entity, ttl, known));
                (place, found)
            };
            Ok(places.into_iter().map(join).collect::<Vec<_>>())
        });
        let mut all = vec![None; entities.len()];
        for (place, row) in joined.collect::<Result<Vec<_>>>()?.into_iter().flatten() {
            all[place] = row;
        }
        Ok(all)
    }
}

/// The row of `history` that was in force for `entity`.
fn in_force(history: &History, entity: &EntityRow, ttl: Option<TimeDelta>, known: Known) -> Option<FeatureRow> {
    let at = entity.event_timestamp;
    let micros = at.timestamp_micros();
    let place = history.as_of(micros, (known == Known::Then).then_some(micros))?;
    let oldest = ttl.and_then(|ttl| at.checked_sub_signed(ttl));
    let is_alive = oldest.is_none_or(|oldest| time(history.events[place]) >= oldest);
    is_alive.then(|| history.row(&entity.ticker, place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by its words: all rows that may count, and of them the last by event and then by creation.
    fn naive(rows: &[(i64, i64, f64)], at: i64, ttl: Option<i64>, known: Known) -> Option<f64> {
        let is_alive = |event: i64| ttl.is_none_or(|ttl| event >= at - ttl);
        let is_known = |created: i64| known == Known::Now || created <= at;
        let may_count =
            rows.iter().filter(|(event, created, _)| *event <= at && is_alive(*event) && is_known(*created));
        may_count.max_by_key(|(event, created, _)| (*event, *created)).map(|(.., value)| *value)
    }

    proptest! {
        #[test]
        fn a_join_is_what_its_words_say(
            rows in prop::collection::btree_map((0_i64..30, 0_i64..40), 0.0_f64..9.0, 0..40),
            at in -3_i64..45,
            ttl in prop::option::of(1_i64..12),
            then in any::<bool>(),
        ) {
            let rows: Vec<(i64, i64, f64)> = rows.into_iter().map(|((event, created), value)| (event, created, value)).collect();
            let mut history = History::of_width(1);
            rows.iter().rev().for_each(|(event, created, value)| history.push(*event, *created, [*value]));
            let history = history.in_order();
            let entity = EntityRow { ticker: Ticker::new("GOOG").unwrap(), event_timestamp: time(at) };
            let known = if then { Known::Then } else { Known::Now };
            let found = in_force(&history, &entity, ttl.map(TimeDelta::microseconds), known);
            prop_assert_eq!(found.and_then(|row| row.values[0]), naive(&rows, at, ttl, known));
        }
    }
}
