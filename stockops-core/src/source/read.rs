//! `read_bars`: bars from a file of any known kind, stage by stage.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::origin::{Bad, Origin};
use super::rows::{self, Row, Rows};
use super::table::Found;
use super::{Adjust, ReadOptions, Sourced, Understood, adjust, bytes, fold, text, zone};
use crate::error::{Error, Result};
use crate::market::{Action, Bar, Calendar, Cleaning, Finding, FindingKind, Refusal, Ticker, clean_rows};

/// Read the daily bars of `ticker` from `path`, as sources write them and people have them.
///
/// The kind is read off the first bytes: CSV with any separator, packed by gzip or zip, in UTF-8, UTF-16 or Latin-1; a spreadsheet
/// (feature `xlsx`); Parquet (feature `parquet`). The columns are found by the words of many sources, the volume may miss, and
/// `docs/bars.md` lists what is read. The whole file decides how dates and numbers are written; what it leaves open is an
/// error that names the [option](ReadOptions) to set. How it was understood stands in [`Sourced::understood`].
///
/// The stages, a file each in `source/`: `bytes` to text, `text` to table (`layout`), names to `columns` (`vocabulary`),
/// cells to `rows` (`dates`, `numbers`), times to days (`zone`, `fold`), prices by Adj Close (`adjust`). The rows then go through
/// [`clean_with`](crate::market::clean_with); what that does stands in [`Sourced::quality`].
///
/// # Errors
///
/// - [`Error::File`], with the line where one is to blame (in Parquet the row, in the text): no such file, a folder, what is
///   no table, a column that misses or stands there twice, dates or numbers that can be read in two ways, bars that are not daily,
///   several series, a calendar that cannot be right, and all rows that break a rule in one list.
/// - [`Error::Storage`] where the disk refuses.
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{ReadOptions, read_bars}};
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("goog.csv");
/// std::fs::write(&path, "Date;Open;High;Low;Close\n14.05.2024;10,00;11,00;9,00;10,50\n").unwrap();
/// let goog = read_bars(&path, &Ticker::new("GOOG")?, &ReadOptions::default())?;
/// assert_eq!(goog.bars.closes(), [10.5]);
/// assert_eq!(goog.understood.dates, "day, month, year");
/// assert_eq!(goog.understood.numbers, "decimal comma");
///
/// std::fs::write(&path, "date,open,high,low,close,volume\n2024-05-01,10,11,9,ten,1000\n").unwrap();
/// let error = read_bars(&path, &Ticker::new("GOOG")?, &ReadOptions::default()).unwrap_err();
/// assert!(error.to_string().contains("goog.csv, line 2: Close is `ten`, not a number"));
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
    file.take(options.most_bytes()).read_to_end(&mut bytes).map_err(Error::storage("read", path))?;
    text_bars(path, bytes, ticker, options)
}

/// [`read_bars`] for bytes that are in no file, such as the answer of a web service; anything but Parquet. `name` is what messages
/// call them.
///
/// # Errors
///
/// [`Error::File`] with `name` in the place of a path, as of [`read_bars`].
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{ReadOptions, text_bars}};
///
/// let answer = b"Date,Open,High,Low,Close\n2024-05-14,10,11,9,10.5\n".to_vec();
/// let goog = text_bars("the answer of the shop", answer, &Ticker::new("GOOG")?, &ReadOptions::default())?;
/// assert_eq!(goog.bars.closes(), [10.5]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn text_bars(name: impl AsRef<Path>, bytes: Vec<u8>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let path = name.as_ref();
    let origin = Origin { path, is_text: true };
    let text = bytes::text(origin, bytes, options.most_bytes())?;
    let found = text::table(origin, &text, ticker, options)?;
    drop(text);
    finish(origin, found, ticker, options)
}

/// [`read_bars`] for bytes of any known kind that are in no file, such as what somebody sent. `name` is what messages call them.
///
/// # Errors
///
/// [`Error::File`] with `name` in the place of a path, as of [`read_bars`].
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{ReadOptions, bytes_bars}};
///
/// let sent = b"Date,Open,High,Low,Close\n2024-05-14,10,11,9,10.5\n".to_vec();
/// let small = ReadOptions { max_bytes: Some(1 << 20), ..ReadOptions::default() };
/// let goog = bytes_bars("goog.csv", sent, &Ticker::new("GOOG")?, &small)?;
/// assert_eq!(goog.bars.closes(), [10.5]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn bytes_bars(name: impl AsRef<Path>, bytes: Vec<u8>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    match bytes.starts_with(b"PAR1") {
        true => parquet_of(name.as_ref(), bytes, ticker, options),
        false => text_bars(name, bytes, ticker, options),
    }
}

#[cfg(feature = "parquet")]
fn parquet_bars(path: &Path, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let origin = Origin { path, is_text: false };
    let found = super::parquet::table(origin, open(path)?, ticker, options)?;
    finish(origin, found, ticker, options)
}

#[cfg(feature = "parquet")]
fn parquet_of(path: &Path, bytes: Vec<u8>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let origin = Origin { path, is_text: false };
    let found = super::parquet::table(origin, ::bytes::Bytes::from(bytes), ticker, options)?;
    finish(origin, found, ticker, options)
}

#[cfg(not(feature = "parquet"))]
fn parquet_of(path: &Path, _: Vec<u8>, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    parquet_bars(path, ticker, options)
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

/// From a table to bars: its rows, their days, adjustment, cleaning.
pub(super) fn finish(origin: Origin<'_>, found: Found, ticker: &Ticker, options: &ReadOptions) -> Result<Sourced> {
    let Rows { mut rows, mut bad, not_rows, dates, numbers, unit, series } =
        rows::rows(origin, &found, ticker, options)?;
    let columns = found.columns.described(&found.table.names);
    let cut = found.cut.map(cut_short);
    let (source, is_close, has_adj_close) =
        (found.columns.source, found.columns.date_is_close, found.columns.adj_close.is_some());
    drop(found);
    if rows.is_empty() && bad.is_empty() {
        return Err(origin.file("there is a header but no row; it needs at least one"));
    }
    let calendar = options.calendar.unwrap_or_else(|| Calendar::of(ticker));
    let clock = zone::set_days(&mut rows, &calendar, is_close).map_err(|problem| origin.file(problem))?;
    let mut findings: Vec<Finding> = cut.into_iter().chain(moved(clock.moved)).collect();
    let read = rows.len() + bad.len();
    let mut frequency = "daily".to_owned();
    if let Some(minutes) = fold::minutes_apart(&clock.times) {
        if !options.fold {
            return Err(origin.file(fold::refusal(minutes)));
        }
        let (days, finding) =
            fold::fold(rows, &clock.times, minutes, &calendar).map_err(|problem| origin.file(problem))?;
        rows = days;
        findings.push(finding);
        frequency = format!("{}, folded to days", fold::spacing(minutes));
    }
    let adjustment = match options.adjust {
        Adjust::Auto => adjust::adjust(&mut rows, &mut bad, &mut findings),
        Adjust::None if has_adj_close => "none: the column of adjusted closes is not used".to_owned(),
        Adjust::None => "none".to_owned(),
    };
    findings.splice(0..0, notes(origin, &not_rows, &bad, options));
    if options.drop_bad_rows {
        bad.clear();
    }
    let understood = Understood {
        source: source.to_owned(),
        columns,
        dates: dates.to_owned(),
        numbers,
        zone: clock.zone,
        unit,
        series,
        adjustment,
        frequency,
        calendar: calendar.name().to_owned(),
    };
    let (bars, mut quality) = cleaned(origin, rows, bad, read, ticker, options)?;
    if bars.is_empty() {
        return Err(origin.file(format!("no row is left of {read}: {quality}")));
    }
    quality.rows_read = read;
    quality.findings.splice(0..0, findings);
    Ok(Sourced { bars, quality, understood })
}

/// Clean the rows; all that cannot be used are listed in one error.
pub(super) fn cleaned(
    origin: Origin<'_>,
    rows: Vec<Row>,
    mut bad: Vec<Bad>,
    read: usize,
    ticker: &Ticker,
    options: &ReadOptions,
) -> Result<(crate::market::Bars, crate::market::QualityReport)> {
    let known = Cleaning { calendar: options.calendar, today: options.today, drop_bad_rows: options.drop_bad_rows };
    let places: Vec<usize> = rows.iter().map(|row| row.place).collect();
    let bars: Vec<Bar> = rows.into_iter().map(|row| row.bar).collect();
    match clean_rows(ticker.clone(), bars, &known) {
        Ok(clean) if bad.is_empty() => Ok(clean),
        Ok(_) => Err(origin.bad_rows(bad, read)),
        Err(Refusal::Series(problem)) => Err(origin.file(problem)),
        Err(Refusal::Rows(refused)) => {
            bad.extend(
                refused
                    .into_iter()
                    .map(|row| Bad { place: places[row.place], problem: format!("{}: {}", row.date, row.problem) }),
            );
            Err(origin.bad_rows(bad, read))
        }
    }
}

/// Lines that are no rows, and rows that were dropped because their cells cannot be read or their prices not be scaled.
pub(super) fn notes(
    origin: Origin<'_>,
    not_rows: &[usize],
    bad: &[Bad],
    options: &ReadOptions,
) -> impl Iterator<Item = Finding> {
    let what = if origin.is_text { "line" } else { "row" };
    let finding = |kind, count: usize, text| Finding { kind, count, days: Vec::new(), action: Action::Dropped, text };
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let left_out = not_rows.first().map(|first| {
        let count = not_rows.len();
        let text = format!("{count} {what}{} without a day and prices (titles, notes, the header once more), left out; the first is {what} {first}", plural(count));
        finding(FindingKind::NotRows, count, text)
    });
    let dropped = bad.first().filter(|_| options.drop_bad_rows).map(|first| {
        let count = bad.len();
        let text = format!(
            "{count} row{} that could not be used, dropped; the first, {what} {}: {}",
            plural(count),
            first.place,
            first.problem
        );
        finding(FindingKind::BadRows, count, text)
    });
    left_out.into_iter().chain(dropped)
}

/// The file ends within a line, as one does whose download or copy was broken off, and its last number is odd.
fn cut_short(line: usize) -> Finding {
    let text = format!(
        "the file ends within line {line}, whose last number is shorter than all before: it may be cut, and then the file is to be fetched again"
    );
    Finding { kind: FindingKind::Cut, count: 1, days: Vec::new(), action: Action::Kept, text }
}

fn moved(count: usize) -> Option<Finding> {
    let text = format!("{count} times were midnights of the exchange written in UTC, and are put on its own day");
    let finding = Finding { kind: FindingKind::Zone, count, days: Vec::new(), action: Action::Repaired, text };
    (count > 0).then_some(finding)
}
