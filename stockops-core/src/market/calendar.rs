//! `Calendar`: which days have a session, and when it closes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use exchange_hours::Exchange;
use serde::{Deserialize, Serialize};

use super::expiry::Expiry;
use super::hours::{self, Plan, Scheduled};
use super::venue::{self, Days, Local};
use super::week::Week;
use super::{AssetClass, Ticker};
use crate::error::{Error, Result};

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

/// The days on which a series trades.
///
/// [`of`](Self::of) reads it off the ticker: coins (`BTC-USD`, `BTCUSDT`) trade every day, currencies (`EURUSD=X`,
/// `EURUSD`) on weekdays, a suffix (`.L`, `.T`, `.WA`, ...) or an index (`^FTSE`, `^N225`, ...) names its market, and one
/// to five letters are New York. Any other spelling (`600519`, `ES=F`, `MY_FUND`) is not known; the week of such a series
/// is the one that its rows [show](super::Bars::calendar). A word says it: the code of a market in ISO 10383 (`XNYS`, `XTKS`, `XTAE`),
/// `24/7` or `weekdays`.
///
/// Holidays and early closes come from the crate exchange-hours, for the years whose closures its authors read from the
/// exchange: New York 2010 to 2028, London and Tokyo from 2010, others less. Outside of them, and for markets of which
/// only the week is known, the usual week is taken and [`Session::assumed`] says so.
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
///
/// let tokyo: Calendar = "XTKS".parse()?;
/// assert_eq!(tokyo, Calendar::of(&Ticker::new("7203.T")?));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Calendar(Rule);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    /// Sessions of an exchange with its holidays.
    Exchange(Exchange),
    /// The week of a market whose holidays are not known.
    Local(Local),
    /// Every day of the week, UTC.
    EveryDay,
    /// Monday to Friday, closing at 17:00 in New York, which is the true rule of currencies.
    Currency,
    /// A week that somebody said, closing at 17:00 in New York.
    Said(Week),
    /// A week that is only likely, closing at 17:00 in New York.
    Likely(Week),
}

/// 17:00 in New York: the turn of the day in currencies, and later than the close of every exchange.
const FX_CLOSE: u32 = 17 * 3600;
/// From the end of regular trading until the bar of the day stands: a closing auction ends some minutes later, and sources
/// are delayed by a quarter of an hour.
const SETTLING: Duration = Duration::minutes(20);
/// How every calendar can be named.
const WORDS: &str = "a code of a market such as XNYS, XLON or XTKS, 24/7, or weekdays";

impl Calendar {
    /// The calendar of `ticker`, where its spelling names one; else weekdays, and [`is_known`](Self::is_known) is `false`.
    pub fn of(ticker: &Ticker) -> Self {
        Self(match ticker.asset_class() {
            AssetClass::Crypto => Rule::EveryDay,
            AssetClass::Currency => Rule::Currency,
            AssetClass::Equity => match venue::venue_of(ticker.as_str()).map(|venue| venue.days) {
                Some(days) => Rule::from(days),
                None => Rule::Likely(Week::MONDAY_TO_FRIDAY),
            },
        })
    }

    /// Its word: the code of a market such as `XNYS`, `24/7` or `weekdays`; `currencies` or `unknown` where no word names it.
    pub fn name(&self) -> &'static str {
        match self.0 {
            Rule::Exchange(exchange) => venue::code_of(&Days::Exchange(exchange)),
            Rule::Local(local) => venue::code_of(&Days::Local(local)),
            Rule::EveryDay => "24/7",
            Rule::Currency => "currencies",
            Rule::Said(_) => "weekdays",
            Rule::Likely(_) => "unknown",
        }
    }

    /// Whether the ticker or somebody names it, so that it is not merely likely.
    pub fn is_known(&self) -> bool {
        !matches!(self.0, Rule::Likely(_))
    }

    /// The calendar with the week of a series whose rows are on `dates`, ascending, where it is only likely.
    pub(super) fn with_week_of(self, dates: impl FnOnce() -> Vec<NaiveDate>) -> Self {
        match self.0 {
            Rule::Likely(_) => Self(Rule::Likely(Week::seen(&dates()))),
            _ => self,
        }
    }

    /// The week of `date`, in words.
    pub(super) fn week(&self, date: NaiveDate) -> Week {
        match self.0 {
            Rule::Exchange(exchange) => {
                Week::of(date.iter_days().take(7).filter(|day| hours::usual_close(exchange, *day).is_some()))
            }
            Rule::Local(local) => local.week_of(date),
            Rule::EveryDay => Week::EVERY_DAY,
            Rule::Currency => Week::MONDAY_TO_FRIDAY,
            Rule::Said(week) | Rule::Likely(week) => week,
        }
    }

    /// The clock on which its days are counted.
    pub(crate) fn zone(&self) -> Tz {
        match self.0 {
            Rule::Exchange(exchange) => hours::zone(exchange),
            Rule::Local(local) => local.zone,
            Rule::EveryDay => Tz::UTC,
            Rule::Currency | Rule::Said(_) | Rule::Likely(_) => Tz::America__New_York,
        }
    }

    /// Whether a day begins on the evening before, as that of currencies does at 17:00 in New York.
    pub(crate) fn has_evenings(&self) -> bool {
        self.0 == Rule::Currency
    }

    /// When regular trading begins and ends on `date`, in seconds after midnight of the exchange; `None` where the
    /// calendar knows no hours.
    pub(crate) fn hours(&self, date: NaiveDate) -> Option<(u32, u32)> {
        match self.0 {
            Rule::Exchange(exchange) => {
                let (open, _) = hours::usual(exchange, date)?;
                Some((open, hours::plan(exchange, date)?.close))
            }
            _ => None,
        }
    }

    /// Whether `date` has a session; `None` where the calendar does not know.
    pub fn is_session(&self, date: NaiveDate) -> Option<bool> {
        self.knows(date).then(|| self.plan(date).is_some())
    }

    /// The session of `date`: by the calendar where it knows, else by the usual week; `None` on a closed day.
    pub fn session(&self, date: NaiveDate) -> Option<Session> {
        let plan = self.plan(date)?;
        let close_utc = hours::to_utc(self.zone(), date, plan.close);
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
            Rule::Exchange(exchange) => date.iter_days().take(7).find_map(|day| hours::usual_close(exchange, day)),
            Rule::Local(local) => Some(local.close),
            _ => None,
        };
        hours::to_utc(self.zone(), date, close.unwrap_or(FX_CLOSE))
    }

    /// Whether the bar of a session that closed at `close` stands at `now`.
    pub(crate) fn is_settled(&self, close: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - SETTLING >= close
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
        let local = instant.with_timezone(&self.zone()).naive_local();
        match self.0 {
            Rule::Exchange(_) | Rule::Local(_) | Rule::EveryDay => local.date(),
            // One second less than seven hours, so that 17:00:00 itself is the close of its day.
            _ => local.checked_add_signed(Duration::seconds(7 * 3600 - 1)).unwrap_or(local).date(),
        }
    }

    /// Whether the weekday of `date` never has a session in the usual week.
    pub(super) fn closes_weekly(&self, date: NaiveDate) -> bool {
        match self.0 {
            Rule::Exchange(exchange) => hours::usual_close(exchange, date).is_none(),
            _ => !self.week(date).has(date),
        }
    }

    /// Whether a row on `date` is no surprise: a session, or a Sunday of currencies, whose week opens in the evening.
    pub(super) fn expects(&self, date: NaiveDate) -> bool {
        let is_sunday = date.weekday() == chrono::Weekday::Sun;
        self.plan(date).is_some() || (self.0 == Rule::Currency && is_sunday)
    }

    /// How `date` stands in the schedule, closures that nobody could foresee left out.
    pub(super) fn scheduled(&self, date: NaiveDate) -> Scheduled {
        match self.0 {
            Rule::Exchange(exchange) => hours::scheduled(exchange, date),
            _ if self.week(date).has(date) => Scheduled::Whole,
            _ => Scheduled::Weekend,
        }
    }

    /// When contracts on its stocks and indices expire, where a rule says so.
    pub(super) fn expiry(&self) -> Option<Expiry> {
        Expiry::of(self.name())
    }

    /// Whether the answer for `date` is evidence and not the usual week.
    fn knows(&self, date: NaiveDate) -> bool {
        match self.0 {
            Rule::Exchange(exchange) => hours::knows(exchange, date),
            Rule::EveryDay | Rule::Currency => true,
            Rule::Local(_) | Rule::Said(_) | Rule::Likely(_) => false,
        }
    }

    fn plan(&self, date: NaiveDate) -> Option<Plan> {
        let close = match self.0 {
            Rule::Exchange(exchange) => return hours::plan(exchange, date),
            Rule::Local(local) => local.close,
            Rule::EveryDay => 24 * 3600 - 1,
            Rule::Currency | Rule::Said(_) | Rule::Likely(_) => FX_CLOSE,
        };
        self.week(date).has(date).then_some(Plan { close, early: false })
    }
}

impl Default for Calendar {
    /// That of a series of which nothing is known: weekdays.
    fn default() -> Self {
        Self(Rule::Likely(Week::MONDAY_TO_FRIDAY))
    }
}

impl Local {
    /// The week that holds on `date`.
    fn week_of(&self, date: NaiveDate) -> Week {
        match self.changed {
            Some((since, week)) if (date.year(), date.month(), date.day()) >= since => week,
            _ => self.week,
        }
    }
}

impl From<Days> for Rule {
    fn from(days: Days) -> Self {
        match days {
            Days::Exchange(exchange) => Self::Exchange(exchange),
            Days::Local(local) => Self::Local(local),
        }
    }
}

impl FromStr for Calendar {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let rule = match word.trim().to_ascii_lowercase().as_str() {
            "24/7" => Rule::EveryDay,
            "weekdays" => Rule::Said(Week::MONDAY_TO_FRIDAY),
            "currencies" => Rule::Currency,
            "unknown" => Rule::Likely(Week::MONDAY_TO_FRIDAY),
            code => match venue::venue_named(code) {
                Some(venue) => Rule::from(venue.days),
                None => {
                    return Err(Error::Config { field: "calendar", rule: WORDS, got: word.chars().take(40).collect() });
                }
            },
        };
        Ok(Self(rule))
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Calendar {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Calendar> for String {
    fn from(calendar: Calendar) -> Self {
        calendar.name().to_owned()
    }
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
    fn a_week_without_known_holidays_changes_when_it_did() {
        let teva = of("TEVA.TA");
        let next =
            |after: &str| teva.next_sessions(day(after), 2).iter().map(|s| s.date.to_string()).collect::<Vec<_>>();
        assert_eq!(next("2025-06-05"), ["2025-06-08", "2025-06-09"]); // from a Thursday to Sunday
        assert_eq!(next("2026-01-08"), ["2026-01-09", "2026-01-12"]); // Friday, then Monday
        assert!(teva.session(day("2025-06-08")).unwrap().assumed);
        assert_eq!(teva.session_close(day("2025-06-08")).to_rfc3339(), "2025-06-08T14:15:00+00:00");
    }

    #[test]
    fn a_word_names_a_calendar_and_an_unknown_one_is_told_which_there_are() {
        for (word, ticker) in [("XTKS", "7203.T"), ("xnys", "GOOG"), ("24/7", "BTC-USD"), ("XTAE", "TEVA.TA")] {
            assert_eq!(word.parse::<Calendar>().unwrap(), of(ticker), "{word}");
        }
        for word in ["XNYS", "XWAR", "XADS", "XDFM", "24/7", "weekdays", "currencies", "unknown"] {
            assert_eq!(word.parse::<Calendar>().unwrap().to_string(), word);
        }
        let error = "XXXX".parse::<Calendar>().unwrap_err().to_string();
        let rule = "a code of a market such as XNYS, XLON or XTKS, 24/7, or weekdays";
        assert_eq!(error, format!("`calendar` must be {rule}, got XXXX"));
    }

    #[test]
    fn a_spelling_that_names_nothing_is_not_taken_for_new_york() {
        for (ticker, known) in [("GOOG", true), ("BTCUSDT", true), ("EURUSD", true), ("600519", false), ("ES=F", false)]
        {
            assert_eq!(of(ticker).is_known(), known, "{ticker}");
        }
        let golden_week = day("2024-10-02");
        assert_eq!(of("600519").is_session(golden_week), None);
        assert_eq!(of("600519.SS").is_session(golden_week), Some(false));
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
