//! Times to days: on which day of the exchange a row stands.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc, Weekday};

use super::rows::Row;
use super::stamp::Stamp;
use crate::market::Calendar;

/// What the clock of the rows is, and where a time stands beside the day, the time on it.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// For people.
    pub(super) zone: String,
    /// The time of each row on the exchange's clock; empty where rows are days.
    pub(super) times: Vec<NaiveDateTime>,
    /// Rows whose day was put on the exchange's own.
    pub(super) moved: usize,
}

/// Fewest rows that show a week.
const FEWEST: usize = 4;

/// Set the day of each row.
///
/// A day, a time without a zone, and midnight in the zone that is written are the day as written; any other instant
/// belongs to the session of the exchange's clock ([`Calendar::day_of`]). Times without a zone that are all midnights of
/// the exchange, read as UTC, and fall on closed days as written, are such. `is_close` says that the column is the
/// close of sessions, in UTC.
pub(super) fn set_days(rows: &mut [Row], calendar: &Calendar, is_close: bool) -> Result<Clock, String> {
    for row in rows.iter_mut() {
        row.bar.date = day(row.stamp, calendar, is_close);
    }
    let has_times = rows.iter().any(|row| !matches!(row.stamp, Stamp::Day(_)));
    let mut clock = Clock { zone: zone_in_words(rows, calendar, is_close), ..Clock::default() };
    if !has_times || is_close {
        return Ok(clock);
    }
    if are_midnights_in_utc(rows, calendar) && fewer_closed(rows, calendar) {
        for row in rows.iter_mut() {
            row.bar.date = utc(row.stamp).with_timezone(&calendar.zone()).date_naive();
        }
        clock.moved = rows.len();
        clock.zone = format!("midnights of {}, written in UTC", calendar.zone());
        return Ok(clock);
    }
    if look_a_day_early(rows, calendar) && calendar.has_evenings() {
        // The day of currencies begins at 17:00 in New York, the evening before in UTC.
        rows.iter_mut().for_each(|row| row.bar.date = row.bar.date.succ_opt().unwrap_or(row.bar.date));
        clock.moved = rows.len();
        clock.zone = "openings of the day of currencies, written in UTC".to_owned();
        return Ok(clock);
    }
    if look_a_day_early(rows, calendar) {
        let time = rows.first().map(|row| utc(row.stamp).time().format("%H:%M").to_string()).unwrap_or_default();
        return Err(format!(
            "days run from Sunday to Thursday at {time}, as midnights of an exchange do that are written in UTC (each day is then \
             one early, the time zone was misread), or as the week of some markets; say the market by `calendar`"
        ));
    }
    clock.times = rows.iter().map(|row| on_the_clock(row.stamp, calendar)).collect();
    Ok(clock)
}

fn day(stamp: Stamp, calendar: &Calendar, is_close: bool) -> NaiveDate {
    match stamp {
        Stamp::Day(day) if !is_close => day,
        Stamp::Local(time) if !is_close => time.date(),
        Stamp::Instant(instant) if !is_close => calendar.day_of(instant),
        stamp => calendar.day_of(utc(stamp)),
    }
}

/// A stamp as UTC where it says no zone.
fn utc(stamp: Stamp) -> DateTime<Utc> {
    match stamp {
        Stamp::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
        Stamp::Local(time) => time.and_utc(),
        Stamp::Instant(instant) => instant.to_utc(),
    }
}

fn on_the_clock(stamp: Stamp, calendar: &Calendar) -> NaiveDateTime {
    match stamp {
        Stamp::Day(day) => day.and_time(NaiveTime::MIN),
        Stamp::Local(time) => time,
        Stamp::Instant(instant) => calendar.zone().from_utc_datetime(&instant.naive_utc()).naive_local(),
    }
}

fn are_midnights_in_utc(rows: &[Row], calendar: &Calendar) -> bool {
    calendar.is_known()
        && rows.iter().all(|row| {
            matches!(row.stamp, Stamp::Local(_))
                && utc(row.stamp).with_timezone(&calendar.zone()).time() == NaiveTime::MIN
        })
}

/// Whether fewer rows fall on closed days when their times are read as UTC.
fn fewer_closed(rows: &[Row], calendar: &Calendar) -> bool {
    let closed = |day: NaiveDate| calendar.session(day).is_none();
    let as_written = rows.iter().filter(|row| closed(row.bar.date)).count();
    let as_utc = rows.iter().filter(|row| closed(utc(row.stamp).with_timezone(&calendar.zone()).date_naive())).count();
    as_utc < as_written
}

/// Sundays, which have no sessions, and no Fridays, at one time of the day that is an evening or an afternoon in UTC (two with summer time).
fn look_a_day_early(rows: &[Row], calendar: &Calendar) -> bool {
    let is_open = |row: &Row| row.bar.date.weekday() == Weekday::Sun && calendar.session(row.bar.date).is_some();
    let has = |day: Weekday| rows.iter().any(|row| row.bar.date.weekday() == day);
    let mut times: Vec<NaiveTime> = rows.iter().map(|row| utc(row.stamp).time()).collect();
    times.sort_unstable();
    times.dedup();
    let one_clock = match times[..] {
        [_] => true,
        [a, b] => b - a == Duration::hours(1),
        _ => false,
    };
    let late = times.first().is_some_and(|time| time.hour() >= 12);
    rows.len() >= FEWEST
        && !rows.iter().any(is_open)
        && one_clock
        && late
        && has(Weekday::Sun)
        && !has(Weekday::Fri)
        && !has(Weekday::Sat)
}

fn zone_in_words(rows: &[Row], calendar: &Calendar, is_close: bool) -> String {
    let is_instant = |row: &Row| matches!(row.stamp, Stamp::Instant(_));
    if is_close || rows.first().is_some_and(is_instant) {
        return format!("instants, put on the clock of {}", calendar.zone());
    }
    "days as written".to_owned()
}
