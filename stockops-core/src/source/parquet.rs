//! Rows of a Parquet table.

use std::collections::BTreeSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::columns::Columns;
use super::read::{Origin, Row};
use super::table;
use crate::error::{Error, Result};
use crate::market::Ticker;

/// The rows of `ticker` in `file`, in the order of the file.
pub(super) fn rows(origin: Origin<'_>, file: File, ticker: &Ticker) -> Result<Vec<Row>> {
    // The decoder reports damage as errors; should it ever panic on one, that is an error of the file as well.
    let read = catch_unwind(AssertUnwindSafe(|| read(origin, file, ticker)));
    read.unwrap_or_else(|_| Err(damaged(origin)))
}

fn damaged(origin: Origin<'_>) -> Error {
    Error::file(origin.path, "the Parquet file is damaged or cut short; write, copy or download it again")
}

fn read(origin: Origin<'_>, file: File, ticker: &Ticker) -> Result<Vec<Row>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| damaged(origin))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let columns = Columns::find(&names).map_err(|problem| Error::file(origin.path, problem))?;
    let wanted = wanted(&columns);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(|_| damaged(origin))?;
    let batches = reader.map(|batch| batch.map_err(|_| damaged(origin)));
    table::rows(origin, columns, wanted, batches, ticker)
}

/// Places of the columns that are read, ascending, as a projection keeps them.
fn wanted(columns: &Columns) -> Vec<usize> {
    let all = columns.numbers.into_iter().chain([columns.date]).chain(columns.adj_close).chain(columns.ticker);
    all.collect::<BTreeSet<usize>>().into_iter().collect()
}
