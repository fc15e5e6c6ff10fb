//! `Seal`: checksums of what is read of a file, in its own metadata, so that one altered bit is noticed and not served.
//!
//! The value under [`KEY`] is `sha256=` with the checksum of the footer, then that of each row group, with blanks between. The
//! footer names the row groups and holds their checksums, so a part of the file can be checked without reading the rest. Others
//! read the file as if it were not there.

use std::ops::Range;

use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{KeyValue, ParquetMetaData, RowGroupMetaData};
use ::parquet::file::reader::ChunkReader;

use super::part::Part;
use crate::files::checksum::{BLANK, holds, sealed};
use crate::files::sha256_hex;

/// Its name in the metadata.
const KEY: &str = "stockops";
/// What comes before the checksum of the footer.
const MARK: &str = "sha256=";
/// Length and magic word behind the metadata.
const END: usize = 8;

/// The checksums of a file that was read.
pub(super) struct Seal {
    groups: Vec<String>,
}

impl Seal {
    /// What goes into the metadata of a file with these `groups`, of which `written` are the bytes so far.
    pub(super) fn of(groups: &[RowGroupMetaData], written: &[u8]) -> Result<KeyValue, ParquetError> {
        let checksum = |group: &RowGroupMetaData| {
            let Range { start, end } = place_of(group)?;
            written.get(start as usize..end as usize).map(sha256_hex).ok_or_else(altered)
        };
        let checksums = groups.iter().map(checksum).collect::<Result<Vec<_>, _>>()?;
        let words: Vec<String> = std::iter::once(format!("{MARK}{BLANK}")).chain(checksums).collect();
        Ok(KeyValue::new(KEY.to_owned(), words.join(" ")))
    }

    /// `file` with the checksum of its footer, which is still blank.
    pub(super) fn close(mut file: Vec<u8>) -> Result<Vec<u8>, ParquetError> {
        let none = || ParquetError::General("its metadata have no place for a checksum".into());
        let footer = footer_of(&file).ok_or_else(none)?.to_vec();
        file.truncate(file.len() - footer.len());
        file.extend(sealed(MARK, footer).ok_or_else(none)?);
        Ok(file)
    }

    /// The checksums in `metadata`, which were read of a file that ends with `tail`; `None` in files of before, which have none.
    pub(super) fn read(metadata: &ParquetMetaData, tail: &[u8]) -> Result<Option<Self>, ParquetError> {
        let pairs = metadata.file_metadata().key_value_metadata();
        let Some(pair) = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == KEY)) else { return Ok(None) };
        let mut words = pair.value.iter().flat_map(|value| value.split(' '));
        let own = words.next().and_then(|word| word.strip_prefix(MARK)).unwrap_or_default();
        let is_whole = footer_of(tail).is_some_and(|footer| holds(MARK, own, footer));
        if is_whole { Ok(Some(Self { groups: words.map(String::from).collect() })) } else { Err(altered()) }
    }

    /// Check the rows of the groups at `places`, whose bytes `part` has.
    pub(super) fn check(&self, groups: &[RowGroupMetaData], places: &[usize], part: &Part) -> Result<(), ParquetError> {
        places.iter().try_for_each(|place| {
            let Range { start, end } = place_of(&groups[*place])?;
            let bytes = part.get_bytes(start, (end - start) as usize)?;
            if self.groups.get(*place) == Some(&sha256_hex(&bytes)) { Ok(()) } else { Err(altered()) }
        })
    }
}

/// From the first byte of the columns of `groups` to the last; `None` where there is no column.
pub(super) fn bytes_of<'a>(groups: impl Iterator<Item = &'a RowGroupMetaData> + Clone) -> Option<Range<u64>> {
    let columns = groups.flat_map(RowGroupMetaData::columns).map(|column| column.byte_range());
    let start = columns.clone().map(|(start, _)| start).min()?;
    columns.map(|(start, length)| start.saturating_add(length)).max().map(|end| start..end)
}

fn place_of(group: &RowGroupMetaData) -> Result<Range<u64>, ParquetError> {
    bytes_of(std::iter::once(group)).ok_or_else(altered)
}

/// Metadata, their length and the magic word at the end of a file.
fn footer_of(tail: &[u8]) -> Option<&[u8]> {
    let length = tail.get(tail.len().checked_sub(END)?..)?.first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    tail.get(tail.len().checked_sub(length.checked_add(END)?)?..)
}

fn altered() -> ParquetError {
    ParquetError::General("it was altered after it was written: its checksum differs".into())
}
