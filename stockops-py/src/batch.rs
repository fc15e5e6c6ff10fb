//! One shard of a batch, as text in and text out, so that any executor can do it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use stockops_core::service::{BatchLine, BatchReport, BatchRequest, Shard};
use stockops_core::source::{BuiltinSource, ReadOptions, Reading};
use stockops_core::{BarSource, Error, FileSource, Result, Stockops, Ticker};

use crate::error::to_py;
use crate::json;
use crate::work::watched;
use crate::yahoo::PyYahooSource;

/// What is to be done, and where.
#[derive(Deserialize)]
struct Order {
    home: PathBuf,
    bars: Place,
    request: BatchRequest,
}

/// Where bars are: the worker reads them itself.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Shipped,
    Yahoo,
    Folder(PathBuf),
    Files(BTreeMap<Ticker, PathBuf>),
}

/// What came of it.
#[derive(Serialize)]
struct Answer {
    lines: Vec<BatchLine>,
    report: BatchReport,
}

/// The shard of each ticker.
///
/// Args:
///     tickers (list[str]): names.
///     of (int): how many shards there are.
///
/// Returns:
///     list[tuple[str, int]]: each name as the library writes it, with the number of its shard, from 1.
#[pyfunction]
pub(crate) fn _batch_parts(tickers: Vec<String>, of: u64) -> PyResult<Vec<(String, u64)>> {
    let part = |word: String| -> Result<(String, u64)> {
        let ticker = Ticker::new(&word)?;
        Ok((ticker.to_string(), Shard::with(&ticker, of)?.number()))
    };
    tickers.into_iter().map(part).collect::<Result<_>>().map_err(to_py)
}

/// Do one shard of a batch.
///
/// Args:
///     order (str): JSON with ``home``, ``bars`` and ``request``.
///
/// Returns:
///     str: JSON with ``lines`` and ``report``.
#[pyfunction]
pub(crate) fn _batch_shard(py: Python<'_>, order: &str) -> PyResult<String> {
    let wrong =
        |error: serde_json::Error| Error::Config { field: "batch", rule: "as documented", got: error.to_string() };
    let Order { home, bars, request } = serde_json::from_str(order).map_err(wrong).map_err(to_py)?;
    let source = source(bars, &home)?;
    let answer = watched(py, None, |watch| {
        let stockops = Stockops::builder().home(home).source(source).build()?;
        let mut lines = Vec::new();
        let report = stockops.batch(&request, &watch.cancel_flag(), &mut |line| lines.push(line.clone()))?;
        if report.left > 0 { Err(Error::Cancelled) } else { Ok(Answer { lines, report }) }
    })?;
    json::text(py, &answer)
}

fn source(bars: Place, home: &std::path::Path) -> PyResult<Box<dyn BarSource>> {
    let files = |files: Result<FileSource>| files.map(|files| Box::new(files) as Box<dyn BarSource>).map_err(to_py);
    match bars {
        Place::Shipped => Ok(Box::new(BuiltinSource)),
        Place::Yahoo => {
            let yahoo = PyYahooSource::with(Some(home.to_owned()), None, Reading::default(), None, false)?;
            Ok(Box::new(yahoo.source))
        }
        Place::Folder(folder) => files(FileSource::in_folder(&folder, ReadOptions::default())),
        Place::Files(named) => {
            let none = FileSource::new(ReadOptions::default());
            files(Ok(named.into_iter().fold(none, |files, (ticker, path)| files.with(ticker, path))))
        }
    }
}
