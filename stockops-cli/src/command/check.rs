//! `stockops check`: how a file of bars is understood, and what is found in it.

use std::path::Path;

use serde::Serialize;
use stockops_core::market::Finding;
use stockops_core::source::Understood;
use stockops_core::{ReadOptions, Sourced, Ticker, read_bars};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::Settings;

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
    let (ticker, read) = match ticker {
        Some(ticker) => (ticker.clone(), settings.read),
        // A name that was only guessed must not hide what is in the file.
        None => (named_like(file)?, ReadOptions { any_series: true, ..settings.read }),
    };
    let Sourced { quality, understood, .. } = read_bars(file, &ticker, &read)?;
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

/// The ticker that the file's name begins with, or a neutral one.
fn named_like(file: &Path) -> Result<Ticker, Failure> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ends = [".csv", ".parquet", ".txt", ".tsv", ".zip", ".xlsx"];
    let end = ends.iter().filter_map(|end| name.to_ascii_lowercase().find(end)).min().unwrap_or(name.len());
    Ok(Ticker::new(name.get(..end).unwrap_or(name)).or_else(|_| Ticker::new("SERIES"))?)
}
