//! Values as JSON, with errors that name the place.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// `value` as one line without its end; [`Error::File`] where it has no JSON.
pub(crate) fn write<T: Serialize>(place: &Path, value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::file(place, format!("it could not be written: {error}")))
}

/// Read what [`write`] wrote; [`Error::File`] names the place and the line.
pub(crate) fn read<T: DeserializeOwned>(place: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| broken(place, error.line().max(1), &error))
}

/// Read one value a line; empty lines are left out.
pub(crate) fn read_lines<T: DeserializeOwned>(place: &Path, bytes: &[u8]) -> Result<Vec<T>> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    lines.map(|(i, line)| serde_json::from_slice(line).map_err(|error| broken(place, i + 1, &error))).collect()
}

fn broken(place: &Path, line: usize, error: &serde_json::Error) -> Error {
    let problem = format!("it was not written by stockops ({error}); restore it from a copy, or move it away");
    Error::File { path: place.into(), line: Some(line), problem }
}
