//! Which columns of a table are which, and how a date is written.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::market::Calendar;

/// Columns of a table by their place, from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    pub(super) date: usize,
    /// Whether the date column is `event_timestamp`: the close of a session, in UTC where no zone is written.
    pub(super) date_is_close: bool,
    /// Open, high, low, close, volume.
    pub(super) numbers: [usize; 5],
    pub(super) adj_close: Option<usize>,
    pub(super) ticker: Option<usize>,
}

/// Names of the five numbers, as people write them.
pub(super) const NUMBERS: [&str; 5] = ["Open", "High", "Low", "Close", "Volume"];
/// Names of the date column, best first; case, spaces and `_` do not count.
const DATES: [&str; 4] = ["date", "eventtimestamp", "datetime", "timestamp"];
const ADJ_CLOSE: [&str; 2] = ["adjclose", "adjustedclose"];
const TICKERS: [&str; 2] = ["ticker", "symbol"];

impl Columns {
    /// Find the columns in a header; the error says what misses or stands there twice, and what there is.
    pub(super) fn find<S: AsRef<str>>(header: &[S]) -> Result<Self, String> {
        let plain: Vec<String> = header.iter().map(|name| normal(name.as_ref())).collect();
        let one = |wanted: &str| -> Result<Option<usize>, String> {
            let mut places = (0..plain.len()).filter(|&i| plain[i] == wanted);
            match (places.next(), places.next()) {
                (Some(first), Some(second)) => Err(format!(
                    "two columns are named alike: `{}` (column {}) and `{}` (column {}); remove one",
                    header[first].as_ref().trim(),
                    first + 1,
                    header[second].as_ref().trim(),
                    second + 1
                )),
                (first, _) => Ok(first),
            }
        };
        let first_of = |names: &[&str]| -> Result<Option<(usize, usize)>, String> {
            for (rank, name) in names.iter().enumerate() {
                if let Some(place) = one(name)? {
                    return Ok(Some((rank, place)));
                }
            }
            Ok(None)
        };
        let date = first_of(&DATES)?;
        let mut missing = if date.is_none() { vec!["Date"] } else { Vec::new() };
        let mut numbers = [0; 5];
        for (place, name) in numbers.iter_mut().zip(NUMBERS) {
            match one(&name.to_lowercase())? {
                Some(found) => *place = found,
                None => missing.push(name),
            }
        }
        let (Some((rank, date)), true) = (date, missing.is_empty()) else {
            return Err(missing_text(&missing, header));
        };
        let adj_close = first_of(&ADJ_CLOSE)?.map(|found| found.1);
        let ticker = first_of(&TICKERS)?.map(|found| found.1);
        Ok(Self { date, date_is_close: rank == 1, numbers, adj_close, ticker })
    }

    /// The session day that `text` in the date column means; `None` where it is no date.
    ///
    /// A date or a time without a zone is taken as written (but an `event_timestamp` is UTC). Midnight with a zone is
    /// the date as written too: so sources write a day. Any other instant belongs to the session of the calendar.
    pub(super) fn day(&self, text: &str, calendar: &Calendar) -> Option<NaiveDate> {
        let text = text.trim();
        if text.len() < 10 || !text.is_char_boundary(10) {
            return None;
        }
        let (date, rest) = text.split_at(10);
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
        if rest.is_empty() {
            return Some(date);
        }
        let text = format!("{date}T{}", rest.strip_prefix(['T', 't', ' '])?.trim());
        if let Ok(naive) = parse_naive(&text) {
            return Some(if self.date_is_close { calendar.day_of(naive.and_utc()) } else { naive.date() });
        }
        Some(calendar.day_of(parse_zoned(&text)?))
    }
}

/// `2024-05-01T16:00`, with or without seconds and their parts.
fn parse_naive(text: &str) -> Result<NaiveDateTime, chrono::ParseError> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
}

/// The same with `Z`, ` UTC`, `+00:00`, `-0400` or `-04` behind it.
fn parse_zoned(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.replace("UTC", "Z").replace('Z', "+00:00");
    ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"].iter().find_map(|form| DateTime::parse_from_str(&text, form).ok())
}

/// Lower case, letters and digits only: `Adj. Close`, `adj_close` and `AdjClose` are one.
fn normal(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn missing_text<S: AsRef<str>>(missing: &[&str], header: &[S]) -> String {
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let there: Vec<&str> = header.iter().take(20).map(|name| name.as_ref().trim()).collect();
    let plural = if missing.len() == 1 { "column" } else { "columns" };
    let more = if header.len() > there.len() { ", ..." } else { "" };
    let hint = match there[..] {
        [only] if only.contains([';', '\t']) => "; separate the columns by commas",
        _ => "",
    };
    let cut: String = quoted(&there).chars().take(300).collect();
    format!("no {plural} {}; the columns are {cut}{more}{hint}", quoted(missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Ticker;

    const HEADER: [&str; 6] = ["Date", "Open", "High", "Low", "Close", "Volume"];

    #[test]
    fn any_case_and_order_and_spelling_is_found() {
        let columns =
            Columns::find(&["VOLUME", " close", "adj_close", "x", "low", "High", "open", "Datetime"]).unwrap();
        assert_eq!((columns.date, columns.numbers, columns.adj_close), (7, [6, 5, 4, 1, 0], Some(2)));
        let columns =
            Columns::find(&["event_timestamp", "created_timestamp", "Open", "High", "Low", "Close", "Volume"]);
        assert!(columns.unwrap().date_is_close);
    }

    #[test]
    fn what_misses_is_named_with_what_is_there() {
        let text = |header: &[&str]| Columns::find(header).unwrap_err();
        assert_eq!(
            text(&["a", "b"][..0]),
            "no columns `Date`, `Open`, `High`, `Low`, `Close`, `Volume`; the columns are "
        );
        assert_eq!(
            text(&["Day", "Open", "High", "Low", "Close"]),
            "no columns `Date`, `Volume`; the columns are `Day`, `Open`, `High`, `Low`, `Close`"
        );
        assert_eq!(
            text(&["Date;Open;High;Low;Close;Volume"]),
            "no columns `Date`, `Open`, `High`, `Low`, `Close`, `Volume`; the columns are \
             `Date;Open;High;Low;Close;Volume`; separate the columns by commas"
        );
        assert_eq!(
            text(&["Date", "Open", "High", "Low", "Close", "close ", "Volume"]),
            "two columns are named alike: `Close` (column 5) and `close` (column 6); remove one"
        );
    }

    #[test]
    fn dates_with_times_and_zones_mean_the_session_day() {
        let columns = Columns::find(&HEADER).unwrap();
        for (ticker, text, day) in [
            ("GOOG", "2024-05-01", "2024-05-01"),
            ("GOOG", " 2024-05-01 ", "2024-05-01"),
            ("GOOG", "2024-05-01 16:00:00", "2024-05-01"),
            ("GOOG", "2024-05-01T00:00:00", "2024-05-01"),
            ("GOOG", "2024-05-01 00:00:00-04:00", "2024-05-01"),
            ("GOOG", "2024-05-01T20:00:00Z", "2024-05-01"),
            ("GOOG", "2024-05-01 20:00:00.123456+00:00", "2024-05-01"),
            ("GOOG", "2024-05-01 00:00:00 UTC", "2024-05-01"),
            ("GOOG", "2024-05-02T01:00:00Z", "2024-05-01"),
            ("GOOG", "2024-05-01 09:30:00 -0400", "2024-05-01"),
            ("BHP.AX", "2024-01-02T23:00:00Z", "2024-01-03"),
            ("EURUSD=X", "2024-04-30 23:00:00+00:00", "2024-05-01"),
            ("BTC-USD", "2024-05-01 23:59:59+00:00", "2024-05-01"),
        ] {
            let calendar = Calendar::of(&Ticker::new(ticker).unwrap());
            assert_eq!(
                columns.day(text, &calendar).map(|day| day.to_string()).as_deref(),
                Some(day),
                "{ticker} {text}"
            );
        }
        let calendar = Calendar::of(&Ticker::new("GOOG").unwrap());
        for text in ["", "2024", "2024-13-01", "05/01/2024", "2024-05-01x", "2024-05-01 later", "2024-05-0é1"] {
            assert_eq!(columns.day(text, &calendar), None, "{text}");
        }
    }

    #[test]
    fn an_event_timestamp_without_a_zone_is_utc() {
        let columns = Columns::find(&["event_timestamp", "open", "high", "low", "close", "volume"]).unwrap();
        let wellington = Calendar::of(&Ticker::new("FPH.NZ").unwrap());
        // A half day before Christmas closes at 12:45 in Wellington.
        assert_eq!(columns.day("2023-12-21 23:45:00", &wellington), "2023-12-22".parse().ok());
    }
}
