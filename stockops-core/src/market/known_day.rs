//! `KnownDay`: what anyone knows of a session long before it comes, from its date and its exchange alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Calendar;
use super::expiry::{Expiry, reconstitutes};
use super::hours::Scheduled;

/// Days before and after a year that its first and last sessions look at.
const AROUND: u64 = 21;

/// What anyone knows of a session long before it comes.
///
/// It depends on the date and the calendar alone: holidays and early closes as they are scheduled, the days on which
/// options and futures expire, the days on which indices change, the turn of the month and of the year. A closure that
/// nobody could foresee (2001-09-11, 2012-10-29) is not in it, neither before nor after: a forecast that is made before
/// such a day must not know of it.
///
/// Holidays are those of exchange-hours, and for New York outside of its years those of the exchange's own rules. Of a
/// market without known holidays only what the date says is known. Expiry is known for markets where it follows a rule:
/// the third Friday in America and Europe, the second in Tokyo, the second Thursday in Seoul.
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, market::Calendar};
///
/// let new_york = Calendar::of(&Ticker::new("GOOG")?);
/// let friday = new_york.known_day("2024-11-29".parse().unwrap()); // after Thanksgiving
/// assert!(friday.half_day && friday.after_closure == 1 && friday.month_end);
/// let witching = new_york.known_day("2024-12-20".parse().unwrap());
/// assert!(witching.expiry && witching.quarterly_expiry);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownDay {
    /// The day.
    pub date: NaiveDate,
    /// Whether the session ends early.
    pub half_day: bool,
    /// Sessions since a scheduled closure: 1 for the first one after it, 2 for the second, 0 further on.
    pub after_closure: u8,
    /// Sessions until a scheduled closure: 1 for the last one before it, 2 for the one before, 0 further away.
    pub before_closure: u8,
    /// Whether the session before is a half day.
    pub after_half_day: bool,
    /// Whether the next session is a half day.
    pub before_half_day: bool,
    /// Whether options on stocks and indices expire.
    pub expiry: bool,
    /// Whether futures on indices expire too, in March, June, September and December, when the indices are rebalanced.
    pub quarterly_expiry: bool,
    /// Whether the next session is a quarterly expiry.
    pub before_quarterly_expiry: bool,
    /// Whether the session before is a quarterly expiry.
    pub after_quarterly_expiry: bool,
    /// Whether the Russell indices are reconstituted at its close.
    pub reconstitution: bool,
    /// Whether it is the first session of a month.
    pub month_start: bool,
    /// Whether it is the last session of a month.
    pub month_end: bool,
}

impl KnownDay {
    /// Numbers that a regression can take in; see [`regressors`](Self::regressors).
    pub const REGRESSORS: usize = 25;

    /// It as numbers, each 0 or 1, all 0 on a plain Wednesday.
    pub fn regressors(&self) -> [f64; Self::REGRESSORS] {
        let (month, day, weekday) = (self.date.month(), self.date.day(), self.date.weekday());
        let facts = [
            self.half_day,
            self.before_closure == 1 && !self.half_day,
            self.before_closure == 2,
            self.after_closure == 1,
            self.after_closure == 2,
            self.after_half_day,
            self.before_half_day,
            self.expiry && !self.quarterly_expiry,
            self.quarterly_expiry,
            self.before_quarterly_expiry,
            self.after_quarterly_expiry,
            self.reconstitution,
            month == 12 && (20..26).contains(&day),
            month == 12 && day >= 26,
            month == 1 && day <= 5,
            self.month_end,
            self.month_start,
            // The indices of MSCI change at the end of these months.
            self.month_end && matches!(month, 2 | 5 | 8 | 11),
            self.month_end && month % 3 == 0,
            weekday == Weekday::Mon,
            weekday == Weekday::Tue,
            weekday == Weekday::Thu,
            weekday == Weekday::Fri,
            weekday == Weekday::Sat,
            weekday == Weekday::Sun,
        ];
        facts.map(|fact| f64::from(u8::from(fact)))
    }

    /// What a date alone says.
    fn plain(date: NaiveDate) -> Self {
        Self {
            date,
            half_day: false,
            after_closure: 0,
            before_closure: 0,
            after_half_day: false,
            before_half_day: false,
            expiry: false,
            quarterly_expiry: false,
            before_quarterly_expiry: false,
            after_quarterly_expiry: false,
            reconstitution: false,
            month_start: false,
            month_end: false,
        }
    }
}

impl Calendar {
    /// What anyone knows of the session on `date` long before it comes.
    pub fn known_day(&self, date: NaiveDate) -> KnownDay {
        let year = year_of(self, date.year());
        year.get(date.ordinal0() as usize).copied().unwrap_or(KnownDay::plain(date))
    }
}

/// A year of a calendar.
type Year = (Calendar, i32);

/// The days of one year of a calendar. Each is made once a process, and a thread has the last one at hand: a backtest asks for
/// the same days many times, one after the other.
fn year_of(calendar: &Calendar, year: i32) -> Arc<[KnownDay]> {
    thread_local! {
        static LAST: RefCell<Option<(Year, Arc<[KnownDay]>)>> = const { RefCell::new(None) };
    }
    let key = (*calendar, year);
    LAST.with_borrow_mut(|last| match last {
        Some((known, days)) if *known == key => days.clone(),
        _ => last.insert((key, made_once(key))).1.clone(),
    })
}

fn made_once(key: Year) -> Arc<[KnownDay]> {
    static YEARS: LazyLock<RwLock<HashMap<Year, Arc<[KnownDay]>>>> = LazyLock::new(RwLock::default);
    if let Some(known) = YEARS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known.clone();
    }
    let made: Arc<[KnownDay]> = days_of(&key.0, key.1).into();
    YEARS.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(made).clone()
}

fn days_of(calendar: &Calendar, year: i32) -> Vec<KnownDay> {
    let ends = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
    let around = ends.and_then(|(first, last)| {
        first.checked_sub_days(Days::new(AROUND)).zip(last.checked_add_days(Days::new(AROUND)))
    });
    let Some((from, to)) = around else { return Vec::new() };
    let days: Vec<(NaiveDate, Scheduled)> =
        from.iter_days().take_while(|day| *day <= to).map(|day| (day, calendar.scheduled(day))).collect();
    let sessions: Vec<usize> = (0..days.len()).filter(|day| days[*day].1.is_session()).collect();
    let is_session = |date: NaiveDate| days.iter().any(|(day, kind)| *day == date && kind.is_session());
    let expiries = calendar.expiry().map_or_else(Vec::new, |expiry| expiry.days(from, to, is_session));
    let known = |place: usize| match sessions.binary_search(&place) {
        Ok(session) => known_day(calendar, &days, &sessions, session, &expiries),
        Err(_) => KnownDay::plain(days[place].0),
    };
    (0..days.len()).filter(|place| days[*place].0.year() == year).map(known).collect()
}

/// The session at place `session` of `sessions`, which are places in `days`.
fn known_day(
    calendar: &Calendar,
    days: &[(NaiveDate, Scheduled)],
    sessions: &[usize],
    session: usize,
    expiries: &[NaiveDate],
) -> KnownDay {
    let at = |step: isize| sessions.get(session.checked_add_signed(step)?).copied();
    let date_at = |step| at(step).map(|place: usize| days[place].0);
    let half = |step| at(step).is_some_and(|place| days[place].1 == Scheduled::HalfDay);
    let closure = |from: isize, to: isize| {
        let between = at(from).zip(at(to)).map(|(from, to)| &days[from..to]);
        between.is_some_and(|days| days.iter().any(|(_, day)| *day == Scheduled::Holiday))
    };
    let nearest = |first: bool, second: bool| u8::from(first) + 2 * u8::from(second && !first);
    let quarterly = |step| date_at(step).is_some_and(|date| date.month() % 3 == 0 && expiries.contains(&date));
    let date = days[sessions[session]].0;
    KnownDay {
        date,
        half_day: half(0),
        after_closure: nearest(closure(-1, 0), closure(-2, -1)),
        before_closure: nearest(closure(0, 1), closure(1, 2)),
        after_half_day: half(-1),
        before_half_day: half(1),
        expiry: expiries.contains(&date),
        quarterly_expiry: quarterly(0),
        before_quarterly_expiry: quarterly(1),
        after_quarterly_expiry: quarterly(-1),
        reconstitution: calendar.expiry().is_some_and(Expiry::is_american) && reconstitutes(date),
        month_start: date_at(-1).is_some_and(|before| before.month() != date.month()),
        month_end: date_at(1).is_some_and(|next| next.month() != date.month()),
    }
}
