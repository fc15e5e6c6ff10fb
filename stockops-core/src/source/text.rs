//! Rows of a CSV text.

use std::collections::BTreeSet;

use ::csv::{ReaderBuilder, StringRecord};

use super::columns::{Columns, NUMBERS};
use super::read::{Origin, Row};
use crate::error::{Error, Result};
use crate::market::{Bar, Calendar, Ticker};

/// The rows of `ticker` in `bytes`, in the order of the file.
pub(super) fn rows(origin: Origin<'_>, bytes: &[u8], ticker: &Ticker) -> Result<Vec<Row>> {
    let text = decode(origin, bytes)?;
    if text.trim().is_empty() {
        return Err(Error::file(origin.path, "the file is empty; it needs a header and at least one row"));
    }
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| Error::file(origin.path, error.to_string()))?.clone();
    let names: Vec<&str> = header.iter().collect();
    let columns = Columns::find(&names).map_err(|problem| origin.error(1, problem))?;
    let parser = Parser { origin, columns, calendar: Calendar::of(ticker), width: header.len() };
    let (mut rows, mut others) = (Vec::new(), BTreeSet::new());
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| Error::file(origin.path, error.to_string()))? {
        let line = line_of(text, &record);
        parser.check_width(line, &record)?;
        match parser.columns.ticker.map(|place| record[place].trim()) {
            Some(other) if !other.eq_ignore_ascii_case(ticker.as_str()) => drop(others.insert(other.to_owned())),
            _ => rows.push(parser.row(line, &record)?),
        }
    }
    match (rows.is_empty(), others.is_empty()) {
        (false, _) => Ok(rows),
        (true, false) => Err(origin.no_ticker(ticker, &others)),
        (true, true) => Err(Error::file(origin.path, "there is a header but no row; it needs at least one")),
    }
}

/// The text of `bytes`; what else they may be is named, with what to do.
fn decode<'a>(origin: Origin<'_>, bytes: &'a [u8]) -> Result<&'a str> {
    let broken = |problem: &str| Error::file(origin.path, problem);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(broken("text in UTF-16; save it as CSV in UTF-8"));
    }
    if bytes.contains(&0) {
        return Err(broken(
            "not text, for it has zero bytes (binary, or UTF-16 without a mark); save it as CSV in UTF-8",
        ));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        origin.error(line, format!("byte {:#04x} is not UTF-8; save the file as CSV in UTF-8", bytes[good.len()]))
    })
}

/// The line on which `record` begins: the reader's own position lies before blank lines.
fn line_of(text: &str, record: &StringRecord) -> usize {
    let Some(position) = record.position() else { return 0 };
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count();
    position.line() as usize + blank
}

/// What one row needs.
struct Parser<'a> {
    origin: Origin<'a>,
    columns: Columns,
    calendar: Calendar,
    width: usize,
}

impl Parser<'_> {
    fn check_width(&self, line: usize, record: &StringRecord) -> Result<()> {
        if record.len() == self.width {
            return Ok(());
        }
        let problem =
            format!("{} fields where the header has {}; correct or remove this row", record.len(), self.width);
        Err(self.origin.error(line, problem))
    }

    fn row(&self, line: usize, record: &StringRecord) -> Result<Row> {
        let text = record[self.columns.date].trim();
        let Some(date) = self.columns.day(text, &self.calendar) else {
            let problem = format!("the date is `{}`, and must be YYYY-MM-DD, with or without a time", cut(text));
            return Err(self.origin.error(line, problem));
        };
        let mut values = [0.0; 5];
        for (value, (place, name)) in values.iter_mut().zip(self.columns.numbers.into_iter().zip(NUMBERS)) {
            *value = self.number(line, name, &record[place])?;
        }
        let [open, high, low, close, volume] = values;
        let adj_close = match self.columns.adj_close {
            Some(place) => Some(self.origin.adj_close(line, self.number(line, "Adj Close", &record[place])?)?),
            None => None,
        };
        Ok(Row { place: line, bar: Bar { date, open, high, low, close, volume }, adj_close })
    }

    fn number(&self, line: usize, name: &str, text: &str) -> Result<f64> {
        let text = text.trim();
        if text.is_empty() {
            return Err(self.origin.error(line, format!("{name} is empty; correct or remove this row")));
        }
        let number =
            text.parse().map_err(|_| self.origin.error(line, format!("{name} is `{}`, not a number", cut(text))))?;
        self.origin.finite(line, name, number)
    }
}

/// A cell at a readable length.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
