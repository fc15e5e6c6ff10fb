//! `History`: all versions of the rows of one ticker, column by column.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::feature_store::FeatureRow;
use crate::market::Ticker;

/// Microseconds since 1970 in UTC, as files have them.
pub(super) type Micros = i64;

/// Rows of several tickers.
pub(super) type Rows = BTreeMap<Ticker, History>;

/// All versions of the rows of one ticker, in order of their events and, within one, of their creation.
///
/// A value that is not there is NaN. A row without any says that what was there is withdrawn.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) events: Vec<Micros>,
    pub(super) created: Vec<Micros>,
    /// One for each field, each as long as `events`.
    pub(super) columns: Vec<Vec<f64>>,
}

impl History {
    /// No row of `width` fields.
    pub(super) fn of_width(width: usize) -> Self {
        Self { columns: vec![Vec::new(); width], ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The values of row `i`.
    pub(super) fn values(&self, i: usize) -> impl Iterator<Item = f64> + '_ {
        self.columns.iter().map(move |column| column[i])
    }

    pub(super) fn is_withdrawn(&self, i: usize) -> bool {
        self.values(i).all(f64::is_nan)
    }

    /// Add a row; the order is that of the caller until [`in_order`](Self::in_order).
    pub(super) fn push(&mut self, event: Micros, created: Micros, values: impl IntoIterator<Item = f64>) {
        self.events.push(event);
        self.created.push(created);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
    }

    /// Add all rows of `other`.
    pub(super) fn extend(&mut self, other: &Self) {
        self.events.extend(&other.events);
        self.created.extend(&other.created);
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            column.extend(more);
        }
    }

    /// The rows in order; of two that are the same version one is left.
    pub(super) fn in_order(self) -> Self {
        let version = |i: usize| (self.events[i], self.created[i]);
        if (1..self.len()).all(|i| version(i - 1) < version(i)) {
            return self;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|i| version(*i));
        order.dedup_by_key(|i| version(*i));
        self.at(&order)
    }

    /// The rows at `places`.
    pub(super) fn at(&self, places: &[usize]) -> Self {
        let take = |from: &Vec<Micros>| places.iter().map(|i| from[*i]).collect();
        let column = |column: &Vec<f64>| places.iter().map(|i| column[*i]).collect();
        Self {
            events: take(&self.events),
            created: take(&self.created),
            columns: self.columns.iter().map(column).collect(),
        }
    }

    /// The rows of these places.
    pub(super) fn slice(&self, places: Range<usize>) -> Self {
        let column = |column: &Vec<f64>| column[places.clone()].to_vec();
        Self {
            events: self.events[places.clone()].to_vec(),
            created: self.created[places.clone()].to_vec(),
            columns: self.columns.iter().map(column).collect(),
        }
    }

    /// The places of the versions that count: the newest of each event, of those created by `known` where that is said.
    pub(super) fn latest(&self, known: Option<Micros>) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::new();
        for i in (0..self.len()).filter(|i| known.is_none_or(|known| self.created[*i] <= known)) {
            match places.last_mut() {
                Some(last) if self.events[*last] == self.events[i] => *last = i,
                _ => places.push(i),
            }
        }
        places
    }

    /// The place of the version that counts of the last event at `time` or before, of those created by `known` where that is
    /// said.
    pub(super) fn as_of(&self, time: Micros, known: Option<Micros>) -> Option<usize> {
        let end = self.events.partition_point(|event| *event <= time);
        (0..end).rev().find(|i| known.is_none_or(|known| self.created[*i] <= known))
    }

    /// Row `i` of `ticker`.
    pub(super) fn row(&self, ticker: &Ticker, i: usize) -> FeatureRow {
        FeatureRow {
            ticker: ticker.clone(),
            event_timestamp: time(self.events[i]),
            created_timestamp: time(self.created[i]),
            values: self.values(i).map(|value| (!value.is_nan()).then_some(value)).collect(),
        }
    }
}

/// The instant; files hold none that chrono does not know, unless they are broken.
pub(super) fn time(micros: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two versions of the event 10, and one of 20 that was known before the second.
    fn history() -> History {
        let mut history = History::of_width(1);
        for (event, created, value) in [(20, 22, 3.0), (10, 11, 1.0), (10, 30, 2.0), (10, 11, 1.0)] {
            history.push(event, created, [value]);
        }
        history.in_order()
    }

    #[test]
    fn rows_are_ordered_and_a_version_stands_once() {
        let history = history();
        assert_eq!((&history.events[..], &history.created[..]), (&[10, 10, 20][..], &[11, 30, 22][..]));
        assert_eq!(history.columns, [[1.0, 2.0, 3.0]]);
    }

    #[test]
    fn the_newest_version_counts_and_so_does_what_was_known_then() {
        let history = history();
        assert_eq!(history.latest(None), [1, 2]);
        assert_eq!(history.latest(Some(29)), [0, 2]);
        assert_eq!(history.latest(Some(11)), [0]);
        assert_eq!(
            [9, 10, 19, 20, 99].map(|time| history.as_of(time, None)),
            [None, Some(1), Some(1), Some(2), Some(2)]
        );
        assert_eq!(history.as_of(20, Some(21)), Some(0), "the event was not known yet");
        assert_eq!(history.as_of(20, Some(10)), None);
    }
}
