//! Texts as files, for tests of reading.
#![allow(dead_code, reason = "each test file uses some of these")]

use stockops_core::{ReadOptions, Result, Sourced, Ticker, read_bars};

pub(crate) fn options() -> ReadOptions {
    ReadOptions::default()
}

pub(crate) fn read_as(ticker: &str, text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Sourced> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.csv");
    std::fs::write(&path, text).unwrap();
    read_bars(&path, &Ticker::new(ticker).unwrap(), options)
}

pub(crate) fn read_with(text: &str, options: &ReadOptions) -> Result<Sourced> {
    read_as("GOOG", text, options)
}

pub(crate) fn read(text: &str) -> Sourced {
    read_with(text, &options()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The message of a bad file, from behind the folder on.
pub(crate) fn message(text: &str) -> String {
    let text = read_with(text, &options()).unwrap_err().to_string();
    text[text.find("bars.csv").unwrap()..].to_owned()
}

pub(crate) fn days(sourced: &Sourced) -> Vec<String> {
    sourced.bars.iter().map(|bar| bar.date.to_string()).collect()
}

pub(crate) fn closes(sourced: &Sourced) -> Vec<f64> {
    sourced.bars.closes()
}
