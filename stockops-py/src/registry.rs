//! `ModelRegistry`: numbered versions of each ticker's forecaster, on disk or in memory.

use std::path::PathBuf;

use chrono::TimeDelta;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use stockops_core::backup::{self, BackupConfig, LeftOut};
use stockops_core::pipeline::{GcConfig, Parent, publish_with};
use stockops_core::registry::{Artifact, VersionId};
use stockops_core::{Device, Error, Stockops, Ticker};

use crate::bars::{PyBars, same_ticker, series};
use crate::drift::PyDriftReport;
use crate::forecast::PyForecast;
use crate::forecaster::PyForecaster;
use crate::json;
use crate::tracker::PyTracker;
use crate::words::{Word, or_default};
use crate::work::{tried, watched};

/// Numbered forecasters of each ticker, and which of them forecasts: its champion.
///
/// The first version of a ticker becomes its champion; a later one takes its place where it is not worse. Beside them
/// stand the forecasts that were made, scored when their days arrive, and what a monitor reported and decided. Several
/// threads and processes may use one folder at once, the command ``stockops`` among them.
///
/// Args:
///     home (str | os.PathLike[str] | None): a folder, made when something is put, or the address of a bucket such as
///         ``"s3://bucket/prefix"``; None keeps all in memory.
///     tracker (Tracker | None): where drift reports and monitors are kept as runs; where it has a server, its registry is told
///         who is champion. A pickle does not hold it.
///
/// Raises:
///     StorageError: `home` is there and no folder.
///
/// >>> import stockops
/// >>> registry = stockops.ModelRegistry()
/// >>> child = stockops.TransferTrainer(n_epochs=2).fit(stockops.load_bars("MSFT"))
/// >>> registry.publish(child)["version"]
/// 1
/// >>> registry.predict(stockops.load_bars("MSFT")).model_version
/// 'MSFT@1'
#[pyclass(name = "ModelRegistry", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyModelRegistry {
    pub(crate) stockops: Stockops,
    pub(crate) home: Option<PathBuf>,
}

#[pymethods]
impl PyModelRegistry {
    #[new]
    #[pyo3(signature = (home = None, *, tracker = None))]
    fn new(py: Python<'_>, home: Option<PathBuf>, tracker: Option<&PyTracker>) -> PyResult<Self> {
        let builder = Stockops::builder();
        let builder = if let Some(folder) = &home { builder.home(folder) } else { builder };
        let stockops = tried(py, || builder.build())?;
        let stockops = match tracker {
            Some(tracker) => stockops.with_runs_of(&tracker.stockops),
            None => stockops,
        };
        Ok(Self { stockops, home })
    }

    /// Keep a forecaster as the next version of its ticker.
    ///
    /// The first one becomes champion; a later one where it is not worse on days that neither saw, else it is kept as
    /// challenger, with the reason. It is marked ``unproven``, with the reason, until it shows skill. A parent that became
    /// champion is from then on the one that children come from.
    ///
    /// Args:
    ///     forecaster (Forecaster): trained.
    ///     bars (Bars | None): what it is held against the champion on; None for those that it was trained with. One that
    ///         was loaded from a file does not have them, so without `bars` it stays a challenger.
    ///     charts (bool): keep :attr:`Forecaster.charts` beside the bundle, for :meth:`artifact`.
    ///
    /// Returns:
    ///     dict[str, Any]: the record of the version.
    ///
    /// Raises:
    ///     ConfigError: bars of another ticker; or none at all, where the ticker has a champion.
    ///     StorageError: the disk refuses; then there is no new version.
    #[pyo3(signature = (forecaster, bars = None, *, charts = false))]
    fn publish<'py>(
        &self,
        py: Python<'py>,
        forecaster: &PyForecaster,
        bars: Option<&PyBars>,
        charts: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut trained = forecaster.trained.clone();
        if let Some(bars) = bars {
            same_ticker(py, bars, forecaster.inner().about().ticker.as_str())?;
            trained.bars = bars.bars().clone();
        }
        let charts = if charts { forecaster.drawn(py)? } else { Vec::new() };
        let version = tried(py, || {
            let files = charts.iter().map(|(name, svg)| Artifact::new(name, svg.as_bytes()));
            publish_with(self.stockops.registry(), &trained, &files.collect::<Result<Vec<_>, _>>()?)
        })?;
        json::value(py, &version)
    }

    /// The forecaster of a ticker.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///     version (int | None): which; None for the champion.
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecaster: as it was published, without the history of its training.
    ///
    /// Raises:
    ///     NotFoundError: no such version, or none at all.
    ///     BundleError: its file is damaged.
    #[pyo3(signature = (ticker, version = None, *, device = None))]
    fn load(
        &self,
        py: Python<'_>,
        ticker: Word<Ticker>,
        version: Option<u32>,
        device: Option<Word<Device>>,
    ) -> PyResult<PyForecaster> {
        let device = or_default(device);
        let found = tried(py, || self.stockops.on(device).load(&ticker.0, version).map_err(in_words_of_python));
        let Parent { forecaster, id } = found?;
        Ok(PyForecaster::loaded(forecaster, Some(id)))
    }

    /// The parent that children come from: the one that was published or named last, or else the one that ships with the
    /// package.
    ///
    /// Args:
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecaster: with its version; version 0 is the shipped one.
    #[pyo3(signature = (*, device = None))]
    fn parent(&self, py: Python<'_>, device: Option<Word<Device>>) -> PyResult<PyForecaster> {
        let device = or_default(device);
        let Parent { forecaster, id } = tried(py, || self.stockops.on(device).parent())?;
        Ok(PyForecaster::loaded(forecaster, Some(id)))
    }

    /// Forecast the next sessions: by the ticker's champion, or else by the parent, zero-shot, and the notes say so. The
    /// forecast is kept, and scored when its days arrive.
    ///
    /// Args:
    ///     bars (Bars): at least 73 sessions.
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecast: with the version that made it.
    ///
    /// Raises:
    ///     TooShortError: fewer sessions.
    #[pyo3(signature = (bars, *, device = None))]
    fn predict(&self, py: Python<'_>, bars: &PyBars, device: Option<Word<Device>>) -> PyResult<PyForecast> {
        let device = or_default(device);
        tried(py, || self.stockops.on(device).forecast_of(bars.bars())).map(PyForecast)
    }

    /// Every ticker that has a version.
    ///
    /// Returns:
    ///     list[str]: in order of name.
    fn tickers(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(tried(py, || self.stockops.registry().tickers())?.iter().map(Ticker::to_string).collect())
    }

    /// All versions of a ticker.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     list[dict[str, Any]]: their records, oldest first; empty for a ticker without one.
    fn versions<'py>(&self, py: Python<'py>, ticker: Word<Ticker>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.registry().versions(&ticker.0))?)
    }

    /// The version that forecasts.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     dict[str, Any] | None: its record; None for a ticker without a version.
    fn champion<'py>(&self, py: Python<'py>, ticker: Word<Ticker>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.registry().champion(&ticker.0))?)
    }

    /// Make a version the champion.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///     version (int): which.
    ///
    /// Returns:
    ///     dict[str, Any]: its record.
    ///
    /// Raises:
    ///     NotFoundError: no such version.
    fn promote<'py>(&self, py: Python<'py>, ticker: Word<Ticker>, version: u32) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.promote(&ticker.0, version))?)
    }

    /// Make a version the parent that children come from.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///     version (int): which; 0 of ``^GSPC`` for the one that ships with the package.
    ///
    /// Raises:
    ///     NotFoundError: no such version.
    ///     ConfigError: it was not trained as a parent.
    fn set_parent(&self, py: Python<'_>, ticker: Word<Ticker>, version: u32) -> PyResult<()> {
        let id = VersionId { ticker: ticker.0, version };
        tried(py, || self.stockops.make_parent(&id))
    }

    /// Make the champion before the current one champion again; a monitor then trains none for 20 sessions.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     dict[str, Any]: its record.
    ///
    /// Raises:
    ///     NotFoundError: there was none before.
    fn rollback<'py>(&self, py: Python<'py>, ticker: Word<Ticker>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.rollback(&ticker.0))?)
    }

    /// Remove the versions that nobody needs.
    ///
    /// Champion, challenger, parent and the version that a rollback would bring back stay, and so do versions that others came
    /// from, those with forecasts that are still to be scored, and the newest.
    ///
    /// Args:
    ///     keep (int): newest versions of each ticker that stay in any case.
    ///     days (int | None): versions of the last so many days stay too; None for any age.
    ///     dry_run (bool): say what would be removed, and remove nothing.
    ///
    /// Returns:
    ///     dict[str, Any]: ``removed`` with ticker, version and bytes, ``bytes`` of all, and how many are ``kept``.
    ///
    /// Raises:
    ///     BusyError: someone else removes versions.
    #[pyo3(signature = (*, keep = 5, days = None, dry_run = false))]
    fn gc<'py>(&self, py: Python<'py>, keep: usize, days: Option<u16>, dry_run: bool) -> PyResult<Bound<'py, PyAny>> {
        let since = days.map(|days| self.stockops.now() - TimeDelta::days(days.into()));
        json::value(py, &tried(py, || self.stockops.gc(&GcConfig { keep, since, dry_run }))?)
    }

    /// Copy all that is kept to a new folder, while others go on; :func:`restore` makes a home of it.
    ///
    /// The jobs of a service that uses the folder are not in it; ``stockops backup`` copies them too.
    ///
    /// Args:
    ///     folder (str | os.PathLike[str]): made; it must hold nothing.
    ///
    /// Returns:
    ///     dict[str, Any]: ``objects`` with key, bytes and sha256, and what was ``left_out``.
    ///
    /// Raises:
    ///     ConfigError: `folder` holds something.
    ///     StorageError: the disk refuses.
    fn backup<'py>(&self, py: Python<'py>, folder: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        let left_out = LeftOut { path: "jobs.sqlite".into(), why: "`stockops backup` copies it".into() };
        let config = BackupConfig { left_out: vec![left_out], ..BackupConfig::new(self.stockops.now()) };
        json::value(py, &tried(py, || self.stockops.backup(&folder, &config))?)
    }

    /// Score what has come, and report on the drift of a ticker; the report is kept.
    ///
    /// Args:
    ///     bars (Bars): of the ticker; below 146 sessions the report is skipped, and says why.
    ///     device (str | None): where the model runs; ``"cpu"``.
    ///
    /// Returns:
    ///     DriftReport: on the champion, or on the parent, zero-shot, where there is none.
    ///
    /// Raises:
    ///     StorageError: the disk refuses.
    #[pyo3(signature = (bars, *, device = None))]
    fn drift(&self, py: Python<'_>, bars: &PyBars, device: Option<Word<Device>>) -> PyResult<PyDriftReport> {
        let device = or_default(device);
        tried(py, || self.stockops.on(device).drift_of(bars.bars())).map(PyDriftReport)
    }

    /// :meth:`drift`, and what follows from it: nothing, or a challenger that takes over only where it is not worse.
    ///
    /// Args:
    ///     bars (Bars): of the ticker.
    ///     retrain (bool): train where the report wants it; else it is recommended.
    ///     pool (Bars | Sequence[Bars] | None): the other series of a pooled parent, to train it again.
    ///     device (str | None): where to compute; ``"cpu"``.
    ///     progress (bool | Callable[[Progress], object] | None): True for a bar by tqdm where it is installed, or what
    ///         events go to.
    ///
    /// Returns:
    ///     tuple[DriftReport, dict[str, Any]]: the report, and what was decided and why: keep, wait, recommend, swap, reject
    ///     or fail.
    ///
    /// Raises:
    ///     BusyError: someone else trains this ticker.
    ///     StorageError: the disk refuses.
    ///     KeyboardInterrupt: Ctrl-C, within a batch.
    #[pyo3(signature = (bars, *, retrain = false, pool = None, device = None, progress = None))]
    fn monitor<'py>(
        &self,
        py: Python<'py>,
        bars: &PyBars,
        retrain: bool,
        pool: Option<&Bound<'py, PyAny>>,
        device: Option<Word<Device>>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(PyDriftReport, Bound<'py, PyAny>)> {
        let pool = pool.map(series).transpose()?.unwrap_or_default();
        let stockops = self.stockops.on(or_default(device));
        let report = watched(py, progress, |watch| stockops.monitor_of(bars.bars(), pool, retrain, watch))?;
        Ok((PyDriftReport(report.drift), json::value(py, &report.action)?))
    }

    /// What a monitor reported on a ticker.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     list[DriftReport]: the last of each day, oldest first, without the days before.
    fn drift_reports(&self, py: Python<'_>, ticker: Word<Ticker>) -> PyResult<Vec<PyDriftReport>> {
        Ok(tried(py, || self.stockops.record().reports(&ticker.0))?.into_iter().map(PyDriftReport).collect())
    }

    /// What a monitor decided on a ticker, and rollbacks.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     list[dict[str, Any]]: oldest first, each with its reason.
    fn decisions<'py>(&self, py: Python<'py>, ticker: Word<Ticker>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.record().decisions(&ticker.0))?)
    }

    /// Forecasts that were made of a ticker.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///
    /// Returns:
    ///     list[dict[str, Any]]: by last day and version; ``outcomes`` has what came of it, where it was scored.
    fn forecasts<'py>(&self, py: Python<'py>, ticker: Word<Ticker>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &tried(py, || self.stockops.record().forecasts(&ticker.0))?)
    }

    /// A file beside a bundle, such as a chart.
    ///
    /// Args:
    ///     ticker (str): whose.
    ///     version (int): which.
    ///     name (str): such as ``residuals.svg``; the record lists them.
    ///
    /// Returns:
    ///     bytes: its content.
    ///
    /// Raises:
    ///     NotFoundError: no such file.
    fn artifact<'py>(
        &self,
        py: Python<'py>,
        ticker: Word<Ticker>,
        version: u32,
        name: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &tried(py, || self.stockops.registry().artifact(&ticker.0, version, name))?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let place = self.home.as_ref().map_or_else(|| "in memory".to_owned(), |home| format!("'{}'", home.display()));
        let tickers = self.tickers(py)?;
        Ok(format!("ModelRegistry({place}, {} tickers)", tickers.len()))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew; one in memory cannot be pickled.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let Some(home) = &slf.get().home else {
            let text = "a registry in memory cannot be pickled; give it a folder";
            return Err(pyo3::exceptions::PyTypeError::new_err(text));
        };
        Ok((slf.get_type(), (home,)).into_pyobject(slf.py())?.into_any())
    }
}

/// A ticker without a version is helped by :meth:`ModelRegistry.publish` here.
fn in_words_of_python(error: Error) -> Error {
    match error {
        Error::NotFound { kind: "model", name, .. } => {
            Error::NotFound { kind: "version", name, hint: "publish one first".into() }
        }
        other => other,
    }
}

/// Make a home of a backup; every object is checked before anything is written.
///
/// The home is whole afterwards, or as it was. A call that was killed is repeated.
///
/// Args:
///     folder (str | os.PathLike[str]): the backup.
///     home (str | os.PathLike[str]): the home, which no program may use meanwhile.
///     replace (bool): move what is in the home to its folder ``replaced-TIME`` first.
///
/// Returns:
///     dict[str, Any]: how many ``objects`` and ``bytes``, and where what was there is now.
///
/// Raises:
///     ConfigError: the home holds something, and it may not be replaced.
///     FileError: the backup is torn, altered or of a newer stockops.
///
/// >>> import pathlib, stockops, tempfile
/// >>> folder = pathlib.Path(tempfile.mkdtemp())
/// >>> registry = stockops.ModelRegistry(folder / "home")
/// >>> registry.publish(stockops.shipped_parent())["version"]
/// 1
/// >>> _ = registry.backup(folder / "copy")
/// >>> _ = stockops.restore(folder / "copy", folder / "again")
/// >>> stockops.ModelRegistry(folder / "again").tickers()
/// ['^GSPC']
#[pyfunction]
#[pyo3(signature = (folder, home, *, replace = false))]
pub(crate) fn restore<'py>(
    py: Python<'py>,
    folder: PathBuf,
    home: PathBuf,
    replace: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let now = std::time::SystemTime::now().into();
    json::value(py, &tried(py, || backup::restore(&folder, &home, replace, now))?)
}
