//! `stockops check`: how a file of bars is understood, and what is found in it.

use std::path::Path;

use serde::Serialize;
use stockops_core::market::Finding;
use stockops_core::source::Understood;
use stockops_core::{BarSource, ReadOptions, Sourced, Ticker, read_bars};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::source::SourceWord;

/// What is printed.
#[derive(Serialize)]
struct Checked<'a> {
    ticker: &'a Ticker,
    understood: &'a Understood,
    /// Rows as read; `rows_read` is its older name.
    rows: usize,
    rows_read: usize,
    rows_kept: usize,
    first_day: Option<chrono::NaiveDate>,
    last_day: Option<chrono::NaiveDate>,
    findings: &'a [Finding],
}

pub(super) fn run(common: &Common, settings: &Settings, file: &Path, ticker: Option<&Ticker>) -> Result<(), Failure> {
    let (ticker, Sourced { quality, understood, .. }) = match settings.source {
        Some(SourceWord::Yahoo | SourceWord::Builtin) if !file.exists() => of_source(common, settings, file)?,
        _ => of_file(settings, file, ticker)?,
    };
    let checked = Checked {
        ticker: &ticker,
        understood: &understood,
        rows: quality.rows_read,
        rows_read: quality.rows_read,
        rows_kept: quality.rows_kept,
        first_day: quality.first_day,
        last_day: quality.last_day,
        findings: &quality.findings,
    };
    print(common.json, &checked, || {
        format!("{quality}\nunderstood as\n  {}", understood.to_string().replace('\n', "\n  "))
    })
}

/// Bars of a file, whose ticker may be read off its rows or its name.
fn of_file(settings: &Settings, file: &Path, ticker: Option<&Ticker>) -> Result<(Ticker, Sourced), Failure> {
    let (ticker, read) = match ticker {
        Some(ticker) => (ticker.clone(), settings.read),
        // A name that was only guessed must not hide what is in the file.
        None => (named_like(file)?, ReadOptions { any_series: true, ..settings.read }),
    };
    let sourced = read_bars(file, &ticker, &read)?;
    match named_in(&sourced).filter(|inside| *inside != ticker) {
        // Which days have a session hangs on the ticker.
        Some(inside) => Ok((inside.clone(), read_bars(file, &inside, &read)?)),
        None => Ok((ticker, sourced)),
    }
}

/// The ticker that the file itself names, written as one.
fn named_in(sourced: &Sourced) -> Option<Ticker> {
    let word = &sourced.understood.series;
    Ticker::new(word).ok().filter(|ticker| ticker.as_str() == word)
}

/// Bars of the ticker that stands in a file's place.
fn of_source(common: &Common, settings: &Settings, word: &Path) -> Result<(Ticker, Sourced), Failure> {
    let ticker = Ticker::new(&word.to_string_lossy())?;
    let sourced = settings.source(common, Some(&ticker))?.bars(&ticker)?;
    Ok((ticker, sourced))
}

/// The ticker that the file's name begins with, or a neutral one.
fn named_like(file: &Path) -> Result<Ticker, Failure> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ends = [".csv", ".parquet", ".txt", ".tsv", ".zip", ".xlsx"];
    let end = ends.iter().filter_map(|end| name.to_ascii_lowercase().find(end)).min().unwrap_or(name.len());
    Ok(Ticker::new(name.get(..end).unwrap_or(name)).or_else(|_| Ticker::new("SERIES"))?)
}
