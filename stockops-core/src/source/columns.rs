//! `Columns`: which columns of a table are which.

use std::collections::{BTreeMap, BTreeSet};

use super::DateOrder;
use super::names::{self, Match, Name};
use super::vocabulary::{self, Role};
use crate::market::Ticker;

/// Columns of a table by their place, from 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Columns {
    pub(super) date: usize,
    /// A time of day beside the date.
    pub(super) time: Option<usize>,
    /// Whether the date column is `event_timestamp`: the close of a session, in UTC where no zone is written.
    pub(super) date_is_close: bool,
    /// Open, high, low, close.
    pub(super) prices: [usize; 4],
    pub(super) volume: Option<usize>,
    pub(super) adj_close: Option<usize>,
    /// The column that tells series apart, and whether it surely does.
    pub(super) ticker: Option<(usize, bool)>,
    /// The source, where the header tells it.
    pub(super) source: &'static str,
    /// The order of its dates, where it has only one.
    pub(super) dates: Option<DateOrder>,
}

/// Names of the four prices, as people write them.
pub(super) const PRICES: [&str; 4] = ["Open", "High", "Low", "Close"];
const PRICE_ROLES: [Role; 4] = [Role::Open, Role::High, Role::Low, Role::Close];

impl Columns {
    /// Find the columns of `ticker` in a header; the error says what misses or stands there twice, and what there is.
    pub(super) fn find(names: &[Name], ticker: &Ticker, any_series: bool) -> Result<Self, String> {
        let series = series(names, ticker, any_series)?;
        let header = Header { names, series: series.as_deref() };
        let source = source(names);
        let date = header.date()?;
        let mut missing = if date.is_none() { vec!["Date"] } else { Vec::new() };
        let mut prices = [0; 4];
        for ((place, role), name) in prices.iter_mut().zip(PRICE_ROLES).zip(PRICES) {
            match header.one(role)? {
                Some(found) => *place = found,
                None => missing.push(name),
            }
        }
        let (Some(date), true) = (date, missing.is_empty()) else {
            return Err(missing_text(&missing, names));
        };
        let by_label = || Ok::<_, String>(header.one(Role::Label)?.map(|place| (place, false)));
        let ticker = match header.one(Role::Ticker)? {
            Some(place) => Some((place, true)),
            None => by_label()?,
        };
        Ok(Self {
            date,
            time: header.one(Role::Time)?.filter(|time| *time != date),
            date_is_close: names[date].field == "eventtimestamp",
            prices,
            volume: header.volume()?,
            adj_close: header.one(Role::AdjClose)?,
            ticker: ticker.filter(|(place, _)| *place != date),
            source: source.map_or("", |source| source.name),
            dates: source.and_then(|source| source.dates),
        })
    }

    /// Places of the columns that are read, ascending.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let ticker = self.ticker.map(|(place, _)| place);
        let some = self.prices.into_iter().chain([self.date]);
        let all = some.chain(self.time).chain(self.volume).chain(self.adj_close).chain(ticker);
        all.collect::<BTreeSet<usize>>().into_iter().collect()
    }

    /// What each column is for, with its name in the file.
    pub(super) fn described(&self, names: &[Name]) -> BTreeMap<String, String> {
        let name = |place: usize| match names.get(place).map(|name| name.text.as_str()) {
            Some("") | None => format!("column {}", place + 1),
            Some(text) => text.to_owned(),
        };
        let prices = PRICES.iter().zip(self.prices).map(|(role, place)| (role.to_lowercase(), place));
        let ticker = self.ticker.filter(|(_, is_sure)| *is_sure).map(|(place, _)| place);
        let others = [("time", self.time), ("volume", self.volume), ("adj_close", self.adj_close), ("ticker", ticker)];
        let others = others.into_iter().filter_map(|(role, place)| Some((role.to_owned(), place?)));
        let date = std::iter::once(("date".to_owned(), self.date));
        date.chain(prices).chain(others).map(|(role, place)| (role, name(place))).collect()
    }
}

/// The columns that may be taken: those without a ticker, and those of the series.
struct Header<'a> {
    names: &'a [Name],
    series: Option<&'a str>,
}

impl Header<'_> {
    fn may_be_taken(&self, name: &Name) -> bool {
        match (&name.ticker, self.series) {
            (None, _) => true,
            (Some(ticker), Some(series)) => ticker == series || ticker.is_empty(),
            (Some(ticker), None) => ticker.is_empty(),
        }
    }

    /// The column of `role` with its best name; two of one name are an error.
    fn one(&self, role: Role) -> Result<Option<usize>, String> {
        let places = |known: &'static str| {
            (0..self.names.len()).filter(move |&i| self.names[i].field == known && self.may_be_taken(&self.names[i]))
        };
        for known in vocabulary::names_of(role) {
            // Of `Close` and `Close_NFLX` the one that names the series is meant.
            let own = |i: &usize| self.series.is_some() && self.names[*i].ticker.as_deref() == self.series;
            let found: Vec<usize> = match places(known).find(own) {
                Some(own) => vec![own],
                None => places(known).collect(),
            };
            match found[..] {
                [] => {}
                [only] => return Ok(Some(only)),
                [first, second, ..] => {
                    return Err(format!(
                        "two columns are named alike: `{}` (column {}) and `{}` (column {}); remove one",
                        self.names[first].text,
                        first + 1,
                        self.names[second].text,
                        second + 1
                    ));
                }
            }
        }
        Ok(None)
    }

    /// The date column; an index without a name where there is none.
    fn date(&self) -> Result<Option<usize>, String> {
        let unnamed = || self.names.first().filter(|name| name.field.is_empty()).map(|_| 0);
        Ok(self.one(Role::Date)?.or_else(unnamed))
    }

    /// The volume; of several by currency (`Volume BTC`, `Volume USD`) the first, which counts the thing itself.
    fn volume(&self) -> Result<Option<usize>, String> {
        let any = || self.names.iter().position(|name| name.field == "volume" && self.series.is_none());
        Ok(self.one(Role::Volume)?.or_else(any))
    }
}

/// The ticker that the columns of `ticker` bear in the header; `None` where the prices bear none.
fn series(names: &[Name], ticker: &Ticker, any_series: bool) -> Result<Option<String>, String> {
    let is_close = |name: &&Name| vocabulary::names_of(Role::Close).any(|known| known == name.field);
    let closes: Vec<&Name> = names.iter().filter(is_close).collect();
    let there: BTreeSet<&str> =
        closes.iter().filter_map(|name| name.ticker.as_deref()).filter(|t| !t.is_empty()).collect();
    let best = there.iter().map(|label| (names::matches(label, ticker), *label)).max_by_key(|(how, _)| *how);
    match best {
        Some((how, label)) if how > Match::No => Ok(Some(label.to_owned())),
        _ if closes.iter().any(|name| name.ticker.is_none()) => Ok(None),
        Some((_, only)) if any_series && there.len() == 1 => Ok(Some(only.to_owned())),
        Some(_) => Err(other_series(ticker, &there)),
        None => Ok(None),
    }
}

/// What is said where a file has other series alone.
pub(super) fn other_series<S: AsRef<str>>(ticker: &Ticker, there: &BTreeSet<S>) -> String {
    let named: Vec<&str> = there.iter().take(5).map(AsRef::as_ref).collect();
    let more = if there.len() > named.len() { ", ..." } else { "" };
    format!("no row of {ticker}; the file has {}{more}", named.join(", "))
}

fn source(names: &[Name]) -> Option<&'static vocabulary::Source> {
    let fields: Vec<&str> = names.iter().map(|name| name.field.as_str()).collect();
    vocabulary::source_of(&fields)
}

fn missing_text(missing: &[&str], header: &[Name]) -> String {
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let there: Vec<&str> = header.iter().take(20).map(|name| name.text.as_str()).collect();
    let plural = if missing.len() == 1 { "column" } else { "columns" };
    let more = if header.len() > there.len() { ", ..." } else { "" };
    let cut: String = quoted(&there).chars().take(300).collect();
    format!("no {plural} {}; the columns are {cut}{more}", quoted(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &[&str], ticker: &str) -> Result<Columns, String> {
        let names: Vec<Name> = header.iter().map(|text| Name::new(text)).collect();
        Columns::find(&names, &Ticker::new(ticker).unwrap(), false)
    }

    #[test]
    fn any_case_and_order_and_spelling_is_found() {
        let columns = find(&["VOLUME", " close", "adj_close", "x", "low", "High", "open", "Datetime"], "GOOG").unwrap();
        assert_eq!((columns.date, columns.prices, columns.adj_close), (7, [6, 5, 4, 1], Some(2)));
        assert_eq!(columns.volume, Some(0));
        let columns = find(&["event_timestamp", "created_timestamp", "Open", "High", "Low", "Close"], "GOOG").unwrap();
        assert!(columns.date_is_close && columns.volume.is_none());
    }

    #[test]
    fn of_several_tickers_the_columns_of_the_named_one_are_taken() {
        let header =
            ["Date", "Close_GOOG", "Close_NFLX", "High_GOOG", "High_NFLX", "Low_NFLX", "Open_NFLX", "Volume_NFLX"];
        let columns = find(&header, "NFLX").unwrap();
        assert_eq!((columns.prices, columns.volume), ([6, 4, 5, 2], Some(7)));
        assert_eq!(find(&header, "IBM").unwrap_err(), "no row of IBM; the file has GOOG, NFLX");
    }

    #[test]
    fn sources_are_told_by_their_header() {
        let nasdaq = find(&["Date", "Close/Last", "Volume", "Open", "High", "Low"], "GOOG").unwrap();
        assert_eq!((nasdaq.source, nasdaq.dates), ("Nasdaq.com", Some(DateOrder::Mdy)));
        let coin = ["unix", "date", "symbol", "open", "high", "low", "close", "Volume BTC", "Volume USD"];
        let coin = find(&coin, "BTC-USD").unwrap();
        assert_eq!(
            (coin.source, coin.date, coin.volume, coin.ticker),
            ("CryptoDataDownload", 1, Some(7), Some((2, true)))
        );
    }

    #[test]
    fn what_misses_is_named_with_what_is_there() {
        let text = |header: &[&str]| find(header, "GOOG").unwrap_err();
        assert_eq!(text(&[]), "no columns `Date`, `Open`, `High`, `Low`, `Close`; the columns are ");
        assert_eq!(
            text(&["Moment", "Open", "High", "Low"]),
            "no columns `Date`, `Close`; the columns are `Moment`, `Open`, `High`, `Low`"
        );
        assert_eq!(
            text(&["Date", "Open", "High", "Low", "Close", "close ", "Volume"]),
            "two columns are named alike: `Close` (column 5) and `close` (column 6); remove one"
        );
    }
}
