//! `read_bars`: bars from a file of any known kind, or an error that names the file and the line.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::{Adjust, Sourced, adjust, text};
use crate::error::{Error, Result};
use crate::market::{Bar, Ticker, clean_as_of};

/// How a file of bars is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// What to do with an Adj Close column. Default: scale the prices by it.
    pub adjust: Adjust,
    /// The date in UTC, where the caller has a clock: rows after it are an error. Default: not known.
    pub today: Option<NaiveDate>,
}

/// A row and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Line of a text file or row of a table, from 1.
    pub(super) place: usize,
    pub(super) bar: Bar,
    /// Finite and above 0.
    pub(super) adj_close: Option<f64>,
}

/// A file that is being read, for its errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) path: &'a Path,
    /// Whether places are lines of a text, not rows of a table.
    pub(super) is_text: bool,
}

/// The most bytes of text, unpacked, that are read into memory.
const MAX_BYTES: u64 = 1 << 30;

/// Read the daily bars of `ticker` from `path`: CSV, CSV packed by gzip, or Parquet (feature `parquet`).
///
/// The kind is read off the first bytes, not off the name. Columns Date, Open, High, Low, Close, Volume are found in
/// any case and order; the date may be called `datetime`, `timestamp` or `event_timestamp` as well; others are ignored
/// but for Adj Close ([`Adjust`]) and `ticker` or `symbol`, of which only the rows of `ticker` are taken. So the
/// feature table of a feature store is a file of bars too.
///
/// A date is `YYYY-MM-DD`, alone or with a time. Without a zone, or at midnight of its zone, it is the day as written;
/// any other instant belongs to the session of the exchange's own clock, see
/// [`Calendar::day_of`](crate::market::Calendar::day_of). An `event_timestamp` is the close of a session, UTC where it
/// says nothing else.
///
/// The rows then go through [`clean_as_of`]; what that does stands in [`Sourced::quality`].
///
/// # Errors
///
/// - [`Error::File`], with the line where one is to blame (in Parquet the row, in the text): no such file, a folder, an
///   empty file, no rows, a column that misses or stands there twice, a cell that is empty, no number, NaN or infinite,
///   a date that is none, a bar that breaks a rule, two different rows of one day, a row after `today`, no row of
///   `ticker`, text that is not UTF-8, gzip or Parquet that is cut short or damaged.
/// - [`Error::Storage`] where the disk refuses.
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{ReadOptions, read_bars}};
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("goog.csv");
/// std::fs::write(&path, "date,open,high,low,close,volume\n2024-05-01,10,11,9,10.5,1000\n").unwrap();
/// let goog = read_bars(&path, &Ticker::new("GOOG")?, &ReadOptions::default())?;
/// assert_eq!(goog.bars.closes(), [10.5]);
///
/// std::fs::write(&path, "date,open,high,low,close,volume\n2024-05-01,10,11,9,ten,1000\n").unwrap();
/// let error = read_bars(&path, &Ticker::new("GOOG")?, &ReadOptions::default()).unwrap_err();
/// assert!(error.to_string().ends_with("goog.csv, line 2: Close is `ten`, not a number"));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn read_bars(path: impl AsRef<Path>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let path = path.as_ref();
    let mut file = open(path)?;
    let mut head = [0; 4];
    let taken = read_head(&mut file, &mut head).map_err(Error::storage("read", path))?;
    if &head == b"PAR1" {
        drop(file);
        return parquet_bars(path, ticker, options);
    }
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) && taken > 0 {
        let problem = "not a Parquet file, for it does not begin with PAR1; name a Parquet file, or call it .csv";
        return Err(Error::file(path, problem));
    }
    let mut bytes = head[..taken].to_vec();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(Error::storage("read", path))?;
    text_bars(path, bytes, ticker, options)
}

/// The same for the bytes of a CSV or CSV.gz; `path` is for messages.
pub(super) fn text_bars(path: &Path, bytes: Vec<u8>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) { unpack(path, &bytes)? } else { bytes };
    if bytes.len() as u64 >= MAX_BYTES {
        return Err(Error::file(path, "more than 1 GiB of text; split it by ticker, or use Parquet"));
    }
    let origin = Origin { path, is_text: true };
    let rows = text::rows(origin, &bytes, ticker)?;
    finish(origin, rows, ticker, options)
}

#[cfg(feature = "parquet")]
fn parquet_bars(path: &Path, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let origin = Origin { path, is_text: false };
    let rows = super::parquet::rows(origin, open(path)?, ticker)?;
    finish(origin, rows, ticker, options)
}

#[cfg(not(feature = "parquet"))]
fn parquet_bars(path: &Path, _: &Ticker, _: &ReadOptions) -> Result<Sourced> {
    Err(Error::file(
        path,
        "a Parquet file, and this build is without the feature `parquet`; build with it, or give CSV",
    ))
}

fn open(path: &Path) -> Result<File> {
    if path.is_dir() {
        return Err(Error::file(path, "a folder, not a file; name a CSV, CSV.gz or Parquet file in it"));
    }
    File::open(path).map_err(Error::unread(path))
}

/// Fill `head` as far as the file goes; how many bytes there were.
fn read_head(file: &mut File, head: &mut [u8]) -> std::io::Result<usize> {
    let mut taken = 0;
    while taken < head.len() {
        match file.read(&mut head[taken..])? {
            0 => break,
            more => taken += more,
        }
    }
    Ok(taken)
}

fn unpack(path: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match MultiGzDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(Error::file(path, "the gzip data ends early, so the file is cut short; copy or download it again"))
        }
        Err(_) => Err(Error::file(path, "the gzip data is damaged; copy or download it again")),
    }
}

/// From rows as they stood to bars: check each where its place is known, adjust, clean.
pub(super) fn finish(
    origin: Origin<'_>,
    mut rows: Vec<Row>,
    ticker: &Ticker,
    options: &ReadOptions,
) -> Result<Sourced> {
    for row in &rows {
        if let Some(problem) = row.bar.problem() {
            return Err(origin.error(row.place, row_text(row.bar.date, &problem, "")));
        }
    }
    let adjusted = if options.adjust == Adjust::Auto { adjust::adjust(&mut rows) } else { None };
    let bars = rows.iter().map(|row| row.bar).collect();
    let (bars, mut quality) = clean_as_of(ticker.clone(), bars, options.today).map_err(|error| match error {
        Error::Bar { date, problem, .. } => origin.of_day(&rows, date, &problem),
        other => other,
    })?;
    if bars.is_empty() {
        return Err(Error::file(origin.path, format!("no row is left of {}: {quality}", quality.rows_read)));
    }
    quality.findings.splice(0..0, adjusted);
    Ok(Sourced { bars, quality })
}

fn row_text(date: NaiveDate, problem: &str, more: &str) -> String {
    format!("{date}: {problem}{more}; correct or remove this row")
}

impl Origin<'_> {
    /// An error about the row at `place`.
    pub(super) fn error(&self, place: usize, problem: impl Into<String>) -> Error {
        let problem = problem.into();
        if self.is_text {
            Error::File { path: self.path.to_path_buf(), line: Some(place), problem }
        } else {
            Error::file(self.path, format!("row {place}: {problem}"))
        }
    }

    /// An error about the rows of one day.
    fn of_day(&self, rows: &[Row], date: NaiveDate, problem: &str) -> Error {
        let places: Vec<usize> = rows.iter().filter(|row| row.bar.date == date).map(|row| row.place).collect();
        let what = if self.is_text { "line" } else { "row" };
        let also = places.get(1).map(|place| format!(" ({what} {place})")).unwrap_or_default();
        self.error(places.first().copied().unwrap_or(0), row_text(date, problem, &also))
    }

    /// `number` of the column `name`, if it can be a price or a volume at all.
    pub(super) fn finite(&self, place: usize, name: &str, number: f64) -> Result<f64> {
        if number.is_finite() {
            return Ok(number);
        }
        Err(self.error(place, format!("{name} is {number}, not a finite number; correct or remove this row")))
    }

    /// The factor column of a row: finite and above 0.
    pub(super) fn adj_close(&self, place: usize, number: f64) -> Result<f64> {
        let number = self.finite(place, "Adj Close", number)?;
        if number > 0.0 {
            return Ok(number);
        }
        let hint = "correct the row, or read the file without adjustment";
        Err(self.error(place, format!("Adj Close is {number}, and a price must be above 0; {hint}")))
    }

    /// The file has rows, and none of `ticker`.
    pub(super) fn no_ticker(&self, ticker: &Ticker, others: &std::collections::BTreeSet<String>) -> Error {
        let named: Vec<&str> = others.iter().take(5).map(String::as_str).collect();
        let more = if others.len() > named.len() { ", ..." } else { "" };
        Error::file(self.path, format!("no row of {ticker}; the file has {}{more}", named.join(", ")))
    }
}
