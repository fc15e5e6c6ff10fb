//! `CachedSource`: a source on the network that is asked for what is not known yet, and what it said and when.

mod generations;
mod merge;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::clock::{self, Clock};
use super::raw::{RawBars, RawSource, Reading, surely_finished, unfinished};
use super::{BarSource, Sourced};
use crate::error::{Error, Result, check};
use crate::market::{Action, Calendar, Finding, FindingKind, Ticker};
use crate::storage::Storage;
use generations::{Generations, with_days};
use merge::{CORRECTED, merge, steady_rows};

/// Days before the newest known row that are asked for once more, so that a corrected history shows.
const OVERLAP: u64 = 10;
/// Days in which a session without a row is asked for again.
const HOLES: u64 = 30;

/// A [`RawSource`] behind a cache in a [`Storage`], as a [`BarSource`].
///
/// - Where the newest finished session is known, the source is not asked. Else it is asked for the days after the newest
///   known row, with an overlap. Values that differ from the known ones by jitter (a part in a million) count as equal, and the
///   known ones stay, so the same days are the same bytes.
/// - Where a row of the overlap is another one, but for the newest three, the source corrected its history or scaled it anew (a
///   split, a dividend): then all of it is fetched.
/// - Rows whose session is not over, and rows without a price, are not kept: they are asked for again.
/// - What was fetched is kept with its time. [`as_of`](Self::as_of) gives what was known on a day, without asking the source,
///   so that a backtest can be repeated.
/// - Where the source cannot be reached, what is known answers, and a finding says how old it is.
///
/// # Example
///
/// ```no_run
/// use stockops_core::{BarSource, Ticker};
/// use stockops_core::source::{CachedSource, YahooSource};
/// use stockops_core::storage::DirectoryStorage;
///
/// let source = CachedSource::new(YahooSource::new()?, DirectoryStorage::open("stockops-home")?);
/// let goog = source.bars(&Ticker::new("GOOG")?)?;
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub struct CachedSource<S> {
    inner: S,
    storage: Arc<dyn Storage>,
    reading: Reading,
    as_of: Option<NaiveDate>,
    refresh: bool,
    clock: Clock,
}

impl<S: RawSource> CachedSource<S> {
    /// `inner` behind a cache in `storage`.
    pub fn new(inner: S, storage: impl Storage + 'static) -> Self {
        let (reading, clock) = (Reading::default(), clock::system());
        Self { inner, storage: Arc::new(storage), reading, as_of: None, refresh: false, clock }
    }

    /// Make bars this way.
    #[must_use]
    pub fn reading(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// Give what was known at the end of this day in UTC; `None` gives what is known now.
    #[must_use]
    pub fn as_of(self, day: Option<NaiveDate>) -> Self {
        Self { as_of: day, ..self }
    }

    /// Ask for all of the history again, whatever is known: what the source gives counts from now on, for a history that it gave wrongly
    /// or that was damaged. With [`as_of`](Self::as_of) nothing is asked.
    #[must_use]
    pub fn refresh(self, refresh: bool) -> Self {
        Self { refresh, ..self }
    }

    /// Ask this clock for the time.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn calendar(&self, ticker: &Ticker) -> Calendar {
        self.reading.options.calendar.unwrap_or_else(|| Calendar::of(ticker))
    }

    /// What was known on a day.
    fn past(&self, ticker: &Ticker, day: NaiveDate) -> Result<Sourced> {
        let now = (self.clock)();
        check(day <= now.date_naive(), "as_of", "a day that has come", day)?;
        let known = Generations::of(&*self.storage, self.inner.name(), ticker)?.known(Some(day))?;
        let missing = || Error::NotFound {
            kind: "bars kept by that day",
            name: format!("{ticker} as of {day}"),
            hint: "only what was fetched on a day or before is known as of it; choose a later day".to_owned(),
        };
        let end = day.succ_opt().unwrap_or(day).and_time(chrono::NaiveTime::MIN).and_utc() - TimeDelta::seconds(1);
        let reading = Reading { allow_stale: true, partial: false, ..self.reading };
        known.ok_or_else(missing)?.read(&reading, end.min(now))
    }

    /// What is known by now, after the source was asked where it must be; and why it could not be asked.
    fn present(&self, ticker: &Ticker, now: DateTime<Utc>) -> Result<(RawBars, Option<Error>)> {
        let kept = Generations::of(&*self.storage, self.inner.name(), ticker)?;
        let calendar = self.calendar(ticker);
        let Some(known) = kept.known(None)?.filter(|known| !known.rows.is_empty()) else {
            let fresh = self.inner.fetch(ticker, None)?;
            kept.keep_whole(&settled(&fresh, &calendar, now))?;
            return Ok((fresh, None));
        };
        let newest = known.rows.last().map(|row| row.day);
        let is_current = surely_finished(&known, &calendar, now).is_some_and(|wanted| newest >= Some(wanted));
        if is_current && !(self.reading.partial || self.refresh) {
            return Ok((known, None));
        }
        match self.update(ticker, &kept, &known, now) {
            Ok(raw) => Ok((raw, None)),
            Err(error @ (Error::Network { .. } | Error::NotFound { .. })) => Ok((known, Some(error))),
            Err(error) => Err(error),
        }
    }

    /// Ask for the days that are not known, and keep what is new in them.
    fn update(&self, ticker: &Ticker, kept: &Generations<'_>, known: &RawBars, now: DateTime<Utc>) -> Result<RawBars> {
        let calendar = self.calendar(ticker);
        let anew = || {
            let fresh = self.inner.fetch(ticker, None)?;
            let all = RawBars { rows: steady_rows(known, &fresh), ..fresh };
            kept.keep_whole(&settled(&all, &calendar, now))?;
            Ok(all)
        };
        if self.refresh {
            return anew();
        }
        let Some(since) = since(known, &calendar) else { return self.inner.fetch(ticker, None) };
        let fresh = self.inner.fetch(ticker, Some(since))?;
        let Some(days) = merge(known, &settled(&fresh, &calendar, now)) else { return anew() };
        let all = with_days(known.clone(), &days);
        if !(days.rows.is_empty() && days.dividends.is_empty() && days.gains.is_empty()) {
            kept.keep_days(&days, &all)?;
        }
        Ok(with_unfinished(all, &fresh, &calendar, now))
    }
}

impl<S: RawSource> BarSource for CachedSource<S> {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        if let Some(day) = self.as_of {
            return self.past(ticker, day);
        }
        let now = (self.clock)();
        let (raw, trouble) = self.present(ticker, now)?;
        match (raw.read(&self.reading, now), trouble) {
            (Ok(mut sourced), Some(trouble)) => {
                sourced.quality.findings.insert(0, offline(&raw, &trouble, now));
                Ok(sourced)
            }
            // Stale for a reason that is known.
            (Err(Error::Stale { ticker, last_day, wanted, .. }), Some(trouble)) => {
                Err(Error::Stale { ticker, last_day, wanted, why: trouble.to_string() })
            }
            (read, _) => read,
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for CachedSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CachedSource");
        shown.field("inner", &self.inner).field("storage", &self.storage).field("reading", &self.reading);
        shown.field("as_of", &self.as_of).finish_non_exhaustive()
    }
}

/// What of `raw` may be kept: rows with a price whose session is over.
fn settled(raw: &RawBars, calendar: &Calendar, now: DateTime<Utc>) -> RawBars {
    let open = unfinished(raw, calendar, now);
    let mut kept = raw.clone();
    kept.rows.retain(|row| row.has_close() && !open.contains(&row.day));
    kept
}

/// `all` with the rows of `fresh` whose session is not over.
fn with_unfinished(mut all: RawBars, fresh: &RawBars, calendar: &Calendar, now: DateTime<Utc>) -> RawBars {
    let open = unfinished(fresh, calendar, now);
    let known = all.rows.last().map(|row| row.day);
    all.rows.extend(fresh.rows.iter().filter(|row| open.contains(&row.day) && Some(row.day) > known));
    all
}

/// The day to ask from: an overlap before the newest known row, and before the first session of late without a row.
fn since(known: &RawBars, calendar: &Calendar) -> Option<NaiveDate> {
    let newest = known.rows.last()?.day;
    let compared = known.rows.iter().rev().nth(2 * CORRECTED).or(known.rows.first()).map(|row| row.day);
    let overlap = newest.checked_sub_days(Days::new(OVERLAP)).into_iter().chain(compared).min()?;
    let late = newest.checked_sub_days(Days::new(HOLES))?.max(known.rows.first()?.day);
    let is_hole = |day: &NaiveDate| {
        calendar.is_session(*day) == Some(true) && known.rows.binary_search_by_key(day, |row| row.day).is_err()
    };
    let hole = late.iter_days().take_while(|day| *day < newest).find(is_hole);
    Some(hole.map_or(overlap, |hole| hole.min(overlap)))
}

fn offline(raw: &RawBars, trouble: &Error, now: DateTime<Utc>) -> Finding {
    let age = now - raw.fetched;
    let age = match (age.num_days(), age.num_hours()) {
        (0, hours) => format!("{hours} h"),
        (days, _) => format!("{days} days"),
    };
    let text = format!("rows fetched {} UTC, {age} ago, are used, for {trouble}", raw.fetched.format("%Y-%m-%d %H:%M"));
    Finding { kind: FindingKind::Offline, count: 1, days: Vec::new(), action: Action::Kept, text }
}
