//! Values as JSON, each with the version of its layout, and errors that name the place.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// The layout of the JSON documents of a home.
///
/// It is the first field of each document, `"schema"`; a document without one was written before there was that field, in the
/// first layout. The number rises where an older program would misread what is written, and not where a field is added.
pub const SCHEMA: u32 = 1;

/// What a document begins with that says its layout.
const MARK: &[u8] = br#"{"schema":"#;

/// `value` as one line without its end, with [`SCHEMA`] as its first field where it has fields.
///
/// # Errors
///
/// [`Error::File`] with `place` where it has no JSON.
pub fn write<T: Serialize>(place: &Path, value: &T) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(value);
    json.map(marked).map_err(|error| Error::file(place, format!("it could not be written: {error}")))
}

/// The line of an entry under its `name`, with its end.
pub(super) fn write_entry<T: Serialize>(place: &Path, name: &str, value: &T) -> Result<Vec<u8>> {
    // A name has no letter that JSON would write otherwise.
    Ok([format!("[\"{name}\",").as_bytes(), &write(place, value)?, b"]\n"].concat())
}

/// Read what [`write()`] wrote, or a stockops that did not say the layout yet.
///
/// # Errors
///
/// [`Error::File`] names the place and the line, and says so where a newer stockops wrote it.
pub fn read<T: DeserializeOwned>(place: &Path, bytes: &[u8]) -> Result<T> {
    check_schema(place, bytes)?;
    serde_json::from_slice(bytes).map_err(|error| broken(place, error.line().max(1), &error))
}

/// Read one value a line; empty lines are left out.
pub(crate) fn read_lines<T: DeserializeOwned>(place: &Path, bytes: &[u8]) -> Result<Vec<T>> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let read = |(i, line): (usize, &[u8])| {
        check_schema(place, line)?;
        serde_json::from_slice(line).map_err(|error| broken(place, i + 1, &error))
    };
    lines.map(read).collect()
}

/// [`Error::File`] where `found` is a newer layout than `known`, in words that fit every kind of file.
pub(crate) fn check_known(place: &Path, found: u32, known: u32) -> Result<()> {
    if found <= known {
        return Ok(());
    }
    let version = env!("CARGO_PKG_VERSION");
    let problem = format!(
        "a newer stockops wrote it: it is of schema {found}, and stockops {version} reads up to {known}; upgrade stockops"
    );
    Err(Error::file(place, problem))
}

fn check_schema(place: &Path, json: &[u8]) -> Result<()> {
    check_known(place, schema_of(json), SCHEMA)
}

/// The layout of a document or of the line of an entry.
fn schema_of(json: &[u8]) -> u32 {
    let entry =
        if json.starts_with(b"[") { json.iter().position(|byte| *byte == b',').map_or(0, |i| i + 1) } else { 0 };
    let digits = json[entry..].strip_prefix(MARK).unwrap_or_default();
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(&digits[..end]).ok().and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

fn marked(json: Vec<u8>) -> Vec<u8> {
    let mark = [MARK, SCHEMA.to_string().as_bytes()].concat();
    match json.strip_prefix(b"{") {
        Some(b"}") => [mark.as_slice(), b"}"].concat(),
        Some(fields) => [mark.as_slice(), b",", fields].concat(),
        // A number or a word, as in examples, has no place for it.
        None => json,
    }
}

fn broken(place: &Path, line: usize, error: &serde_json::Error) -> Error {
    let problem = format!("it was not written by stockops ({error}); restore it from a copy, or move it away");
    Error::File { path: place.into(), line: Some(line), problem }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const NEWER: &str = "a newer stockops wrote it: it is of schema 2, and stockops";

    fn place() -> &'static Path {
        Path::new("a.json")
    }

    fn map(json: &[u8]) -> Result<BTreeMap<String, u32>> {
        read(place(), json)
    }

    #[test]
    fn the_schema_comes_first_and_is_not_missed_where_there_is_none() {
        let value = BTreeMap::from([("a".to_string(), 7)]);
        let json = write(place(), &value).unwrap();
        assert_eq!(json, br#"{"schema":1,"a":7}"#);
        assert_eq!(write(place(), &BTreeMap::<String, u32>::new()).unwrap(), br#"{"schema":1}"#);
        assert_eq!(write(place(), &7).unwrap(), b"7");
        assert_eq!(map(br#"{"a":7}"#).unwrap(), value);
        assert_eq!(map(&json).unwrap()["a"], 7);
    }

    #[test]
    fn what_a_newer_one_wrote_is_refused_with_a_sentence() {
        let text = map(br#"{"schema":2,"other":"layout"}"#).unwrap_err().to_string();
        assert!(text.starts_with(&format!("a.json: {NEWER}")) && text.ends_with("; upgrade stockops"), "{text}");
        let line = write_entry(place(), "2024-05-01.0001", &BTreeMap::from([("a", 1)])).unwrap();
        assert_eq!(line, b"[\"2024-05-01.0001\",{\"schema\":1,\"a\":1}]\n");
        let read = |lines: &[u8]| read_lines::<(String, BTreeMap<String, u32>)>(place(), lines);
        assert_eq!(read(&line).unwrap().len(), 1);
        let newer = [&line, b"[\"2024-05-02.0001\",{\"schema\":2,\"a\":1}]\n".as_slice()].concat();
        assert!(read(&newer).unwrap_err().to_string().contains(NEWER));
        assert_eq!(read(b"[\"b\",{\"a\":1}]\n").unwrap()[0].1["a"], 1);
    }
}
