//! `Calendar`: which days have a session, and when it closes.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use exchange_hours::{Exchange, ExchangeCalendar, HolidayKind};
use serde::{Deserialize, Serialize};

use super::{AssetClass, Ticker, venue};

/// One day of trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The day, in the exchange's own time zone.
    pub date: NaiveDate,
    /// When it closes.
    pub close_utc: DateTime<Utc>,
    /// Whether it closes earlier than usual.
    pub early_close: bool,
    /// Whether the calendar does not know this day and took the usual week, so that a holiday would not be seen.
    pub assumed: bool,
}

/// The days on which a ticker trades.
///
/// Read off the ticker: `BTC-USD` trades every day, `EURUSD=X` on weekdays, a Yahoo suffix (`.L`, `.T`, `.DE`, ...) or
/// index (`^FTSE`, `^N225`, ...) names its exchange, and all else is New York. Holidays and early closes come from the
/// crate exchange-hours, for the years whose closures its authors read from the exchange: New York 2010 to 2028, London
/// and Tokyo from 2010, others less. Outside of them, and for futures (`ES=F`) and suffixes that are not known, the
/// usual week is taken and [`Session::assumed`] says so.
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, market::Calendar};
///
/// let calendar = Calendar::of(&Ticker::new("GOOG")?);
/// let thanksgiving = "2024-11-28".parse().unwrap();
/// assert_eq!(calendar.is_session(thanksgiving), Some(false));
///
/// let next = calendar.next_sessions("2024-11-27".parse().unwrap(), 2);
/// assert_eq!(next[0].close_utc.to_rfc3339(), "2024-11-29T18:00:00+00:00"); // 13:00 in New York
/// assert!(next[0].early_close && !next[1].early_close);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calendar(Rule);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    /// Sessions of an exchange.
    Exchange(Exchange),
    /// Every day of the week, UTC.
    EveryDay,
    /// Monday to Friday, closing at 17:00 in New York; `known` where that is the true rule.
    Weekdays { known: bool },
}

/// How a day looks before its close is put on the clock.
struct Plan {
    /// Seconds after local midnight at which regular trading ends.
    close: u32,
    early: bool,
}

/// 17:00 in New York: the turn of the day in currencies, and later than the close of every exchange.
const FX_CLOSE: u32 = 17 * 3600;

/// Closures that exchange-hours 1.3.0 does not list and exchange_calendars does: the funeral of Elizabeth II, Canada Day
/// of 2010, the outage in Tokyo, the day of mourning for George H. W. Bush. Days of typhoons in Hong Kong and a few of
/// Mumbai, Shanghai and Istanbul miss still; there they show as a gap of one session in the quality report.
const MISSING_CLOSURES: [(Exchange, (i32, u32, u32)); 4] = [
    (Exchange::Lse, (2022, 9, 19)),
    (Exchange::Tsx, (2010, 7, 1)),
    (Exchange::Tse, (2020, 10, 1)),
    (Exchange::Nyse, (2018, 12, 5)),
];

impl Calendar {
    /// The calendar of `ticker`; every ticker has one.
    pub fn of(ticker: &Ticker) -> Self {
        Self(match ticker.asset_class() {
            AssetClass::Crypto => Rule::EveryDay,
            AssetClass::Currency => Rule::Weekdays { known: true },
            AssetClass::Equity => match venue::exchange_of(ticker.as_str()) {
                Some(exchange) => Rule::Exchange(exchange),
                None => Rule::Weekdays { known: false },
            },
        })
    }

    /// Its name for people: an exchange such as `nyse`, `every day` or `weekdays`.
    pub fn name(&self) -> &'static str {
        match self.0 {
            Rule::Exchange(exchange) => exchange.as_str(),
            Rule::EveryDay => "every day",
            Rule::Weekdays { .. } => "weekdays",
        }
    }

    /// Whether `date` has a session; `None` where the calendar does not know.
    pub fn is_session(&self, date: NaiveDate) -> Option<bool> {
        self.knows(date).then(|| self.plan(date).is_some())
    }

    /// The session of `date`: by the calendar where it knows, else by the usual week; `None` on a closed day.
    pub fn session(&self, date: NaiveDate) -> Option<Session> {
        let plan = self.plan(date)?;
        let close_utc = self.instant(date, plan.close);
        Some(Session { date, close_utc, early_close: plan.early, assumed: !self.knows(date) })
    }

    /// The first `count` sessions after the day `after`, which is not among them.
    pub fn next_sessions(&self, after: NaiveDate, count: usize) -> Vec<Session> {
        // The longest closure on record is well under a month; the bound keeps the end of time finite.
        let days = after.iter_days().skip(1).take(31 * count.saturating_add(1));
        days.filter_map(|date| self.session(date)).take(count).collect()
    }

    /// When the session of `date` closes, for `event_timestamp`; on a closed day, when it would have closed.
    ///
    /// Exchanges: the end of continuous trading; a closing auction may end up to ten minutes later. Crypto: the last second of the UTC day. Currencies, futures and unknown
    /// exchanges: 17:00 in New York. [`day_of`](Self::day_of) undoes it.
    pub fn session_close(&self, date: NaiveDate) -> DateTime<Utc> {
        if let Some(session) = self.session(date) {
            return session.close_utc;
        }
        // A closed day has no hours of its own: take those of the nearest weekday with regular trading.
        let close = match self.0 {
            Rule::Exchange(exchange) => date.iter_days().take(7).find_map(|day| usual_close(exchange, day)),
            Rule::EveryDay | Rule::Weekdays { .. } => None,
        };
        self.instant(date, close.unwrap_or(FX_CLOSE))
    }

    /// The session day that `instant` belongs to: the exchange's own date, the UTC date for crypto, and for currencies
    /// the day that ends at 17:00 in New York.
    ///
    /// Midnight in the zone of `instant` is read as a label of its date, because that is how date-only sources write a day.
    pub fn day_of<Z: TimeZone>(&self, instant: DateTime<Z>) -> NaiveDate {
        let (written, instant) = (instant.naive_local(), instant.to_utc());
        // Far beyond any market the local clock overflows.
        if written.time() == NaiveTime::MIN || !(0..10_000).contains(&written.year()) {
            return written.date();
        }
        match self.0 {
            Rule::Exchange(exchange) => instant.with_timezone(&ExchangeCalendar::new(exchange).tz()).date_naive(),
            Rule::EveryDay => instant.date_naive(),
            Rule::Weekdays { .. } => {
                let local = instant.with_timezone(&ExchangeCalendar::new(Exchange::Nyse).tz()).naive_local();
                // One second less than seven hours, so that 17:00:00 itself is the close of its day.
                local.checked_add_signed(Duration::seconds(7 * 3600 - 1)).unwrap_or(local).date()
            }
        }
    }

    /// Whether the weekday of `date` never has a session in the usual week.
    pub(super) fn closes_weekly(&self, date: NaiveDate) -> bool {
        match self.0 {
            Rule::Exchange(exchange) => usual_close(exchange, date).is_none(),
            Rule::EveryDay => false,
            Rule::Weekdays { .. } => is_weekend(date),
        }
    }

    /// Whether the answer for `date` is evidence and not the usual week.
    fn knows(&self, date: NaiveDate) -> bool {
        match self.0 {
            Rule::Exchange(exchange) => {
                let calendar = ExchangeCalendar::new(exchange);
                let audited = calendar.holiday_coverage().is_some_and(|coverage| coverage.contains(date));
                let unsourced = calendar.holiday_on(date).is_some_and(|row| row.kind() == HolidayKind::Unsourced);
                audited && !unsourced
            }
            Rule::EveryDay => true,
            Rule::Weekdays { known } => known,
        }
    }

    fn plan(&self, date: NaiveDate) -> Option<Plan> {
        match self.0 {
            Rule::Exchange(exchange) => exchange_plan(exchange, date),
            Rule::EveryDay => Some(Plan { close: 24 * 3600 - 1, early: false }),
            Rule::Weekdays { .. } => (!is_weekend(date)).then_some(Plan { close: FX_CLOSE, early: false }),
        }
    }

    /// `seconds` after midnight of `date` on the calendar's clock, as UTC.
    fn instant(&self, date: NaiveDate, seconds: u32) -> DateTime<Utc> {
        let exchange = match self.0 {
            Rule::Exchange(exchange) => exchange,
            Rule::EveryDay => return (date.and_time(NaiveTime::MIN) + Duration::seconds(seconds.into())).and_utc(),
            Rule::Weekdays { .. } => Exchange::Nyse,
        };
        local_to_utc(exchange, date, seconds)
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The plan of `date` at `exchange`: the usual week with the holiday row laid over it.
fn exchange_plan(exchange: Exchange, date: NaiveDate) -> Option<Plan> {
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
fn usual_close(exchange: Exchange, date: NaiveDate) -> Option<u32> {
    let noon = local_to_utc(exchange, date, 12 * 3600);
    let hours = ExchangeCalendar::new(exchange).hours_at(noon);
    let weekday = date.weekday().num_days_from_monday() as usize;
    hours.regular.iter().filter(|rule| rule.days[weekday]).map(|rule| rule.close_ssm).max()
}

fn local_to_utc(exchange: Exchange, date: NaiveDate, seconds: u32) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let local = midnight.checked_add_signed(Duration::seconds(seconds.into())).unwrap_or(midnight);
    let zone = ExchangeCalendar::new(exchange).tz();
    // No exchange closes in the hour that summer time skips; UTC keeps the function total.
    zone.from_local_datetime(&local).latest().map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(ticker: &str) -> Calendar {
        Calendar::of(&Ticker::new(ticker).unwrap())
    }

    #[test]
    fn closes_follow_the_clock_of_the_exchange() {
        for (ticker, date, close) in [
            ("GOOG", "2024-07-01", "2024-07-01T20:00:00+00:00"),
            ("GOOG", "2024-12-02", "2024-12-02T21:00:00+00:00"),
            ("GOOG", "2024-07-03", "2024-07-03T17:00:00+00:00"),
            ("SHEL.L", "2024-07-01", "2024-07-01T15:30:00+00:00"),
            ("SAP.DE", "2024-07-01", "2024-07-01T15:30:00+00:00"),
            ("7203.T", "2024-07-01", "2024-07-01T06:00:00+00:00"),
            ("BTC-USD", "2024-07-06", "2024-07-06T23:59:59+00:00"),
            ("EURUSD=X", "2024-07-01", "2024-07-01T21:00:00+00:00"),
            ("ES=F", "2024-12-02", "2024-12-02T22:00:00+00:00"),
        ] {
            assert_eq!(of(ticker).session_close(day(date)).to_rfc3339(), close, "{ticker} {date}");
        }
    }

    #[test]
    fn a_close_maps_back_to_its_day() {
        for ticker in ["GOOG", "SHEL.L", "7203.T", "BHP.AX", "FPH.NZ", "BTC-USD", "EURUSD=X", "ES=F", "2222.SR"] {
            for date in day("2023-12-20").iter_days().take(400) {
                let close = of(ticker).session_close(date);
                assert_eq!(of(ticker).day_of(close), date, "{ticker} {close}");
            }
        }
    }

    #[test]
    fn an_instant_belongs_to_the_day_of_its_exchange() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(of("BHP.AX").day_of(instant("2024-01-02T23:00:00Z")), day("2024-01-03"));
        assert_eq!(of("EURUSD=X").day_of(instant("2024-07-01T23:00:00Z")), day("2024-07-02"));
        assert_eq!(of("GOOG").day_of(instant("2024-07-02T00:00:00Z")), day("2024-07-02"));
        assert_eq!(of("GOOG").day_of(instant("2024-07-02T01:00:00Z")), day("2024-07-01"));
    }

    #[test]
    fn beyond_its_knowledge_the_usual_week_is_assumed_and_said() {
        let goog = of("GOOG");
        assert_eq!(goog.is_session(day("2005-07-04")), None);
        assert!(goog.session(day("2005-07-04")).unwrap().assumed);
        assert_eq!(goog.session(day("2005-07-03")), None);
        assert!(goog.next_sessions(day("2040-01-01"), 5).iter().all(|session| session.assumed));
        assert_eq!(of("ES=F").is_session(day("2024-07-01")), None);
        assert_eq!(of("EURUSD=X").is_session(day("2024-12-25")), Some(true));
    }

    #[test]
    fn every_asset_class_has_its_week() {
        let dates = |ticker: &str| -> Vec<String> {
            of(ticker).next_sessions(day("2024-05-24"), 3).iter().map(|session| session.date.to_string()).collect()
        };
        assert_eq!(dates("GOOG"), ["2024-05-28", "2024-05-29", "2024-05-30"]); // Memorial Day
        assert_eq!(dates("EURUSD=X"), ["2024-05-27", "2024-05-28", "2024-05-29"]);
        assert_eq!(dates("BTC-USD"), ["2024-05-25", "2024-05-26", "2024-05-27"]);
        assert_eq!(dates("2222.SR"), ["2024-05-26", "2024-05-27", "2024-05-28"]); // Riyadh trades on Sunday
    }

    #[test]
    fn the_end_of_time_does_not_panic() {
        assert!(of("GOOG").next_sessions(NaiveDate::MAX, 5).is_empty());
        assert!(of("BTC-USD").next_sessions(NaiveDate::MAX, 5).is_empty());
        for ticker in ["GOOG", "7203.T", "EURUSD=X", "BTC-USD"] {
            of(ticker).session_close(NaiveDate::MAX);
            of(ticker).session_close(NaiveDate::MIN);
            of(ticker).day_of(DateTime::<Utc>::MAX_UTC);
        }
    }
}
