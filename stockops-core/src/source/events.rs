//! `read_events`: the dates of events that were known beforehand, from a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::encoding::decode;
use super::origin::Origin;
use super::text::line_of;
use crate::error::{Error, Result};
use crate::market::{EventKind, Events, Ticker};

/// Names of the columns, the first being the one that messages use.
const COLUMNS: [&[&str]; 3] = [&["date", "day"], &["ticker", "symbol"], &["kind", "event", "type"]];

/// Events by ticker, from a CSV with the columns `date` (2024-04-25), `ticker` and `kind`, in any case and order; other columns
/// are ignored.
///
/// # Errors
///
/// [`Error::File`] for a file that cannot be read or has no such columns, and for the first line with a date, ticker or kind
/// that is none.
///
/// # Example
///
/// ```
/// use stockops_core::source::read_events;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("events.csv");
/// std::fs::write(&path, "date,ticker,kind\n2024-04-25,GOOG,earnings\n2024-07-23,GOOG,earnings\n").unwrap();
/// let events = read_events(&path)?;
/// assert_eq!(events[&"GOOG".parse()?].len(), 2);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn read_events(path: &Path) -> Result<BTreeMap<Ticker, Arc<Events>>> {
    let origin = Origin { path, is_text: true };
    let read = std::fs::read(path).map_err(|error| origin.file(format!("it cannot be read: {error}")))?;
    events(origin, &decode(origin, read)?)
}

fn events(origin: Origin<'_>, text: &str) -> Result<BTreeMap<Ticker, Arc<Events>>> {
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(origin, &error))?.clone();
    let place = |names: &[&str]| {
        let found = header.iter().position(|name| names.contains(&name.to_lowercase().as_str()));
        found.ok_or_else(|| origin.error(1, format!("there is no column {}; it needs date, ticker and kind", names[0])))
    };
    let places = [place(COLUMNS[0])?, place(COLUMNS[1])?, place(COLUMNS[2])?];
    let mut by_ticker: BTreeMap<Ticker, Vec<_>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(origin, &error))?;
        let line = line_of(text, &record);
        let bad = |error: Error| origin.error(line, error.to_string());
        let [date, ticker, kind] = places.map(|place| record.get(place).unwrap_or_default());
        let day =
            date.parse().map_err(|_| origin.error(line, format!("date is {date:?}, wanted one such as 2024-04-25")))?;
        let events = by_ticker.entry(Ticker::new(ticker).map_err(bad)?).or_default();
        events.push((day, EventKind::new(kind).map_err(bad)?));
    }
    Ok(by_ticker.into_iter().map(|(ticker, events)| (ticker, Arc::new(events.into_iter().collect()))).collect())
}

fn unreadable(origin: Origin<'_>, error: &::csv::Error) -> Error {
    let line = error.position().map_or(0, |position| position.line() as usize);
    origin.error(line, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<Ticker, Arc<Events>>> {
        events(Origin { path: Path::new("events.csv"), is_text: true }, text)
    }

    #[test]
    fn columns_come_in_any_case_and_order_and_doubles_count_once() {
        let text =
            "Type,Note,Symbol,Day\nEarnings,q1,goog,2024-04-25\nearnings,,GOOG,2024-04-25\nsplit,,AMZN,2022-06-06\n";
        let events = read(text).unwrap();
        let goog: Vec<_> = events[&"GOOG".parse().unwrap()].iter().map(|(day, kind)| format!("{day} {kind}")).collect();
        assert_eq!(goog, ["2024-04-25 earnings"]);
        assert_eq!(events.len(), 2);
        assert!(read("date,ticker,kind\n").unwrap().is_empty(), "no events are events too");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, words) in [
            (
                "date,ticker\n2024-04-25,GOOG\n",
                "events.csv, line 1: there is no column kind; it needs date, ticker and kind",
            ),
            (
                "date,ticker,kind\n\n25.4.2024,GOOG,earnings\n",
                "events.csv, line 3: date is \"25.4.2024\", wanted one such as 2024-04-25",
            ),
            ("date,ticker,kind\n2024-04-25,../x,earnings\n", "events.csv, line 2: "),
            ("date,ticker,kind\n2024-04-25,GOOG,\n", "events.csv, line 2: `kind of an event` must be"),
            ("date,ticker,kind\n2024-04-25,GOOG\n", "events.csv, line 2: `kind of an event` must be"),
            ("", "events.csv, line 1: there is no column date"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.kind(), "file");
            assert!(error.to_string().contains(words), "{error}\n{words}");
        }
    }
}
