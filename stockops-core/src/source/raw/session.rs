//! Which sessions are over: by the source's own hours, else by the calendar.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::RawBars;
use crate::market::{Calendar, Session};

/// Days that are looked back for a session: more than any closure has.
const FAR: usize = 31;
/// Sessions of the usual week that may be holidays in a row.
const HOLIDAYS: usize = 5;

/// Days of rows whose session is not over at `now`, newest first.
pub(in crate::source) fn unfinished(raw: &RawBars, calendar: &Calendar, now: DateTime<Utc>) -> Vec<NaiveDate> {
    let newest = raw.rows.iter().rev().map(|row| row.day);
    newest.take_while(|day| !is_over(raw, calendar, *day, now)).collect()
}

/// The newest session that is over at `now`, where the calendar is sure of it.
pub(in crate::source) fn surely_finished(raw: &RawBars, calendar: &Calendar, now: DateTime<Utc>) -> Option<NaiveDate> {
    finished(raw, calendar, now).next().filter(|session| !session.assumed).map(|session| session.date)
}

/// The newest session that is over at `now` and that rows should reach: by the calendar where it is sure; else by the latest
/// trade that the source saw, and by the usual week less a week of holidays.
pub(super) fn wanted(raw: &RawBars, calendar: &Calendar, now: DateTime<Utc>) -> Option<NaiveDate> {
    let traded = raw.last_trade.map(|time| day_of(raw, time)).filter(|day| is_over(raw, calendar, *day, now));
    let usual = finished(raw, calendar, now).nth(HOLIDAYS).map(|session| session.date);
    surely_finished(raw, calendar, now).or(traded.max(usual))
}

/// Sessions that are over at `now`, newest first.
fn finished<'a>(raw: &'a RawBars, calendar: &'a Calendar, now: DateTime<Utc>) -> impl Iterator<Item = Session> + 'a {
    let days = std::iter::successors(calendar.day_of(now).succ_opt(), NaiveDate::pred_opt).take(FAR);
    days.filter_map(|day| calendar.session(day)).filter(move |session| is_over(raw, calendar, session.date, now))
}

fn is_over(raw: &RawBars, calendar: &Calendar, day: NaiveDate, now: DateTime<Utc>) -> bool {
    let own = raw.session.filter(|(begin, _)| day_of(raw, *begin) == day);
    let end = own.map_or_else(|| calendar.session_close(day), |(_, end)| end);
    calendar.is_settled(end, now)
}

/// The day of an instant on the clock of the source.
fn day_of(raw: &RawBars, instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&raw.zone.parse().unwrap_or(Tz::UTC)).date_naive()
}
