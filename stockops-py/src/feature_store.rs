//! `FeatureStore`: features of all tickers with when they were known, frames in and out.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use stockops_core::feature_store::{
    EntityRow, FeatureRow, FeatureStore, FeatureView, Known, Layout, RedisConfig, RedisOnline,
};
use stockops_core::storage;
use stockops_core::{FeatureSet, Ticker};

use crate::bars::PyBars;
use crate::error::raised;
use crate::features::PyFeatureSet;
use crate::json;
use crate::words::Word;
use crate::work::tried;

/// How numpy marks a time that is not there.
const NO_TIME: i64 = i64::MIN;

/// Features of all tickers: kept with when they were known, joined at a point in time, the newest at hand.
///
/// Rows are Parquet files under the home folder, which pandas, polars, DuckDB and Feast read; the newest ones are in Redis too where one
/// is named, as Feast keeps them. All versions of a row stay: of one session the one that was created last counts.
///
/// Args:
///     home (str | os.PathLike[str] | None): a folder, made when something is kept, the command's among them, or the address of
///         a bucket such as ``"s3://bucket/prefix"``; None keeps all in memory.
///     redis (str | None): address of an online store, such as ``redis://127.0.0.1:6379``.
///     project (str): the project of Feast there.
///
/// Raises:
///     ConfigError: `redis` is no address of Redis.
///
/// >>> import stockops
/// >>> store = stockops.FeatureStore()
/// >>> store.apply()["layout"]
/// 'tickers'
/// >>> store.ingest(stockops.load_bars("MSFT"))["written"]
/// [{'ticker': 'MSFT', 'bars': 1511, 'rows': 1511}]
/// >>> store.get(["MSFT"])[0]["values"]["Close"]
/// 235.77
#[pyclass(name = "FeatureStore", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyFeatureStore {
    store: FeatureStore,
    home: Option<PathBuf>,
}

#[pymethods]
impl PyFeatureStore {
    #[new]
    #[pyo3(signature = (home = None, *, redis = None, project = "stockops"))]
    fn new(py: Python<'_>, home: Option<PathBuf>, redis: Option<String>, project: &str) -> PyResult<Self> {
        let store = match &home {
            Some(home) => FeatureStore::on(tried(py, || storage::open(home))?),
            None => FeatureStore::in_memory(),
        };
        let store = match redis {
            Some(url) => {
                let config = RedisConfig { url, project: project.to_owned(), ..RedisConfig::default() };
                store.with_online(tried(py, || RedisOnline::new(&config))?)
            }
            None => store,
        };
        Ok(Self { store, home })
    }

    /// Keep a view from now on; its rows are computed from all bars that are kept.
    ///
    /// Args:
    ///     name (str): its name.
    ///     version (int): other fields are another version, from 0.
    ///     features (FeatureSet | None): which; None for the contract's seven.
    ///     ttl_days (float | None): how long a row is valid after its session, to the second; None for ever.
    ///     layout (Literal["tickers", "buckets"] | None): a file each, or 256 for all of them; None leaves it.
    ///
    /// Returns:
    ///     dict[str, Any]: ``layout``, and ``views`` with their definitions.
    ///
    /// Raises:
    ///     ConfigError: there is another view of that name and version.
    #[pyo3(signature = (name = "stock_stats", *, version = 0, features = None, ttl_days = 14.0, layout = None))]
    fn apply<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        version: u32,
        features: Option<&PyFeatureSet>,
        ttl_days: Option<f64>,
        layout: Option<Word<Layout>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let features = features.map_or_else(FeatureSet::default, |features| features.0.clone());
        // More seconds than a time to live can have are refused like those that are no number.
        let seconds = |days: f64| TimeDelta::try_seconds((days * 86_400.0).round() as i64).unwrap_or(TimeDelta::MAX);
        let ttl = ttl_days.map(seconds);
        let applied = tried(py, || {
            let view = FeatureView::new(name, version, features, ttl)?;
            self.store.apply(&view, layout.map(|layout| layout.0))
        })?;
        json::value(py, &applied)
    }

    /// Take bars: what is new or corrected in them becomes rows of all views, and the newest go to the online store.
    ///
    /// Args:
    ///     bars (Bars | Sequence[Bars]): of one ticker or of many.
    ///
    /// Returns:
    ///     dict[str, Any]: ``written`` with the new bars and rows of each ticker, ``failed`` with kind and message, and what the
    ///     ``online`` store was sent.
    ///
    /// Raises:
    ///     NotFoundError: no view was applied.
    ///     ConfigError: there are two of one ticker.
    fn ingest<'py>(&self, py: Python<'py>, bars: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let series = match bars.cast::<PyBars>() {
            Ok(one) => vec![one.get().bars().clone()],
            Err(_) => {
                let many: Vec<Bound<'_, PyBars>> = bars.extract()?;
                many.iter().map(|bars| bars.get().bars().clone()).collect()
            }
        };
        json::value(py, &tried(py, || self.store.ingest(&series))?)
    }

    /// Send the newest row of each ticker to the online store, which keeps what is newer there.
    ///
    /// Returns:
    ///     dict[str, Any]: ``store``, ``rows`` that were sent, how many were ``taken``, and the ``problem`` of one that is away.
    ///
    /// Raises:
    ///     ConfigError: no online store is named.
    fn materialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.store.materialize())?)
    }

    /// The newest row of each ticker: from the online store, or from the files where none is named.
    ///
    /// Args:
    ///     tickers (Sequence[str]): whose.
    ///     view (str): such as ``"stock_stats"``, its newest version, or ``"stock_stats_v1"``.
    ///
    /// Returns:
    ///     list[dict[str, Any]]: in the order of `tickers`: ``ticker``, ``event_timestamp``, ``created_timestamp``, and ``values`` and
    ///     ``statuses`` by feature; a status is ``PRESENT``, ``NULL_VALUE``, ``NOT_FOUND`` or ``OUTSIDE_MAX_AGE``.
    ///
    /// Raises:
    ///     NotFoundError: there is no such view.
    #[pyo3(signature = (tickers, *, view = "stock_stats"))]
    fn get<'py>(&self, py: Python<'py>, tickers: Vec<Word<Ticker>>, view: &str) -> PyResult<Bound<'py, PyAny>> {
        let tickers: Vec<Ticker> = tickers.into_iter().map(|ticker| ticker.0).collect();
        let (names, rows) = tried(py, || Ok((self.store.view(view)?.names(), self.store.get(view, &tickers)?)))?;
        let named = |values: &dyn Fn(usize) -> serde_json::Value| -> serde_json::Map<String, serde_json::Value> {
            names.iter().enumerate().map(|(i, name)| (name.clone(), values(i))).collect()
        };
        let rows: Vec<serde_json::Value> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "ticker": row.ticker,
                    "event_timestamp": row.event_timestamp,
                    "created_timestamp": row.created_timestamp,
                    "values": named(&|i| serde_json::json!(row.values[i])),
                    "statuses": named(&|i| serde_json::json!(row.statuses[i])),
                })
            })
            .collect();
        json::value(py, &rows)
    }

    /// The rows of one ticker, one of each session, oldest first.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///     view (str): such as ``"stock_stats"``.
    ///     known (datetime.datetime | str | None): rows as they were known at this time, which has a zone; None for now.
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame with ``event_timestamp``, ``created_timestamp`` (UTC) and a column a feature.
    ///
    /// Raises:
    ///     NotFoundError: there is no such view.
    #[pyo3(signature = (ticker, *, view = "stock_stats", known = None, backend = "pandas"))]
    fn history<'py>(
        &self,
        py: Python<'py>,
        ticker: Word<Ticker>,
        view: &str,
        known: Option<Instant>,
        backend: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let known = known.map(|known| known.0);
        let (names, rows) =
            tried(py, || Ok((self.store.view(view)?.names(), self.store.history(view, &ticker.0, known)?)))?;
        let rows: Vec<Option<FeatureRow>> = rows.into_iter().map(Some).collect();
        let columns = PyDict::new(py);
        columns.set_item("event_timestamp", times(py, &rows, |row| row.event_timestamp))?;
        columns.set_item("created_timestamp", times(py, &rows, |row| row.created_timestamp))?;
        set_features(&columns, &names, &rows)?;
        table(&columns, &["event_timestamp", "created_timestamp"], backend)
    }

    /// For each ticker and time of a frame the row that was in force: a join at a point in time.
    ///
    /// That is the row of the last session that had closed by then, and not longer ago than the view's time to live. Nothing of a later
    /// session is ever in it. One row comes out for each that goes in, in the same order.
    ///
    /// Args:
    ///     entities (Any): a frame of pandas, polars or pyarrow, or a mapping, with the columns ``ticker`` and ``event_timestamp``;
    ///         a time without a zone is UTC.
    ///     view (str): such as ``"stock_stats"``.
    ///     known_then (bool): count only what was written by the time of each row, and not what was corrected since.
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame with ``ticker``, ``event_timestamp``, ``feature_timestamp`` (the close of the session) and a column a feature.
    ///
    /// Raises:
    ///     NotFoundError: there is no such view.
    ///     FileError: a column misses.
    #[pyo3(signature = (entities, *, view = "stock_stats", known_then = false, backend = "pandas"))]
    fn get_historical_features<'py>(
        &self,
        py: Python<'py>,
        entities: &Bound<'py, PyAny>,
        view: &str,
        known_then: bool,
        backend: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let found = py.import("stockops._frames")?.getattr("entities")?.call1((entities,))?;
        let (tickers, asked): (Vec<Word<Ticker>>, PyReadonlyArray1<'_, i64>) = found.extract()?;
        let asked = asked.as_array().to_vec();
        let entities: Vec<EntityRow> = tickers
            .into_iter()
            .zip(&asked)
            .map(|(ticker, micros)| {
                let time = DateTime::from_timestamp_micros(*micros);
                let time =
                    time.ok_or_else(|| raised(py, "FileError", format!("`event_timestamp` {micros} is no time")))?;
                Ok(EntityRow { ticker: ticker.0, event_timestamp: time })
            })
            .collect::<PyResult<_>>()?;
        let known = if known_then { Known::Then } else { Known::Now };
        let (names, rows) =
            tried(py, || Ok((self.store.view(view)?.names(), self.store.historical(view, &entities, known)?)))?;
        let columns = PyDict::new(py);
        columns.set_item("ticker", entities.iter().map(|entity| entity.ticker.to_string()).collect::<Vec<_>>())?;
        columns.set_item("event_timestamp", PyArray1::from_vec(py, asked))?;
        columns.set_item("feature_timestamp", times(py, &rows, |row| row.event_timestamp))?;
        set_features(&columns, &names, &rows)?;
        table(&columns, &["event_timestamp", "feature_timestamp"], backend)
    }

    fn __repr__(&self) -> String {
        match &self.home {
            Some(home) => format!("FeatureStore('{}')", home.display()),
            None => "FeatureStore()".into(),
        }
    }
}

/// An instant: a `datetime` with a zone, or text such as `2024-05-01T20:00:00Z`.
struct Instant(DateTime<Utc>);

impl<'py> FromPyObject<'_, 'py> for Instant {
    type Error = PyErr;

    fn extract(time: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(time) = time.extract::<DateTime<FixedOffset>>() {
            return Ok(Self(time.to_utc()));
        }
        let text = time.str()?.to_string();
        text.parse().map(Self).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            let rule = "a time must be a datetime with a zone or text as 2024-05-01T20:00:00Z";
            raised(time.py(), "ConfigError", format!("{rule}, got {shown}"))
        })
    }
}

/// A time of each row in microseconds.
fn times<'py>(
    py: Python<'py>,
    rows: &[Option<FeatureRow>],
    time: fn(&FeatureRow) -> DateTime<Utc>,
) -> Bound<'py, PyArray1<i64>> {
    let micros = rows.iter().map(|row| row.as_ref().map_or(NO_TIME, |row| time(row).timestamp_micros()));
    PyArray1::from_iter(py, micros)
}

/// A column of each feature; NaN where there is no value.
fn set_features(columns: &Bound<'_, PyDict>, names: &[String], rows: &[Option<FeatureRow>]) -> PyResult<()> {
    for (i, name) in names.iter().enumerate() {
        let value = |row: &Option<FeatureRow>| row.as_ref().and_then(|row| row.values[i]).unwrap_or(f64::NAN);
        columns.set_item(name, PyArray1::from_iter(columns.py(), rows.iter().map(value)))?;
    }
    Ok(())
}

fn table<'py>(columns: &Bound<'py, PyDict>, times: &[&str], backend: &str) -> PyResult<Bound<'py, PyAny>> {
    columns.py().import("stockops._frames")?.getattr("table")?.call1((columns, times.to_vec(), backend))
}
