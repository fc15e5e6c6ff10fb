//! Bars of hours and minutes: refused, or folded to days by the exchange's hours.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, Timelike};

use super::rows::Row;
use crate::market::{Action, Bar, Calendar, Finding, FindingKind};

/// Share of days with rows at several times from which on bars are not daily.
const INTRADAY_SHARE: f64 = 0.5;
/// Least share of rows within the exchange's hours; below it the times are of another clock.
const LEAST_WITHIN: f64 = 0.3;

/// Minutes between rows of one day, the median; `None` for daily bars.
pub(super) fn minutes_apart(times: &[NaiveDateTime]) -> Option<i64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let days = 1 + sorted.windows(2).filter(|pair| pair[0].date() != pair[1].date()).count();
    let same_day = sorted.windows(2).filter(|pair| pair[0].date() == pair[1].date());
    let mut busy: Vec<NaiveDate> = same_day.clone().map(|pair| pair[0].date()).collect();
    busy.dedup();
    if sorted.is_empty() || (busy.len() as f64) <= INTRADAY_SHARE * days as f64 {
        return None;
    }
    let mut gaps: Vec<i64> = same_day.map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map(|gap| (*gap).max(1))
}

/// `60` as `1 hour`.
pub(super) fn spacing(minutes: i64) -> String {
    match (minutes % 60, minutes / 60) {
        (0, 1) => "1 hour".to_owned(),
        (0, hours) => format!("{hours} hours"),
        _ if minutes == 1 => "1 minute".to_owned(),
        _ => format!("{minutes} minutes"),
    }
}

/// Why bars that are `minutes` apart are refused.
pub(super) fn refusal(minutes: i64) -> String {
    let apart = spacing(minutes);
    let name = match minutes {
        60 => "hourly bars".to_owned(),
        _ => format!("bars of {apart}"),
    };
    format!("rows are {apart} apart: {name}; daily ones are needed, and `fold` makes days of these")
}

/// Fold `rows`, which stand at `times` on the exchange's clock, to days: the first open, the highest high, the lowest low,
/// the last close, the sum of the volume. Where the calendar knows the hours of a day, bars outside of them are left
/// out.
pub(super) fn fold(
    rows: Vec<Row>,
    times: &[NaiveDateTime],
    minutes: i64,
    calendar: &Calendar,
) -> Result<(Vec<Row>, Finding), String> {
    let count = rows.len();
    let mut days: BTreeMap<NaiveDate, Vec<(NaiveDateTime, Row)>> = BTreeMap::new();
    for (row, time) in rows.into_iter().zip(times).filter(|(row, _)| row.bar.close > 0.0) {
        days.entry(row.bar.date).or_default().push((*time, row));
    }
    let mut within = 0;
    let mut folded = Vec::new();
    let first_hours = days.keys().find_map(|day| calendar.hours(*day));
    for (day, mut rows) in days {
        let hours = calendar.hours(day);
        rows.retain(|(time, _)| first_hours.is_none() || hours.is_some_and(|hours| overlaps(*time, minutes, hours)));
        rows.sort_by_key(|(time, _)| *time);
        within += rows.len();
        folded.extend(one_day(&rows));
    }
    if (within as f64) < LEAST_WITHIN * count as f64 {
        let (open, close) = first_hours.unwrap_or_default();
        let clock = |seconds: u32| format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
        return Err(format!(
            "{within} of {count} rows stand within the hours of {}, {} to {} in {}: the times are of another zone or the series \
             trades elsewhere; give times with their zone, or say the market by `calendar`",
            calendar.name(),
            clock(open),
            clock(close),
            calendar.zone()
        ));
    }
    let text = format!(
        "{count} bars of {} folded to {} days{}",
        spacing(minutes),
        folded.len(),
        if within < count {
            format!(", {} outside of the exchange's hours left out", count - within)
        } else {
            String::new()
        }
    );
    let finding =
        Finding { kind: FindingKind::Folded, count: folded.len(), days: Vec::new(), action: Action::Repaired, text };
    Ok((folded, finding))
}

fn overlaps(time: NaiveDateTime, minutes: i64, (open, close): (u32, u32)) -> bool {
    let start = i64::from(time.time().num_seconds_from_midnight());
    start < i64::from(close) && start + minutes * 60 > i64::from(open)
}

fn one_day(rows: &[(NaiveDateTime, Row)]) -> Option<Row> {
    let ((_, first), (_, last)) = (rows.first()?, rows.last()?);
    let bars = || rows.iter().map(|(_, row)| &row.bar);
    let known = |price: f64, close: f64| if price > 0.0 { price } else { close };
    let bar = Bar {
        date: first.bar.date,
        open: known(first.bar.open, first.bar.close),
        high: bars().map(|bar| known(bar.high, bar.close)).fold(f64::MIN, f64::max),
        low: bars().map(|bar| known(bar.low, bar.close)).fold(f64::MAX, f64::min),
        close: last.bar.close,
        volume: bars().map(|bar| bar.volume).filter(|volume| !volume.is_nan()).sum(),
    };
    Some(Row { bar, place: first.place, ..last.clone() })
}
