//! Cells to values: the rows of the series, each with its day and its numbers.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::columns::{PRICES, other_series};
use super::dates::Dates;
use super::names::{self, Match};
use super::numbers::{Cell, Style};
use super::origin::{Bad, Origin, shown};
use super::stamp::Stamp;
use super::table::{Cells, Column, Found, is_missing};
use super::understood::AS_QUOTED;
use super::{Adjust, ReadOptions, date_parts};
use crate::error::Result;
use crate::market::{Bar, Ticker};

/// A row and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Line of a text file or row of a table, from 1.
    pub(super) place: usize,
    pub(super) stamp: Stamp,
    /// Prices that are not there are NaN; the day is set when the clock is known.
    pub(super) bar: Bar,
    /// As it stands there, so it may be 0 or less; `None` where the cell is empty or there is no such column.
    pub(super) adj_close: Option<f64>,
}

/// The rows of a series, and how their cells were read.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) bad: Vec<Bad>,
    /// Places of lines that are no rows.
    pub(super) not_rows: Vec<usize>,
    /// How dates, numbers and units were understood.
    pub(super) dates: &'static str,
    pub(super) numbers: String,
    pub(super) unit: String,
    /// What the table calls the series.
    pub(super) series: String,
}

/// Read the rows of `ticker`; cells that cannot be read go to [`Rows::bad`].
pub(super) fn rows(origin: Origin<'_>, found: &Found, ticker: &Ticker, options: &ReadOptions) -> Result<Rows> {
    let taken = of_series(origin, found, ticker, options)?;
    let column = |place: usize| found.table.columns.get(place).and_then(Option::as_ref);
    let days = Days::new(found, options).map_err(|problem| origin.file(problem))?;
    let texts: Vec<&Cells> =
        found.columns.prices.iter().chain(&found.columns.volume).filter_map(|place| text(column(*place)?)).collect();
    let style = Style::of(&texts, options.decimal, found.separated_by_comma).map_err(|problem| origin.file(problem))?;
    let values = |place: Option<usize>, is_count: bool| Values { column: place.and_then(column), style, is_count };
    let prices = found.columns.prices.map(|place| values(Some(place), false));
    let volume = values(found.columns.volume, true);
    let adjusted = options.adjust == Adjust::Auto;
    let adj_close = values(found.columns.adj_close.filter(|_| adjusted), false);
    let mut read = Rows {
        rows: Vec::with_capacity(taken.as_ref().map_or(found.table.places.len(), Vec::len)),
        bad: found.bad.clone(),
        not_rows: found.not_rows.clone(),
        dates: days.form(),
        numbers: numbers_in_words(style, &texts),
        unit: unit(&texts, &volume),
        series: series(found, taken.as_deref()),
    };
    let mut take = |i: usize| {
        let place = found.table.places[i];
        match row(i, place, &days, &prices, &volume, &adj_close) {
            Ok(Some(row)) => read.rows.push(row),
            Ok(None) => read.not_rows.push(place),
            Err(problem) => read.bad.push(Bad { place, problem }),
        }
    };
    match taken {
        Some(places) => places.into_iter().for_each(&mut take),
        None => (0..found.table.places.len()).for_each(&mut take),
    }
    Ok(read)
}

fn text(column: &Column) -> Option<&Cells> {
    match column {
        Column::Text(cells) => Some(cells),
        _ => None,
    }
}

/// One row; `None` where it is no row at all but a note.
fn row(
    i: usize,
    place: usize,
    days: &Days<'_>,
    prices: &[Values<'_>; 4],
    volume: &Values<'_>,
    adj_close: &Values<'_>,
) -> Result<Option<Row>, String> {
    let cells = [0, 1, 2, 3].map(|k| prices[k].cell(i));
    let stamp = match days.stamp(i) {
        Ok(stamp) => stamp,
        Err(problem) if cells.iter().any(|cell| matches!(cell, Cell::Number(_))) => return Err(problem),
        Err(_) => return Ok(None),
    };
    let mut values = [f64::NAN; 4];
    for ((value, cell), (name, column)) in values.iter_mut().zip(cells).zip(PRICES.iter().zip(prices)) {
        match cell {
            Cell::Number(number) => *value = number,
            Cell::Missing => {}
            Cell::Bad => return Err(column.problem(name, i)),
        }
    }
    let has_prices = values.iter().any(|value| !value.is_nan() && *value != 0.0);
    let volume = match volume.cell(i) {
        Cell::Number(number) => number,
        Cell::Missing => f64::NAN,
        Cell::Bad => return Err(volume.problem("Volume", i)),
    };
    let adj_close = match adj_close.cell(i) {
        Cell::Number(number) => Some(number),
        Cell::Bad if has_prices => return Err(adj_close.problem("Adj Close", i)),
        _ => None,
    };
    let [open, high, low, close] = values;
    let bar = Bar { date: NaiveDate::MIN, open, high, low, close, volume };
    Ok(Some(Row { place, stamp, bar, adj_close }))
}

/// A column of numbers.
struct Values<'a> {
    column: Option<&'a Column>,
    style: Style,
    is_count: bool,
}

impl Values<'_> {
    fn cell(&self, i: usize) -> Cell {
        match self.column {
            Some(Column::Text(cells)) if self.is_count => self.style.count(cells.get(i)),
            Some(Column::Text(cells)) => self.style.price(cells.get(i)),
            Some(Column::Numbers(numbers)) if !numbers[i].is_nan() => Cell::Number(numbers[i]),
            Some(Column::Numbers(_)) | None => Cell::Missing,
            Some(_) => Cell::Bad,
        }
    }

    fn problem(&self, name: &str, i: usize) -> String {
        match self.column {
            Some(Column::Text(cells)) => format!("{name} is `{}`, not a number", shown(cells.get(i))),
            _ => format!("{name} is a date, not a number"),
        }
    }
}

/// The column of days, with times of day where they stand in another column.
struct Days<'a> {
    column: Option<&'a Column>,
    time: Option<&'a Cells>,
    dates: Dates,
}

impl<'a> Days<'a> {
    fn new(found: &'a Found, options: &ReadOptions) -> Result<Self, String> {
        let column = |place: usize| found.table.columns.get(place).and_then(Option::as_ref);
        let dates = match column(found.columns.date) {
            Some(Column::Text(cells)) => Dates::of(cells, options.dates, found.columns.dates)?,
            Some(Column::Numbers(numbers)) => Dates::of_numbers(numbers),
            _ => Dates::of_numbers(&[]),
        };
        let time = found.columns.time.and_then(|place| text(column(place)?));
        Ok(Self { column: column(found.columns.date), time, dates })
    }

    fn form(&self) -> &'static str {
        match self.column {
            Some(Column::Text(_) | Column::Numbers(_)) | None => self.dates.form,
            Some(Column::Days(_)) => "dates",
            Some(Column::Times(_)) => "times without a zone",
            Some(Column::Instants(_)) => "times with a zone",
        }
    }

    fn stamp(&self, i: usize) -> Result<Stamp, String> {
        let empty = || "the date is empty".to_owned();
        let midnight = |time: NaiveDateTime| {
            if time.time() == NaiveTime::MIN { Stamp::Day(time.date()) } else { Stamp::Local(time) }
        };
        let stamp = match self.column {
            Some(Column::Text(cells)) => self.written(cells.get(i), i),
            Some(Column::Numbers(numbers)) if numbers[i].is_nan() => Err(empty()),
            Some(Column::Numbers(numbers)) => {
                self.dates.counted(numbers[i]).ok_or_else(|| no_date(&numbers[i].to_string()))
            }
            Some(Column::Days(days)) => days[i].map(Stamp::Day).ok_or_else(empty),
            Some(Column::Times(times)) => times[i].map(midnight).ok_or_else(empty),
            Some(Column::Instants(times)) => times[i].map(Stamp::Instant).ok_or_else(empty),
            None => Err(empty()),
        }?;
        if date_parts::is_possible(stamp.date()) { Ok(stamp) } else { Err(no_date(&stamp.date().to_string())) }
    }

    fn written(&self, cell: &str, i: usize) -> Result<Stamp, String> {
        if is_missing(cell.trim()) {
            return Err("the date is empty".to_owned());
        }
        let stamp = self.dates.read(cell).ok_or_else(|| no_date(cell))?;
        match (stamp, self.time) {
            (Stamp::Day(day), Some(times)) => {
                let time = date_parts::time_of_day(times.get(i).trim(), None).unwrap_or_default();
                Ok(if time == NaiveTime::MIN { stamp } else { Stamp::Local(day.and_time(time)) })
            }
            (Stamp::Local(time), _) if time.time() == NaiveTime::MIN => Ok(Stamp::Day(time.date())),
            _ => Ok(stamp),
        }
    }
}

fn no_date(cell: &str) -> String {
    format!("the date is `{}`, which is no date in the form of the others; YYYY-MM-DD is sure", shown(cell))
}

/// The rows of `ticker` where a column tells series apart; `None` for all rows.
fn of_series(origin: Origin<'_>, found: &Found, ticker: &Ticker, options: &ReadOptions) -> Result<Option<Vec<usize>>> {
    let Some((place, is_sure)) = found.columns.ticker else { return Ok(None) };
    let Some(Some(Column::Text(labels))) = found.table.columns.get(place) else { return Ok(None) };
    let there: BTreeSet<&str> = distinct(labels);
    let best = there.iter().map(|label| names::matches(label, ticker)).max().unwrap_or(Match::No);
    if best == Match::No {
        // A column `name` with one word in it may be of anything.
        let is_only = there.len() == 1 && (options.any_series || !is_sure);
        return if is_only || there.is_empty() { Ok(None) } else { Err(origin.file(other_series(ticker, &there))) };
    }
    let own: BTreeSet<&str> = there.into_iter().filter(|label| names::matches(label, ticker) == best).collect();
    if own.len() > 1 && best < Match::Sure {
        let labels = own.into_iter().collect::<Vec<_>>().join(", ");
        return Err(origin.file(format!("more than one series may be {ticker}: {labels}; name it as the file does")));
    }
    Ok(Some((0..labels.len()).filter(|i| own.contains(labels.get(*i).trim())).collect()))
}

/// What the table calls the series of the rows at the places `taken`, or of all: in a column, or in the names of the columns; else empty.
fn series(found: &Found, taken: Option<&[usize]>) -> String {
    let first = taken.map_or(Some(0), |places| places.first().copied());
    let in_column = found.columns.ticker.and_then(|(place, _)| {
        let labels = text(found.table.columns.get(place)?.as_ref()?)?;
        first.filter(|first| *first < labels.len()).map(|first| labels.get(first).trim().to_owned())
    });
    let in_name = || found.table.names.get(found.columns.prices[3]).and_then(|name| name.ticker.clone());
    in_column.or_else(in_name).unwrap_or_default()
}

/// The labels of a column, a few of them asked for millions of times.
fn distinct(labels: &Cells) -> BTreeSet<&str> {
    let mut there = BTreeSet::new();
    let mut last = "";
    for label in labels.iter().map(str::trim) {
        if label != last && !label.is_empty() {
            there.insert(label);
            last = label;
        }
    }
    there
}

fn numbers_in_words(style: Style, texts: &[&Cells]) -> String {
    use super::Decimal;
    let contains = |mark: char| texts.iter().any(|cells| cells.joined().contains(mark));
    let (decimal, thousands) = match style.decimal {
        Decimal::Point => ("decimal point", if contains(',') { ", commas between thousands" } else { "" }),
        Decimal::Comma => ("decimal comma", if contains('.') { ", points between thousands" } else { "" }),
    };
    if texts.is_empty() { "numbers of the table".to_owned() } else { format!("{decimal}{thousands}") }
}

fn unit(texts: &[&Cells], volume: &Values<'_>) -> String {
    const SIGNS: [char; 8] = ['$', '€', '£', '¥', '₹', '₩', '₽', '₺'];
    let sign = texts.first().and_then(|cells| cells.joined().chars().take(20).find(|c| SIGNS.contains(c)));
    let prices = sign.map_or(AS_QUOTED.to_owned(), |sign| format!("prices in {sign}"));
    let volume = match volume.column {
        None => "volume unknown, for there is no such column",
        Some(Column::Text(cells)) if cells.joined().contains(['K', 'M', 'B', 'k', 'm']) => {
            "volume in shares or contracts, with K, M and B written out"
        }
        Some(_) => "volume in shares or contracts",
    };
    format!("{prices}; {volume}")
}
