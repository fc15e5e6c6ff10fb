//! Rows of a table of Arrow batches, whoever holds it: a Parquet file, or a frame of another library.

use std::collections::BTreeSet;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::timezone::Tz;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_cast::cast;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use chrono::{DateTime, NaiveDate, Utc};

use super::columns::{Columns, NUMBERS};
use super::read::{Origin, Row, finish};
use super::{ReadOptions, Sourced};
use crate::error::{Error, Result};
use crate::market::{Bar, Calendar, Ticker};

/// The daily bars of `ticker` in a table that is already in memory, such as a data frame; `name` stands in messages.
///
/// Columns, dates, adjustment and cleaning are those of [`read_bars`](super::read_bars).
///
/// # Errors
///
/// Those of [`read_bars`](super::read_bars), with the row that is to blame.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchIterator, StringArray};
/// use stockops_core::{Ticker, source::{ReadOptions, table_bars}};
///
/// let number = |value: f64| Arc::new(Float64Array::from(vec![value])) as ArrayRef;
/// let day = Arc::new(StringArray::from(vec!["2024-05-01"])) as ArrayRef;
/// let columns = [10.0, 11.0, 9.0, 10.5, 1000.0].map(number);
/// let names = ["open", "high", "low", "close", "volume"];
/// let batch = RecordBatch::try_from_iter(std::iter::once(("date", day)).chain(names.into_iter().zip(columns))).unwrap();
/// let table = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
/// let goog = table_bars("my frame", table, &Ticker::new("GOOG")?, &ReadOptions::default())?;
/// assert_eq!(goog.bars.closes(), [10.5]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn table_bars(
    name: &str,
    table: impl RecordBatchReader,
    ticker: &Ticker,
    options: &ReadOptions,
) -> Result<Sourced> {
    let origin = Origin { path: Path::new(name), is_text: false };
    let names: Vec<String> = table.schema().fields().iter().map(|field| field.name().clone()).collect();
    let columns = Columns::find(&names).map_err(|problem| Error::file(origin.path, problem))?;
    let all = (0..names.len()).collect();
    let broken = |error| Error::file(origin.path, format!("the table cannot be read: {error}"));
    let rows = rows(origin, columns, all, table.map(|batch| batch.map_err(broken)), ticker)?;
    finish(origin, rows, ticker, options)
}

/// The rows of `ticker` in `batches`, which hold the columns at the places `wanted` of the table, ascending.
pub(super) fn rows(
    origin: Origin<'_>,
    columns: Columns,
    wanted: Vec<usize>,
    batches: impl Iterator<Item = Result<RecordBatch>>,
    ticker: &Ticker,
) -> Result<Vec<Row>> {
    let mut table = Table { origin, columns, wanted, calendar: Calendar::of(ticker), ticker, read: 0 };
    let (mut rows, mut others) = (Vec::new(), BTreeSet::new());
    for batch in batches {
        table.take(&batch?, &mut rows, &mut others)?;
    }
    match (rows.is_empty(), others.is_empty()) {
        (false, _) => Ok(rows),
        (true, false) => Err(origin.no_ticker(ticker, &others)),
        (true, true) => Err(Error::file(origin.path, "the table has no row; it needs at least one")),
    }
}

/// A table while it is read.
struct Table<'a> {
    origin: Origin<'a>,
    columns: Columns,
    wanted: Vec<usize>,
    calendar: Calendar,
    ticker: &'a Ticker,
    /// Rows before this batch.
    read: usize,
}

impl Table<'_> {
    fn take(&mut self, batch: &RecordBatch, rows: &mut Vec<Row>, others: &mut BTreeSet<String>) -> Result<()> {
        let tickers = match self.columns.ticker {
            Some(place) => Some(self.cast(self.column(batch, place), &DataType::Utf8, "ticker")?),
            None => None,
        };
        let days = self.days(self.column(batch, self.columns.date))?;
        let mut numbers = Vec::with_capacity(NUMBERS.len());
        for (place, name) in self.columns.numbers.into_iter().zip(NUMBERS) {
            numbers.push(Numbers::new(self, batch, place, name)?);
        }
        let adj_close = match self.columns.adj_close {
            Some(place) => Some(Numbers::new(self, batch, place, "Adj Close")?),
            None => None,
        };
        for (i, day) in days.into_iter().enumerate() {
            if let Some(tickers) = &tickers {
                let tickers = tickers.as_string::<i32>();
                let other = if tickers.is_null(i) { "" } else { tickers.value(i).trim() };
                if !other.eq_ignore_ascii_case(self.ticker.as_str()) {
                    others.insert(other.to_owned());
                    continue;
                }
            }
            let place = self.read + i + 1;
            let date = day.map_err(|problem| self.origin.error(place, problem))?;
            let value = |column: usize| numbers[column].value(self.origin, place, i);
            let bar =
                Bar { date, open: value(0)?, high: value(1)?, low: value(2)?, close: value(3)?, volume: value(4)? };
            let adj_close = match &adj_close {
                Some(column) => Some(self.origin.adj_close(place, column.value(self.origin, place, i)?)?),
                None => None,
            };
            rows.push(Row { place, bar, adj_close });
        }
        self.read += batch.num_rows();
        Ok(())
    }

    /// The column at `place` of the whole table.
    fn column<'b>(&self, batch: &'b RecordBatch, place: usize) -> &'b ArrayRef {
        batch.column(self.wanted.partition_point(|wanted| *wanted < place))
    }

    fn cast(&self, array: &ArrayRef, to: &DataType, name: &str) -> Result<ArrayRef> {
        cast(array, to).map_err(|_| {
            let from = array.data_type();
            Error::file(self.origin.path, format!("column {name} has the type {from}, which cannot be read as {to}"))
        })
    }

    /// The day of each row, or what is wrong with it.
    fn days(&self, array: &ArrayRef) -> Result<Vec<Result<NaiveDate, String>>> {
        let days: Vec<Option<NaiveDate>> = match array.data_type() {
            DataType::Date32 | DataType::Date64 => {
                let array = self.cast(array, &DataType::Date32, "Date")?;
                array.as_primitive::<Date32Type>().iter().map(|day| NaiveDate::from_epoch_days(day?)).collect()
            }
            DataType::Timestamp(unit, zone) => {
                let (unit, zone) = (*unit, zone.clone());
                let zone = zone.map(|zone| zone.parse::<Tz>());
                let array = self.cast(array, &DataType::Int64, "Date")?;
                array.as_primitive::<Int64Type>().iter().map(|time| self.day(unit, time?, zone.as_ref())).collect()
            }
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                let array = self.cast(array, &DataType::Utf8, "Date")?;
                array.as_string::<i32>().iter().map(|text| self.columns.day(text?, &self.calendar)).collect()
            }
            other => {
                let wanted = "a date, a timestamp or text as YYYY-MM-DD";
                let problem = format!("the date column has the type {other}, and must be {wanted}");
                return Err(Error::file(self.origin.path, problem));
            }
        };
        Ok(days.into_iter().enumerate().map(|(i, day)| day.ok_or_else(|| no_date(array, i))).collect())
    }

    /// Without a zone the day as written; the instants of an unknown zone and of `event_timestamp` are read as UTC.
    fn day(&self, unit: TimeUnit, time: i64, zone: Option<&Result<Tz, ArrowError>>) -> Option<NaiveDate> {
        let instant: DateTime<Utc> = match unit {
            TimeUnit::Second => DateTime::from_timestamp(time, 0)?,
            TimeUnit::Millisecond => DateTime::from_timestamp_millis(time)?,
            TimeUnit::Microsecond => DateTime::from_timestamp_micros(time)?,
            TimeUnit::Nanosecond => DateTime::from_timestamp_nanos(time),
        };
        Some(match zone {
            Some(Ok(zone)) if !self.columns.date_is_close => self.calendar.day_of(instant.with_timezone(zone)),
            None if !self.columns.date_is_close => instant.date_naive(),
            _ => self.calendar.day_of(instant),
        })
    }
}

fn no_date(array: &ArrayRef, i: usize) -> String {
    if array.is_null(i) {
        return "the date is empty; correct or remove this row".to_owned();
    }
    let value: String = array_value_to_string(array, i).unwrap_or_default().chars().take(40).collect();
    format!("the date is `{value}`, and must be YYYY-MM-DD, with or without a time")
}

/// A column of numbers beside its original, which its errors show.
struct Numbers<'b> {
    name: &'static str,
    original: &'b ArrayRef,
    numbers: ArrayRef,
}

impl<'b> Numbers<'b> {
    fn new(table: &Table<'_>, batch: &'b RecordBatch, place: usize, name: &'static str) -> Result<Self> {
        let original = table.column(batch, place);
        Ok(Self { name, original, numbers: table.cast(original, &DataType::Float64, name)? })
    }

    fn value(&self, origin: Origin<'_>, place: usize, i: usize) -> Result<f64> {
        let Self { name, original, numbers } = self;
        if numbers.is_null(i) {
            let text: String = array_value_to_string(original, i).unwrap_or_default().chars().take(40).collect();
            let empty = text.trim().is_empty();
            let what = if empty { "empty; correct or remove this row" } else { &format!("`{text}`, not a number") };
            return Err(origin.error(place, format!("{name} is {what}")));
        }
        origin.finite(place, name, numbers.as_primitive::<Float64Type>().value(i))
    }
}
