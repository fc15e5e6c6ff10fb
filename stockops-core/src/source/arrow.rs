//! Arrow batches to table, whoever holds them: a Parquet file, or a frame of another library.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::timezone::Tz;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use super::columns::Columns;
use super::names::Name;
use super::origin::Origin;
use super::read::finish;
use super::table::{Cells, Column, Found, Table};
use super::{ReadOptions, Sourced};
use crate::error::Result;
use crate::market::Ticker;

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
    let schema = table.schema();
    let names = names(schema.fields().iter().map(|field| field.name().as_str()));
    let columns = Columns::find(&names, ticker, options.any_series).map_err(|problem| origin.file(problem))?;
    let all: Vec<usize> = (0..names.len()).collect();
    let broken = |error| origin.file(format!("the table cannot be read: {error}"));
    let batches = table.map(|batch| batch.map_err(broken)).collect::<Result<Vec<_>>>()?;
    finish(origin, found(origin, names, columns, &all, &batches)?, ticker, options)
}

/// The names of the columns of a schema.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Name> {
    names.map(Name::new).collect()
}

/// The columns of `batches`, which hold those at the places `kept` of the table, ascending.
pub(super) fn found(
    origin: Origin<'_>,
    names: Vec<Name>,
    columns: Columns,
    kept: &[usize],
    batches: &[RecordBatch],
) -> Result<Found> {
    let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if count == 0 {
        return Err(origin.file("the table has no row; it needs at least one"));
    }
    let mut read: Vec<Option<Column>> = names.iter().map(|_| None).collect();
    for place in columns.wanted() {
        let at = kept.partition_point(|kept| *kept < place);
        let arrays: Vec<&ArrayRef> = batches.iter().map(|batch| batch.column(at)).collect();
        let is_date = place == columns.date;
        read[place] = Some(column(origin, &names[place].text, &arrays, is_date)?);
    }
    let table = Table { names, columns: read, places: (1..=count).collect() };
    Ok(Found { table, columns, separated_by_comma: true, ..Found::default() })
}

fn column(origin: Origin<'_>, name: &str, arrays: &[&ArrayRef], is_date: bool) -> Result<Column> {
    let Some(first) = arrays.first() else { return Ok(Column::Numbers(Vec::new())) };
    let to = |wanted: DataType| cast_all(origin, name, arrays, &wanted);
    Ok(match first.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            texts(&to(DataType::Utf8)?)
        }
        DataType::Date32 | DataType::Date64 => Column::Days(days(&to(DataType::Date32)?)),
        DataType::Timestamp(unit, zone) => times(&to(DataType::Int64)?, *unit, zone.as_deref()),
        other if is_date && !(other.is_numeric() || *other == DataType::Null) => {
            let wanted = "a date, a timestamp, a number or text";
            return Err(origin.file(format!("the date column has the type {other}, and must be {wanted}")));
        }
        _ => Column::Numbers(numbers(&to(DataType::Float64)?)),
    })
}

fn cast_all(origin: Origin<'_>, name: &str, arrays: &[&ArrayRef], to: &DataType) -> Result<Vec<ArrayRef>> {
    let failed = |array: &ArrayRef| {
        let from = array.data_type();
        origin.file(format!("column {name} has the type {from}, which cannot be read as {to}"))
    };
    arrays.iter().map(|array| cast(array, to).map_err(|_| failed(array))).collect()
}

fn texts(arrays: &[ArrayRef]) -> Column {
    let mut cells = Cells::default();
    for array in arrays {
        array.as_string::<i32>().iter().for_each(|text| cells.push(text.unwrap_or_default()));
    }
    Column::Text(cells)
}

fn numbers(arrays: &[ArrayRef]) -> Vec<f64> {
    let values = arrays.iter().flat_map(|array| array.as_primitive::<Float64Type>().iter());
    values.map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn days(arrays: &[ArrayRef]) -> Vec<Option<NaiveDate>> {
    let values = arrays.iter().flat_map(|array| array.as_primitive::<Date32Type>().iter());
    values.map(|day| NaiveDate::from_epoch_days(day?)).collect()
}

fn times(arrays: &[ArrayRef], unit: TimeUnit, zone: Option<&str>) -> Column {
    let values = arrays.iter().flat_map(|array| array.as_primitive::<Int64Type>().iter());
    let instants = values.map(|time| instant(unit, time?));
    let Some(zone) = zone else { return Column::Times(instants.map(|instant| Some(instant?.naive_utc())).collect()) };
    // The instants of a zone that nobody knows are read as UTC.
    let zone = zone.parse::<Tz>().ok();
    let local = |instant: DateTime<Utc>| -> DateTime<FixedOffset> {
        zone.as_ref().map_or_else(|| instant.fixed_offset(), |zone| instant.with_timezone(zone).fixed_offset())
    };
    Column::Instants(instants.map(|instant| Some(local(instant?))).collect())
}

fn instant(unit: TimeUnit, time: i64) -> Option<DateTime<Utc>> {
    match unit {
        TimeUnit::Second => DateTime::from_timestamp(time, 0),
        TimeUnit::Millisecond => DateTime::from_timestamp_millis(time),
        TimeUnit::Microsecond => DateTime::from_timestamp_micros(time),
        TimeUnit::Nanosecond => Some(DateTime::from_timestamp_nanos(time)),
    }
}
