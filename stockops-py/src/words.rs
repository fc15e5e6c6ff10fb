//! Arguments that cross as words: tickers, days, options.

use std::str::FromStr;

use chrono::NaiveDate;
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use stockops_core::Error;

use crate::error::{raised, to_py};

/// A word that core itself parses: a ticker, a strategy, a device, a feature.
#[derive(Debug, Clone)]
pub(crate) struct Word<T>(pub(crate) T);

impl<'py, T: FromStr<Err = Error>> FromPyObject<'_, 'py> for Word<T> {
    type Error = PyErr;

    fn extract(word: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        word.extract::<String>()?.parse().map(Word).map_err(to_py)
    }
}

/// The value of a word that may be left out.
pub(crate) fn or_default<T: Default>(word: Option<Word<T>>) -> T {
    word.map(|word| word.0).unwrap_or_default()
}

/// An option whose words core knows by their JSON; a wrong one is told which there are.
#[derive(Debug, Clone)]
pub(crate) struct Choice<T>(pub(crate) T);

impl<'py, T: DeserializeOwned> FromPyObject<'_, 'py> for Choice<T> {
    type Error = PyErr;

    fn extract(word: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        chosen(word.py(), &word.extract::<String>()?).map(Choice)
    }
}

/// The option that `word` names.
pub(crate) fn chosen<T: DeserializeOwned>(py: Python<'_>, word: &str) -> PyResult<T> {
    let found = serde_json::from_value(serde_json::Value::String(word.to_owned()));
    found.map_err(|error| raised(py, "ConfigError", error.to_string().replace("unknown variant", "unknown word")))
}

/// A level of intervals in percent: 90, 90.0, or as a share 0.9.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level(pub(crate) u32);

impl<'py> FromPyObject<'_, 'py> for Level {
    type Error = PyErr;

    fn extract(level: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let value: f64 = level.extract()?;
        let percent = if value > 0.0 && value < 1.0 { value * 100.0 } else { value };
        let whole = percent.round();
        if (percent - whole).abs() > 1e-9 || !(1.0..100.0).contains(&whole) {
            let text = format!("`level` must be a share of outcomes in percent, such as 90, got {value}");
            return Err(raised(level.py(), "ConfigError", text));
        }
        Ok(Self(whole as u32))
    }
}

/// A day: a `datetime.date` or what derives from it (pandas' `Timestamp`), numpy's `datetime64`, or `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub(crate) NaiveDate);

impl<'py> FromPyObject<'_, 'py> for Day {
    type Error = PyErr;

    fn extract(day: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(date) = day.extract::<NaiveDate>() {
            return Ok(Self(date));
        }
        let text = day.str()?.to_string();
        let date = text.get(..10).and_then(|text| text.parse().ok());
        let whole = date.filter(|_| text.len() == 10 || text[10..].starts_with(['T', ' ']));
        whole.map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            raised(day.py(), "ConfigError", format!("a day must be a date or text as YYYY-MM-DD, got {shown}"))
        })
    }
}
