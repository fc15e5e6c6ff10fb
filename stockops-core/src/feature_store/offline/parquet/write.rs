//! Rows to a file.

use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::schema::types::ColumnPath;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::seal::Seal;
use super::{CREATED, ENTITY, EVENT, SCHEMA, SCHEMA_KEY};
use crate::error::{Error, Result};
use crate::feature_store::offline::history::{History, Micros, Rows};
use crate::market::Ticker;

/// Rows from which on a row group ends with its ticker.
const GROUP: usize = 32_768;

/// `rows` with the fields `names` as a file: tickers in order, a few in each row group, and the checksums of all.
pub(crate) fn write(place: &Path, names: &[String], rows: &Rows) -> Result<Vec<u8>> {
    encode(names, rows).map_err(|error| Error::file(place, format!("it could not be written: {error}")))
}

fn encode(names: &[String], rows: &Rows) -> Result<Vec<u8>, ParquetError> {
    let schema = schema(names);
    let options = ArrowWriterOptions::new().with_properties(properties()?).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&schema), options)?;
    for (ticker, history) in rows.iter().filter(|(_, history)| !history.is_empty()) {
        writer.write(&batch(&schema, ticker, history)?)?;
        if writer.in_progress_rows() >= GROUP {
            writer.flush()?;
        }
    }
    writer.flush()?;
    writer.sync()?;
    let seal = Seal::of(writer.flushed_row_groups(), writer.inner())?;
    writer.append_key_value_metadata(KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA.to_string()));
    writer.append_key_value_metadata(seal);
    Seal::close(writer.into_inner()?)
}

fn schema(names: &[String]) -> Arc<Schema> {
    let time = |name| Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false);
    let entity = Field::new(ENTITY, DataType::Utf8, false);
    let features = names.iter().map(|name| Field::new(name, DataType::Float64, true));
    Arc::new(Schema::new([entity, time(EVENT), time(CREATED)].into_iter().chain(features).collect::<Vec<_>>()))
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let column = |name: &str| ColumnPath::from(name);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(column(ENTITY), EnabledStatistics::Chunk)
        .set_column_statistics_enabled(column(EVENT), EnabledStatistics::Chunk)
        // Prices do not repeat; names and times of writing do.
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled(column(ENTITY), true)
        .set_column_dictionary_enabled(column(CREATED), true)
        .set_column_encoding(column(EVENT), Encoding::DELTA_BINARY_PACKED);
    Ok(properties.build())
}

fn batch(schema: &Arc<Schema>, ticker: &Ticker, history: &History) -> Result<RecordBatch, ParquetError> {
    let time = |values: &[Micros]| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(values.to_vec()).with_timezone("UTC"))
    };
    let number = |values: &Vec<f64>| -> ArrayRef {
        Arc::new(values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect::<Float64Array>())
    };
    let entity: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(ticker.as_str(), history.len())));
    let first = [entity, time(&history.events), time(&history.created)];
    let columns = first.into_iter().chain(history.columns.iter().map(number)).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
