//! `Generations`: what a source gave and when, kept as a log of what changed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::market::Ticker;
use crate::source::raw::RawBars;
use crate::storage::{Key, Log, Storage};

/// Entries of some days after which all rows are written in one again, so that few objects are read.
const LONG: usize = 64;
/// How the name of an entry says that it holds all rows.
const WHOLE: &str = "whole";

/// What was fetched at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Generation {
    /// Whether these are all rows and events, and not only those that are new or corrected.
    whole: bool,
    raw: RawBars,
}

/// The log of one ticker at one source: entries `2026-11-27T120501123-whole`, by the time of the fetch.
///
/// Each entry is created and never changed, and their order is that of the source's answers, so two processes that fetch at
/// the same time write no more than the same twice.
pub(super) struct Generations<'a> {
    log: Log<'a, Generation>,
}

impl<'a> Generations<'a> {
    pub(super) fn of(storage: &'a dyn Storage, source: &str, ticker: &Ticker) -> Result<Self> {
        // A key has no `&`, and a ticker no `@`.
        let folder = Key::new(&format!("bars/{source}/{}", ticker.as_str().replace('&', "@")))?;
        Ok(Self { log: Log::new(storage, folder) })
    }

    /// What was known at the end of the day `as_of` in UTC, or is known now; `None` where nothing was.
    pub(super) fn known(&self, as_of: Option<NaiveDate>) -> Result<Option<RawBars>> {
        let until = as_of.map(|day| day.to_string());
        let counts = |name: &String| until.as_ref().is_none_or(|until| name.get(..until.len()) <= Some(until.as_str()));
        let names = self.log.unbound_names()?;
        let Some(from) = names.iter().filter(|name| counts(name)).rfind(|name| is_whole(name)) else { return Ok(None) };
        let entries = self.log.entries_from(from)?;
        let mut entries = entries.into_iter().filter(|(name, _)| counts(name)).map(|(_, generation)| generation);
        let first = entries.next().map(|generation| generation.raw);
        Ok(first.map(|first| entries.fold(first, followed_by)))
    }

    /// Keep all rows and events.
    pub(super) fn keep_whole(&self, raw: &RawBars) -> Result<()> {
        self.keep(WHOLE, Generation { whole: true, raw: raw.clone() })
    }

    /// Keep the rows and events of `days`, which make `all` of what was known.
    pub(super) fn keep_days(&self, days: &RawBars, all: &RawBars) -> Result<()> {
        let names = self.log.unbound_names()?;
        let since = names.iter().rev().take_while(|name| !is_whole(name)).count();
        if since >= LONG {
            self.keep_whole(all)
        } else {
            self.keep("days", Generation { whole: false, raw: days.clone() })
        }
    }

    fn keep(&self, what: &str, generation: Generation) -> Result<()> {
        let stem = format!("{}-{what}", generation.raw.fetched.format("%Y-%m-%dT%H%M%S%3f"));
        let is_new = |there: &BTreeMap<String, Generation>| Ok(there.values().all(|other| *other != generation));
        self.log.add(&stem, &generation, is_new).map(drop)
    }
}

fn is_whole(name: &str) -> bool {
    name.split('.').next().is_some_and(|stem| stem.ends_with(WHOLE))
}

/// `known` after the `next` generation.
fn followed_by(known: RawBars, next: Generation) -> RawBars {
    if next.whole { next.raw } else { with_days(known, &next.raw) }
}

/// `known` with the new and corrected rows and events of `days`, by day, and what `days` says of its time.
pub(super) fn with_days(known: RawBars, days: &RawBars) -> RawBars {
    RawBars {
        fetched: days.fetched,
        session: days.session.or(known.session),
        last_trade: days.last_trade.or(known.last_trade),
        doubled: days.doubled.clone(),
        rows: by_day(known.rows, &days.rows, |row| row.day),
        dividends: by_day(known.dividends, &days.dividends, |payment| payment.day),
        gains: by_day(known.gains, &days.gains, |payment| payment.day),
        splits: by_day(known.splits, &days.splits, |split| split.day),
        ..known
    }
}

/// `known` and `new` by day; of two of one day the new one.
fn by_day<T: Copy>(known: Vec<T>, new: &[T], day: impl Fn(&T) -> NaiveDate) -> Vec<T> {
    let all: BTreeMap<NaiveDate, T> =
        known.into_iter().chain(new.iter().copied()).map(|one| (day(&one), one)).collect();
    all.into_values().collect()
}
