//! A file to rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};

use super::part::Part;
use super::seal::{Seal, bytes_of};
use super::{CREATED, ENTITY, EVENT, SCHEMA, SCHEMA_KEY};
use crate::error::{Error, Result};
use crate::feature_store::offline::history::{History, Rows};
use crate::market::Ticker;
use crate::storage::{Key, Storage, json};

/// Bytes at the end of an object that are read first: more than its metadata has, as a rule.
const TAIL: u64 = 65_536;
/// Rows that are decoded at a time.
const BATCH: usize = 65_536;

/// The rows of `wanted` in a file, or all where nothing is said, each ticker's in the order of the file; `place` stands in
/// messages.
pub(crate) fn read(place: &Path, names: &[String], bytes: Vec<u8>, wanted: Option<&BTreeSet<Ticker>>) -> Result<Rows> {
    let whole = Part::whole(bytes);
    let metadata = guarded(place, || ArrowReaderMetadata::load(&whole, ArrowReaderOptions::new()))?;
    check_schema(place, metadata.metadata())?;
    guarded(place, || {
        let groups = (0..metadata.metadata().num_row_groups()).collect();
        let seal = Seal::read(metadata.metadata(), &whole.bytes)?;
        decoded(whole, metadata, seal.as_ref(), groups, names, wanted)
    })
}

/// [`read`] of an object of which only the row groups with `wanted` are read; `None` where it is gone. It must be one that is
/// never replaced.
pub(crate) fn read_object(
    storage: &dyn Storage,
    key: &Key,
    names: &[String],
    wanted: &BTreeSet<Ticker>,
) -> Result<Option<Rows>> {
    let place = storage.place(key);
    let Some(size) = storage.size(key)? else { return Ok(None) };
    let part = |places: Range<u64>| -> Result<Option<Part>> {
        let start = places.start;
        Ok(storage.part(key, places)?.map(|bytes| Part { start, size, bytes: bytes.into() }))
    };
    let Some(mut tail) = part(size.saturating_sub(TAIL)..size)? else { return Ok(None) };
    if let Err(ParquetError::NeedMoreData(more)) = ParquetMetaDataReader::new().try_parse_sized(&tail.bytes, size) {
        let Some(longer) = part(size.saturating_sub(more as u64)..size)? else { return Ok(None) };
        tail = longer;
    }
    let metadata = guarded(&place, || {
        let mut reader = ParquetMetaDataReader::new();
        reader.try_parse_sized(&tail.bytes, size)?;
        ArrowReaderMetadata::try_new(Arc::new(reader.finish()?), ArrowReaderOptions::new())
    })?;
    check_schema(&place, metadata.metadata())?;
    let seal = guarded(&place, || Seal::read(metadata.metadata(), &tail.bytes))?;
    let groups = groups_with(wanted, metadata.metadata().row_groups());
    let chosen = groups.iter().map(|i| &metadata.metadata().row_groups()[*i]);
    let Some(places) = bytes_of(chosen) else { return Ok(Some(Rows::new())) };
    let Some(part) = part(places)? else { return Ok(None) };
    guarded(&place, || decoded(part, metadata, seal.as_ref(), groups, names, Some(wanted))).map(Some)
}

/// What `decode` says; damage is an error of the file, also where the decoder should panic on it.
fn guarded<T>(place: &Path, decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T> {
    let broken = |error: &dyn std::fmt::Display| {
        let remedy = "restore it from a copy, or move it away: features are made anew of the bars that are kept when a view is \
                      applied, and bars when all of their history is ingested again";
        Error::file(place, format!("it is not as stockops wrote it ({error}); {remedy}"))
    };
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => decoded.map_err(|error| broken(&error)),
        Err(_) => Err(broken(&"it is damaged")),
    }
}

/// [`Error::File`] where a newer stockops wrote the file.
fn check_schema(place: &Path, metadata: &ParquetMetaData) -> Result<()> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let value = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == SCHEMA_KEY)?.value.as_ref());
    json::check_known(place, value.and_then(|word| word.parse().ok()).unwrap_or(1), SCHEMA)
}

/// Places of the groups in which one of `wanted` may be.
fn groups_with(wanted: &BTreeSet<Ticker>, groups: &[RowGroupMetaData]) -> Vec<usize> {
    let may_hold = |group: &RowGroupMetaData| {
        let statistics = group.columns().first().and_then(|column| column.statistics());
        let ends = statistics.and_then(|found| Some((found.min_bytes_opt()?, found.max_bytes_opt()?)));
        ends.is_none_or(|(min, max)| wanted.iter().any(|ticker| (min..=max).contains(&ticker.as_str().as_bytes())))
    };
    (0..groups.len()).filter(|i| may_hold(&groups[*i])).collect()
}

fn decoded(
    part: Part,
    metadata: ArrowReaderMetadata,
    seal: Option<&Seal>,
    groups: Vec<usize>,
    names: &[String],
    wanted: Option<&BTreeSet<Ticker>>,
) -> Result<Rows, ParquetError> {
    seal.map_or(Ok(()), |seal| seal.check(metadata.metadata().row_groups(), &groups, &part))?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(part, metadata).with_row_groups(groups);
    let mut rows = Rows::new();
    for batch in reader.with_batch_size(BATCH).build()? {
        take(&batch?, names, wanted, &mut rows)?;
    }
    Ok(rows)
}

/// Add the rows of `batch`, ticker by ticker.
fn take(
    batch: &RecordBatch,
    names: &[String],
    wanted: Option<&BTreeSet<Ticker>>,
    rows: &mut Rows,
) -> Result<(), ParquetError> {
    let column = |name: &str| {
        batch.column_by_name(name).ok_or_else(|| ParquetError::General(format!("it has no column {name}")))
    };
    let another = |name: &str| ParquetError::General(format!("its column {name} has another type"));
    let time = |name| column(name)?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| another(name));
    let number = |name: &String| column(name)?.as_primitive_opt::<Float64Type>().ok_or_else(|| another(name));
    let entities = column(ENTITY)?.as_string_opt::<i32>().ok_or_else(|| another(ENTITY))?;
    let (events, created) = (time(EVENT)?, time(CREATED)?);
    let numbers = names.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    let mut begin = 0;
    while begin < entities.len() {
        let word = entities.value(begin);
        let end = (begin + 1..entities.len()).find(|i| entities.value(*i) != word).unwrap_or(entities.len());
        let ticker = Ticker::new(word).map_err(|error| ParquetError::General(error.to_string()))?;
        if wanted.is_none_or(|wanted| wanted.contains(&ticker)) {
            let history = rows.entry(ticker).or_insert_with(|| History::of_width(names.len()));
            history.events.extend(&events.values()[begin..end]);
            history.created.extend(&created.values()[begin..end]);
            for (column, numbers) in history.columns.iter_mut().zip(&numbers) {
                let value = |i: usize| if numbers.is_null(i) { f64::NAN } else { numbers.value(i) };
                column.extend((begin..end).map(value));
            }
        }
        begin = end;
    }
    Ok(())
}
