//! `DriftMonitor` and `DriftReport`: have the data changed, and has the model got worse?

use chrono::{DateTime, NaiveDate, Utc};
use pyo3::prelude::*;
use stockops_core::drift::{DriftMonitor, DriftReport, Reference};
use stockops_core::pipeline::{MonitorConfig, drift_of};
use stockops_core::registry::VersionId;
use stockops_core::report::{drift_markdown, drift_svg, html};
use stockops_core::{Forecaster, MemoryRecord};

use crate::bars::PyBars;
use crate::chart::Chart;
use crate::error::raised;
use crate::forecaster::PyForecaster;
use crate::json;
use crate::work::{detached, tried};

/// Watches one series: its data against what is usual, and a forecaster's errors against its promises.
///
/// Thresholds are such that, where nothing has changed, an alarm begins less than once in 250 days; see ``docs/drift.md``.
///
/// Args:
///     reference (Forecaster | Bars): a forecaster, whose past forecasts are made again and scored; or bars alone, at least
///         646 of them, and then only data are watched.
///
/// Raises:
///     TooShortError: too few bars to learn what is usual.
///     DtypeError: neither of the two.
///
/// >>> import stockops
/// >>> bars = stockops.load_bars("^GSPC")
/// >>> stockops.DriftMonitor(bars.between(None, "2017-12-31")).report(bars)
/// DriftReport('^GSPC', Degraded on 2020-04-17, 6 tests, 3 alarms)
#[pyclass(name = "DriftMonitor", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyDriftMonitor {
    watched: Watched,
    reference: Py<PyAny>,
}

/// What is watched.
#[derive(Debug)]
enum Watched {
    Data(Box<DriftMonitor>),
    Model(Box<Forecaster>, Option<VersionId>),
}

/// Settings of a report that is made now.
fn monitor_config() -> MonitorConfig {
    MonitorConfig { now: Some(now()), ..MonitorConfig::default() }
}

fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

#[pymethods]
impl PyDriftMonitor {
    #[new]
    fn new(reference: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = reference.py();
        let watched = if let Ok(bars) = reference.cast::<PyBars>() {
            let bars = bars.get().bars();
            Watched::Data(Box::new(DriftMonitor::new(tried(py, || Reference::of(bars))?)))
        } else if let Ok(forecaster) = reference.cast::<PyForecaster>() {
            let forecaster = forecaster.get();
            Watched::Model(Box::new(forecaster.inner().clone()), forecaster.id.clone())
        } else {
            let got = reference.get_type().name()?;
            return Err(raised(py, "DtypeError", format!("`reference` must be a Forecaster or Bars, got {got}")));
        };
        Ok(Self { watched, reference: reference.clone().unbind() })
    }

    /// Report on the last of `bars`, and on the 250 days before.
    ///
    /// Args:
    ///     bars (Bars): of the series; below 146 sessions the report is skipped, and says why.
    ///
    /// Returns:
    ///     DriftReport: tests, verdict, and whether to train again.
    fn report(&self, py: Python<'_>, bars: &PyBars) -> PyResult<PyDriftReport> {
        let bars = bars.bars();
        let report = match &self.watched {
            Watched::Data(monitor) => detached(py, || monitor.report(bars, None, now())),
            Watched::Model(forecaster, version) => {
                let id = version.clone();
                let id = id.unwrap_or_else(|| VersionId { ticker: forecaster.about().ticker.clone(), version: 0 });
                let report = tried(py, || drift_of(forecaster, &id, &MemoryRecord::new(), bars, &monitor_config()))?;
                DriftReport { model_version: version.as_ref().map(VersionId::to_string), ..report }
            }
        };
        Ok(PyDriftReport(report))
    }

    fn __repr__(&self) -> String {
        match &self.watched {
            Watched::Data(_) => "DriftMonitor(data)".to_owned(),
            Watched::Model(forecaster, _) => {
                format!("DriftMonitor(data and forecaster of '{}')", forecaster.about().ticker)
            }
        }
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Ok((slf.get_type(), (&slf.get().reference,)).into_pyobject(slf.py())?.into_any())
    }
}

/// What a monitor says about a ticker on a day. Made by :class:`DriftMonitor` or :meth:`ModelRegistry.drift`.
///
/// >>> import stockops
/// >>> bars = stockops.load_bars("^GSPC")
/// >>> report = stockops.DriftMonitor(bars.between(None, "2017-12-31")).report(bars)
/// >>> report.to_frame()[["name", "alarm"]].tail(2)
///      name  alarm
/// 4  volume   True
/// 5    tail   True
#[pyclass(name = "DriftReport", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyDriftReport(pub(crate) DriftReport);

#[pymethods]
impl PyDriftReport {
    /// str: whose.
    #[getter]
    fn ticker(&self) -> &str {
        self.0.ticker.as_str()
    }

    /// str | None: ``Healthy``; ``Degraded`` where the data alone are unusual; ``Critical`` where the model broke a promise or
    /// the bars are broken; None where nothing was tested.
    #[getter]
    fn health(&self) -> Option<String> {
        self.0.health.map(|health| health.to_string())
    }

    /// str: the report in a sentence or two.
    #[getter]
    fn summary(&self) -> &str {
        &self.0.summary
    }

    /// datetime.date | None: last day of the bars.
    #[getter]
    fn as_of(&self) -> Option<NaiveDate> {
        self.0.as_of
    }

    /// str | None: the version that is watched, such as ``AMZN@3``.
    #[getter]
    fn model_version(&self) -> Option<&str> {
        self.0.model_version.as_deref()
    }

    /// int: scored forecasts that the tests of the model saw.
    #[getter]
    fn scored(&self) -> usize {
        self.0.scored
    }

    /// bool: whether to train again.
    #[getter]
    fn retrain(&self) -> bool {
        self.0.retrain.wanted
    }

    /// str: why, or why not.
    #[getter]
    fn retrain_reason(&self) -> &str {
        &self.0.retrain.reason
    }

    /// All of it in the fields and names of the command ``stockops drift --json``.
    ///
    /// Returns:
    ///     dict[str, Any]: ready for JSON.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0)
    }

    /// The report as a frame.
    ///
    /// Args:
    ///     table (Literal["tests", "trail"]): ``tests`` has one row a test; ``trail`` one a day, and how far it was from
    ///         alarm, which begins at 1.
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library; no row where nothing was tested.
    ///
    /// Raises:
    ///     ConfigError: another word.
    #[pyo3(signature = (table = "tests", *, backend = "pandas"))]
    fn to_frame<'py>(&self, py: Python<'py>, table: &str, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("stockops._frames")?.getattr("drift")?.call1((self.to_dict(py)?, table, backend))
    }

    /// How far from alarm it was, day by day.
    ///
    /// Returns:
    ///     Chart: SVG.
    fn plot(&self) -> Chart {
        Chart(drift_svg(&self.0))
    }

    fn __repr__(&self) -> String {
        let Some((health, day)) = self.health().zip(self.0.as_of) else {
            return format!("DriftReport('{}', skipped)", self.0.ticker);
        };
        let alarms = self.0.tests.iter().filter(|test| test.alarm).count();
        let plural = if alarms == 1 { "" } else { "s" };
        format!(
            "DriftReport('{}', {health} on {day}, {} tests, {alarms} alarm{plural})",
            self.0.ticker,
            self.0.tests.len()
        )
    }

    /// Returns:
    ///     str: verdict, chart, tests.
    fn _repr_html_(&self) -> String {
        let chart = if self.0.trail.is_empty() { String::new() } else { drift_svg(&self.0) };
        format!("{chart}{}", html(&drift_markdown(&self.0)))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::reduce(py, "_drift_report", &self.0)
    }
}

/// A report from what a pickle holds.
///
/// Args:
///     text (str): JSON.
///
/// Returns:
///     DriftReport: the same.
#[pyfunction]
pub(crate) fn _drift_report(py: Python<'_>, text: &str) -> PyResult<PyDriftReport> {
    json::parsed(py, text).map(PyDriftReport)
}
