//! `settle` and `track`: what came of forecasts, as they were kept or as the same model makes them again.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::dataset::usual_range;
use crate::drift::{BASELINE_MOST, Outcome, TrackRecord};
use crate::error::Result;
use crate::forecast::{Case, Field, IntervalDay};
use crate::forecaster::Forecaster;
use crate::market::{Bar, Bars};
use crate::record::{ForecastRecord, KeptForecast};
use crate::registry::VersionId;

/// Sessions that are watched, at most.
const WATCHED: usize = 750;

/// A change of a past close beyond this (in log units) is a split, which changes volumes too.
const SPLIT: f64 = 0.18;

/// Score the kept forecasts of the ticker of `bars` whose days have come, and count those that changed. A bar whose session is not
/// over at `now` is left out: what was scored on half a day would stand for good.
///
/// A forecast whose last day is not among the bars stays as it is. Where past closes were adjusted since, for a split or a
/// dividend, the forecast's prices are adjusted alike; its volume is not scored across a split. A last day that was not
/// over when the forecast was made is no adjustment: its close has changed and that of the day before has not, and the
/// forecast is scored as it was served.
///
/// # Errors
///
/// Those of [`ForecastRecord::settle`].
pub fn settle(record: &dyn ForecastRecord, bars: &Bars, now: DateTime<Utc>) -> Result<usize> {
    let calendar = bars.calendar();
    let is_over = |bar: &&Bar| calendar.is_settled(calendar.session_close(bar.date), now);
    let open = bars.as_slice().iter().rev().take_while(|bar| !is_over(bar)).count();
    let over = &bars.as_slice()[..bars.len() - open];
    record.settle(bars.ticker(), &mut |kept| outcomes_of(kept, over))
}

fn outcomes_of(kept: &KeptForecast, bars: &[Bar]) -> Option<Vec<Outcome>> {
    let place = bars.binary_search_by_key(&kept.last_date, |bar| bar.date).ok()?;
    let (known, future) = bars.split_at(place + 1);
    let actual = &future[..future.len().min(kept.days.len())];
    let factor = adjustment(kept, known);
    let split = factor.ln().abs() > SPLIT;
    let predicted = kept.days.iter().map(|day| Bar {
        date: day.date,
        open: day.open * factor,
        high: day.high * factor,
        low: day.low * factor,
        close: day.close * factor,
        volume: if split { 0.0 } else { day.volume },
    });
    let case =
        Case { history: known, actual, predicted: predicted.collect(), unit: usual_range(known), ..Case::default() };
    let outcome = |horizon: usize| {
        let interval = kept.interval_90.get(horizon - 1);
        Outcome::with(&case, horizon, |field, actual| {
            let [low, high] = bounds(interval?, field, case.last_close() / factor).map(f64::ln);
            Some(low <= actual && actual <= high)
        })
    };
    Some((1..=actual.len()).filter_map(outcome).collect())
}

/// What the bars of days before a forecast were multiplied by since it was made.
///
/// A split or a dividend changes the close of the last day and that of the day before by one factor. Where the last close
/// has changed otherwise, the day was not over, or the day before was adjusted alone, since the forecast's own day was the
/// first after the split: the forecast is in today's prices then. Of the two the nearer is taken. A forecast of stockops 0.1
/// knows its last close alone, and is taken for adjusted.
fn adjustment(kept: &KeptForecast, known: &[Bar]) -> f64 {
    let close = |day: NaiveDate| {
        let place = known.binary_search_by_key(&day, |bar| bar.date).ok()?;
        Some(known[place].close)
    };
    let last = close(kept.last_date).map_or(1.0, |now| now / kept.last_price);
    let Some(before) = kept.before.and_then(|then| Some(close(then.date)? / then.close)) else { return last };
    if (last / before).ln().abs() <= last.ln().abs() { before } else { 1.0 }
}

/// The ends of an interval, prices over `last_price`.
fn bounds(interval: &IntervalDay, field: Field, last_price: f64) -> [f64; 2] {
    let ends = interval.ends(field);
    if field.is_price() { ends.map(|end| end / last_price) } else { ends }
}

/// The record of `forecaster`, named `id`, on `bars`: one session ahead, on each day after the last that it saw, as it was
/// kept, or where nothing was kept, replayed.
///
/// Of long stretches the newest 750 sessions are watched. The 250 sessions before the first tell how errors spread.
///
/// # Errors
///
/// Those of the record and of the network.
pub fn track(record: &dyn ForecastRecord, forecaster: &Forecaster, id: &VersionId, bars: &Bars) -> Result<TrackRecord> {
    let days: Vec<NaiveDate> = bars.iter().map(|bar| bar.date).collect();
    let day = |place: usize| days.get(place).copied();
    let seen = forecaster.about().last_seen_day;
    let since = day(days.len().saturating_sub(WATCHED + 1)).map_or(seen, |day| day.max(seen));
    let first = days.partition_point(|day| *day <= since);
    let from = day(first.saturating_sub(BASELINE_MOST + 1));
    let mut outcomes: BTreeMap<NaiveDate, Outcome> =
        replayed(forecaster, bars, from)?.into_iter().map(|outcome| (outcome.day, outcome)).collect();
    let version = id.to_string();
    for kept in record.forecasts(bars.ticker())?.into_iter().filter(|kept| kept.version == version) {
        outcomes.extend(kept.outcomes.into_iter().filter(|one| one.horizon == 1).map(|one| (one.day, one)));
    }
    Ok(TrackRecord { since, outcomes: outcomes.into_values().collect() })
}

/// What `forecaster` would have said one session ahead on each day after `from`, beside what came.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn replayed(forecaster: &Forecaster, bars: &Bars, from: Option<NaiveDate>) -> Result<Vec<Outcome>> {
    let Some(last) = bars.as_slice().last().filter(|_| bars.len() > forecaster.needed_bars()) else {
        return Ok(Vec::new());
    };
    // A past forecast is one whose days have all come, and of the newest only the first has: flat days stand for the
    // others, and nothing one session ahead depends on them.
    let flat = |(ahead, date): (usize, NaiveDate)| (ahead > 0).then_some(Bar { date, ..*last });
    let missing = last.date.iter_days().take(forecaster.horizon()).enumerate().filter_map(flat);
    let padded = Bars::new(bars.ticker().clone(), bars.iter().copied().chain(missing).collect())?;
    let padded = padded.with_calendar(Some(bars.calendar()));
    let cases = forecaster.past(&padded, from, usize::MAX)?;
    let outcome = |case: &Case<'_>| Some(Outcome { replayed: true, ..Outcome::of(case, 1)? });
    Ok(cases.iter().filter_map(outcome).filter(|outcome| outcome.day <= last.date).collect())
}
