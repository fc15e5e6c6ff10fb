//! One day of an exchange: whether it trades, and when it closes.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use exchange_hours::{Exchange, ExchangeCalendar, HolidayKind};

use super::new_york;

/// How a day stands in a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheduled {
    /// A weekday on which the market never trades.
    Weekend,
    /// A closure on a weekday.
    Holiday,
    /// A session that ends early.
    HalfDay,
    /// A whole session.
    Whole,
}

impl Scheduled {
    /// Whether the market trades.
    pub(super) fn is_session(self) -> bool {
        matches!(self, Self::HalfDay | Self::Whole)
    }
}

/// How a day looks before its close is put on the clock.
pub(super) struct Plan {
    /// Seconds after local midnight at which regular trading ends.
    pub(super) close: u32,
    /// Whether that is earlier than usual.
    pub(super) early: bool,
}

/// Closures that exchange-hours 1.3.0 does not list and exchange_calendars does: the funeral of Elizabeth II, Canada Day
/// of 2010, the outage in Tokyo, the day of mourning for George H. W. Bush. Days of typhoons in Hong Kong and a few of
/// Mumbai, Shanghai and Istanbul miss still; there they show as a gap of one session in the quality report.
const MISSING_CLOSURES: [(Exchange, (i32, u32, u32)); 4] = [
    (Exchange::Lse, (2022, 9, 19)),
    (Exchange::Tsx, (2010, 7, 1)),
    (Exchange::Tse, (2020, 10, 1)),
    (Exchange::Nyse, (2018, 12, 5)),
];

/// Closures that were announced less than two weeks before, or not at all: hurricane Sandy, the mourning for two presidents
/// and for Elizabeth II, the outage in Tokyo. Those of New York before 2010 are in no rule, so they need no entry.
const UNFORESEEN: [(Exchange, (i32, u32, u32)); 6] = [
    (Exchange::Lse, (2022, 9, 19)),
    (Exchange::Nyse, (2012, 10, 29)),
    (Exchange::Nyse, (2012, 10, 30)),
    (Exchange::Nyse, (2018, 12, 5)),
    (Exchange::Nyse, (2025, 1, 9)),
    (Exchange::Tse, (2020, 10, 1)),
];

/// How `date` stands in the schedule of `exchange` as it was known two weeks before.
///
/// Outside the years that exchange-hours has read, New York follows its own rules; other exchanges have their usual week.
pub(super) fn scheduled(exchange: Exchange, date: NaiveDate) -> Scheduled {
    if usual_close(exchange, date).is_none() {
        return Scheduled::Weekend;
    }
    let american = matches!(exchange, Exchange::Nyse | Exchange::Nasdaq | Exchange::NyseArca | Exchange::NyseAmerican);
    if american && !knows(exchange, date) && date.year() >= new_york::FIRST_YEAR {
        return match (new_york::is_holiday(date), new_york::is_half_day(date)) {
            (true, _) => Scheduled::Holiday,
            (_, true) => Scheduled::HalfDay,
            _ => Scheduled::Whole,
        };
    }
    let on_nyse = if american { Exchange::Nyse } else { exchange };
    if UNFORESEEN.contains(&(on_nyse, (date.year(), date.month(), date.day()))) {
        return Scheduled::Whole;
    }
    match plan(exchange, date) {
        None => Scheduled::Holiday,
        Some(plan) if plan.early => Scheduled::HalfDay,
        Some(_) => Scheduled::Whole,
    }
}

/// Whether the authors of the crate read the closures around `date` from the exchange.
pub(super) fn knows(exchange: Exchange, date: NaiveDate) -> bool {
    let calendar = ExchangeCalendar::new(exchange);
    let audited = calendar.holiday_coverage().is_some_and(|coverage| coverage.contains(date));
    let unsourced = calendar.holiday_on(date).is_some_and(|row| row.kind() == HolidayKind::Unsourced);
    audited && !unsourced
}

/// The clock of `exchange`.
pub(super) fn zone(exchange: Exchange) -> Tz {
    ExchangeCalendar::new(exchange).tz()
}

/// The plan of `date` at `exchange`: the usual week with the holiday row laid over it; `None` on a closed day.
pub(super) fn plan(exchange: Exchange, date: NaiveDate) -> Option<Plan> {
    let day = (date.year(), date.month(), date.day());
    if MISSING_CLOSURES.contains(&(exchange, day)) {
        return None;
    }
    let usual = usual_close(exchange, date);
    match ExchangeCalendar::new(exchange).holiday_on(date).map(|row| row.kind()) {
        Some(HolidayKind::Closed) => None,
        Some(HolidayKind::EarlyClose { close_ssm } | HolidayKind::LateOpenAndEarlyClose { close_ssm, .. }) => {
            let usual = usual?;
            Some(Plan { close: usual.min(close_ssm), early: close_ssm < usual })
        }
        Some(HolidayKind::ReplacementBlocks(blocks)) => {
            use exchange_hours::ExceptionBlockKind::Regular;
            let close = blocks.iter().filter(|block| block.kind() == Regular).map(|block| block.close_ssm()).max()?;
            Some(Plan { close, early: usual.is_some_and(|usual| close < usual) })
        }
        _ => usual.map(|close| Plan { close, early: false }),
    }
}

/// When regular trading of the usual week ends on the weekday of `date`, in seconds after local midnight.
pub(super) fn usual_close(exchange: Exchange, date: NaiveDate) -> Option<u32> {
    usual(exchange, date).map(|(_, close)| close)
}

/// When regular trading of the usual week begins and ends on the weekday of `date`, in seconds after local midnight.
pub(super) fn usual(exchange: Exchange, date: NaiveDate) -> Option<(u32, u32)> {
    let noon = to_utc(zone(exchange), date, 12 * 3600);
    let hours = ExchangeCalendar::new(exchange).hours_at(noon);
    let weekday = date.weekday().num_days_from_monday() as usize;
    let of_day = || hours.regular.iter().filter(|rule| rule.days[weekday]);
    Some((of_day().map(|rule| rule.open_ssm).min()?, of_day().map(|rule| rule.close_ssm).max()?))
}

/// `seconds` after midnight of `date` on the clock of `zone`.
pub(super) fn to_utc(zone: Tz, date: NaiveDate, seconds: u32) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let local = midnight.checked_add_signed(Duration::seconds(seconds.into())).unwrap_or(midnight);
    // No exchange closes in the hour that summer time skips; UTC keeps the function total.
    zone.from_local_datetime(&local).latest().map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
}
