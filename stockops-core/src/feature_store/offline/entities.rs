//! `EntityRow`: a ticker at a time, and a list of them from CSV.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::market::Ticker;

/// A ticker at a time: what a join asks about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityRow {
    /// Whose features.
    pub ticker: Ticker,
    /// As of when.
    pub event_timestamp: DateTime<Utc>,
}

impl EntityRow {
    /// A list from CSV with a head: the columns `ticker` and `event_timestamp`, in any case and order; others are left out. A time
    /// has its zone, as `2024-05-01T20:00:00Z` or `2024-05-01 16:00:00-04:00`: without one nobody knows which it is.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for another head and for a row that does not fit it, with its number; [`Error::Ticker`] for a word that is
    /// none.
    pub fn parse(text: &str) -> Result<Vec<Self>> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let head: Vec<String> =
            reader.headers().map_err(|error| wrong(error.to_string()))?.iter().map(str::to_lowercase).collect();
        let place = |name: &str| head.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let columns = place("ticker").zip(place("event_timestamp"));
        let Some((ticker, time)) = columns else { return Err(wrong(format!("the columns {}", head.join(", ")))) };
        let row = |(number, row): (usize, csv::Result<csv::StringRecord>)| {
            let row = row.map_err(|error| wrong(error.to_string()))?;
            let cell = |place: usize| row.get(place).unwrap_or_default();
            let event_timestamp =
                cell(time).parse().map_err(|_| wrong(format!("`{}` in row {}", cell(time), number + 1)))?;
            Ok(Self { ticker: cell(ticker).parse()?, event_timestamp })
        };
        reader.records().enumerate().map(row).collect()
    }

    /// [`parse`](Self::parse) of a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where there is no such file or where its content is none, [`Error::Storage`] where the disk refuses.
    pub fn read(path: &Path) -> Result<Vec<Self>> {
        let bytes = std::fs::read(path).map_err(Error::unread(path))?;
        let text = String::from_utf8(bytes).map_err(|_| Error::file(path, "it is no text in UTF-8"))?;
        Self::parse(&text).map_err(|error| Error::file(path, error.to_string()))
    }
}

fn wrong(got: String) -> Error {
    Error::Config { field: "entities", rule: "rows of `ticker` and `event_timestamp`, a time with its zone", got }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_stand_anywhere_and_a_time_has_its_zone() {
        let text = "\u{feff}Event_Timestamp,x,TICKER\n2024-05-01T20:00:00Z,1,goog\n2024-05-01 16:00:00-04:00,2,goog\n";
        let rows = EntityRow::parse(text).unwrap();
        assert_eq!((rows.len(), &rows[0], rows[0].ticker.as_str()), (2, &rows[1], "GOOG"));
        let message = |text: &str| EntityRow::parse(text).unwrap_err().to_string();
        let rule = "`entities` must be rows of `ticker` and `event_timestamp`, a time with its zone, got ";
        assert_eq!(message("ticker,time\n"), format!("{rule}the columns ticker, time"));
        assert_eq!(message("ticker,event_timestamp\nA,2024-05-01\n"), format!("{rule}`2024-05-01` in row 1"));
        assert_eq!(
            message("ticker,event_timestamp\nA,2024-05-01T20:00:00\n"),
            format!("{rule}`2024-05-01T20:00:00` in row 1")
        );
        assert!(message("ticker,event_timestamp\n..,2024-05-01T20:00:00Z\n").contains("is not a ticker"));
    }
}
