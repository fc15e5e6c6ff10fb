//! Parquet to table.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::ReadOptions;
use super::arrow;
use super::columns::Columns;
use super::origin::Origin;
use super::table::Found;
use crate::error::{Error, Result};
use crate::market::Ticker;

/// The table in `file`, with the columns that bars need.
pub(super) fn table(origin: Origin<'_>, file: File, ticker: &Ticker, options: &ReadOptions) -> Result<Found> {
    // The decoder reports damage as errors; should it ever panic on one, that is an error of the file as well.
    let read = catch_unwind(AssertUnwindSafe(|| read(origin, file, ticker, options)));
    read.unwrap_or_else(|_| Err(damaged(origin)))
}

fn damaged(origin: Origin<'_>) -> Error {
    origin.file("the Parquet file is damaged or cut short; write, copy or download it again")
}

fn read(origin: Origin<'_>, file: File, ticker: &Ticker, options: &ReadOptions) -> Result<Found> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| damaged(origin))?;
    let names = arrow::names(builder.schema().fields().iter().map(|field| field.name().as_str()));
    let columns = Columns::find(&names, ticker, options.any_series).map_err(|problem| origin.file(problem))?;
    let wanted = columns.wanted();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(|_| damaged(origin))?;
    let batches = reader.map(|batch| batch.map_err(|_| damaged(origin))).collect::<Result<Vec<_>>>()?;
    arrow::found(origin, names, columns, &wanted, &batches)
}
