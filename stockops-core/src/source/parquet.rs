//! Parquet to table.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::file::reader::ChunkReader;

use super::ReadOptions;
use super::arrow;
use super::columns::Columns;
use super::origin::Origin;
use super::table::Found;
use crate::error::{Error, Result};
use crate::market::Ticker;

/// The table in `file`, which is a file or bytes, with the columns that bars need.
pub(super) fn table(
    origin: Origin<'_>,
    file: impl ChunkReader + 'static,
    ticker: &Ticker,
    options: &ReadOptions,
) -> Result<Found> {
    // The decoder reports damage as errors; should it ever panic on one, that is an error of the file as well.
    let read = catch_unwind(AssertUnwindSafe(|| read(origin, file, ticker, options)));
    read.unwrap_or_else(|_| Err(damaged(origin)))
}

fn damaged(origin: Origin<'_>) -> Error {
    origin.file("the Parquet file is damaged or cut short; write, copy or download it again")
}

fn read(origin: Origin<'_>, file: impl ChunkReader + 'static, ticker: &Ticker, options: &ReadOptions) -> Result<Found> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| damaged(origin))?;
    let names = arrow::names(builder.schema().fields().iter().map(|field| field.name().as_str()));
    let columns = Columns::find(&names, ticker, options.any_series).map_err(|problem| origin.file(problem))?;
    let wanted = columns.wanted();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(|_| damaged(origin))?;
    let (mut batches, mut bytes) = (Vec::new(), 0);
    for batch in reader {
        let batch = batch.map_err(|_| damaged(origin))?;
        bytes += batch.get_array_memory_size() as u64;
        if bytes > options.most_bytes() {
            return Err(origin.too_long(options.most_bytes()));
        }
        batches.push(batch);
    }
    arrow::found(origin, names, columns, &wanted, &batches)
}
