//! `stockops check`: the quality report of a file of bars.

use std::path::Path;

use stockops_core::{Ticker, read_bars};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, file: &Path, ticker: Option<&Ticker>) -> Result<(), Failure> {
    let ticker = match ticker {
        Some(ticker) => ticker.clone(),
        None => named_like(file)?,
    };
    let sourced = read_bars(file, &ticker, &settings.read)?;
    print(common.json, &sourced.quality, || sourced.quality.to_string())
}

/// The ticker that the file's name begins with, or a neutral one.
fn named_like(file: &Path) -> Result<Ticker, Failure> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split(".csv").next().and_then(|stem| stem.split(".parquet").next()).unwrap_or_default();
    Ok(Ticker::new(stem).or_else(|_| Ticker::new("SERIES"))?)
}
