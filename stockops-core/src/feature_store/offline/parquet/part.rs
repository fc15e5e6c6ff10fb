//! `Part`: some bytes of a file, which the decoder takes for the whole.

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::{Buf, Bytes};

/// The bytes of a file from `start` on.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Place of the first byte.
    pub(super) start: u64,
    /// How long the whole file is.
    pub(super) size: u64,
    pub(super) bytes: Bytes,
}

impl Part {
    /// A file that is in memory.
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        Self { start: 0, size: bytes.len() as u64, bytes: bytes.into() }
    }

    /// The bytes from `place` of the file on.
    fn from(&self, place: u64) -> Result<Bytes, ParquetError> {
        let inside = place.checked_sub(self.start).and_then(|place| usize::try_from(place).ok());
        let inside = inside.filter(|inside| *inside <= self.bytes.len());
        inside.map(|inside| self.bytes.slice(inside..)).ok_or_else(beyond)
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Part {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length > bytes.len() { Err(beyond()) } else { Ok(bytes.slice(..length)) }
    }
}

fn beyond() -> ParquetError {
    ParquetError::EOF("it ends before what its metadata names".into())
}
