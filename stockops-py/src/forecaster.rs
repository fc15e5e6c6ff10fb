//! `Forecaster`: everything that a forecast needs, fitted, saved and loaded as one file.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use serde::{Deserialize, Serialize};
use stockops_core::files::write_atomically;
use stockops_core::forecaster::{ExportFormat, Import};
use stockops_core::model::OnnxGraph;
use stockops_core::pipeline::{Parent, Trained, find_parent, import_pt, risk_skill, zero_shot};
use stockops_core::registry::VersionId;
use stockops_core::report::{Charts, charts, forecaster_markdown, html, residual_svg};
use stockops_core::training::{CancelFlag, Epoch, History};
use stockops_core::{Bars, Device, Forecaster, MemoryRegistry, Ticker};

use crate::bars::{PyBars, same_ticker};
use crate::chart::Chart;
use crate::dataset::PyStandardScaler;
use crate::features::PyFeatureSet;
use crate::forecast::PyForecast;
use crate::json;
use crate::model::PyLSTMModel;
use crate::training::PyHistory;
use crate::words::{Day, Word, or_default};
use crate::work::{tried, watched};

/// A trained network with all that turns bars into a forecast, and what is known about it.
///
/// Made by :class:`TransferTrainer`, :func:`shipped_parent` or :meth:`ModelRegistry.load`.
///
/// >>> import stockops
/// >>> parent = stockops.shipped_parent()
/// >>> parent
/// Forecaster('^GSPC@0', parent, saw days up to 2016-12-30)
/// >>> parent.predict(stockops.load_bars("^GSPC")).dates.shape
/// (5,)
#[pyclass(name = "Forecaster", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyForecaster {
    pub(crate) trained: Trained,
    /// Its version, where it is one of a registry or shipped.
    pub(crate) id: Option<VersionId>,
}

/// What a pickle holds beside the bundle.
#[derive(Serialize, Deserialize)]
struct Beside {
    epochs: Vec<Epoch>,
    best: usize,
    bars: Bars,
    id: Option<(Ticker, u32)>,
    device: Device,
}

impl PyForecaster {
    pub(crate) fn trained(trained: Trained) -> Self {
        Self { trained, id: None }
    }

    /// One that was not trained here: without history and bars.
    pub(crate) fn loaded(forecaster: Forecaster, id: Option<VersionId>) -> Self {
        let history = History { epochs: Vec::new(), best: forecaster.about().best_epoch };
        let bars = Bars::new(forecaster.about().ticker.clone(), Vec::new()).expect("no bar breaks no rule");
        Self { trained: Trained { forecaster, history, bars, parts: Default::default() }, id }
    }

    pub(crate) fn inner(&self) -> &Forecaster {
        &self.trained.forecaster
    }

    /// Compare how its columns were computed at its training with how they are now.
    fn check_features(&self) -> stockops_core::Result<()> {
        let about = self.inner().about();
        about.check_features(&self.version().unwrap_or_else(|| format!("a forecaster of {}", about.ticker)))
    }

    /// Charts of it; none where it has no bars to draw them from.
    pub(crate) fn drawn(&self, py: Python<'_>) -> PyResult<Charts> {
        let Trained { forecaster, bars, .. } = &self.trained;
        if bars.is_empty() { Ok(Charts::new()) } else { tried(py, || charts(forecaster, bars)) }
    }

    /// A parent for children; one that is in no registry has version 0.
    pub(crate) fn as_parent(&self) -> Parent {
        let ticker = self.inner().about().ticker.clone();
        let id = self.id.clone().unwrap_or(VersionId { ticker, version: 0 });
        Parent { forecaster: self.inner().clone(), id }
    }

    /// What a pickle, or a result of an executor, holds beside the bundle.
    pub(crate) fn beside(&self, py: Python<'_>) -> PyResult<String> {
        let Trained { history, bars, .. } = self.trained.clone();
        let History { epochs, best } = history;
        // As a pair: version 0, the shipped parent, has no name that parses.
        let id = self.id.clone().map(|id| (id.ticker, id.version));
        json::text(py, &Beside { epochs, best, bars, id, device: self.inner().model().device() })
    }

    pub(crate) fn rebuilt(py: Python<'_>, bundle: &[u8], beside: &str) -> PyResult<Self> {
        let Beside { epochs, best, bars, id, device } = json::parsed(py, beside)?;
        let forecaster = tried(py, || Forecaster::from_bytes("of a pickle", bundle, device))?;
        let id = id.map(|(ticker, version)| VersionId { ticker, version });
        Ok(Self {
            trained: Trained { forecaster, history: History { epochs, best }, bars, parts: Default::default() },
            id,
        })
    }
}

#[pymethods]
impl PyForecaster {
    /// Read a bundle from a file.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): a file that :meth:`save` or the command ``stockops`` wrote.
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecaster: the same, without the history of its training.
    ///
    /// Raises:
    ///     StorageError: there is no such file.
    ///     BundleError: it is damaged, or was altered since it was written.
    #[classmethod]
    #[pyo3(signature = (path, *, device = None))]
    fn load(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf, device: Option<Word<Device>>) -> PyResult<Self> {
        let device = or_default(device);
        tried(py, || Forecaster::load(&path, device)).map(|forecaster| Self::loaded(forecaster, None))
    }

    /// Read a bundle from bytes.
    ///
    /// Args:
    ///     data (bytes): what :meth:`to_bytes` gave.
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecaster: the same, without the history of its training.
    ///
    /// Raises:
    ///     BundleError: the bytes are no bundle, or were altered since they were written. One of before has no checksum within.
    #[classmethod]
    #[pyo3(signature = (data, *, device = None))]
    fn from_bytes(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        data: &[u8],
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let device = or_default(device);
        tried(py, || Forecaster::from_bytes("in memory", data, device)).map(|forecaster| Self::loaded(forecaster, None))
    }

    /// Write the bundle, one safetensors file, whole or not at all.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): where to.
    ///
    /// Raises:
    ///     StorageError: the disk refuses.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        tried(py, || self.inner().save(&path))
    }

    /// The bundle; the same forecaster gives the same bytes.
    ///
    /// Returns:
    ///     bytes: a safetensors file.
    pub(crate) fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &tried(py, || self.inner().to_bytes())?))
    }

    /// Read a network of the original system: the ``.pt`` file of its state_dict, and its scaler.
    ///
    /// Tensors alone are read, and no pickled code is run; ``docs/scaler_to_json.py`` turns the pickle of the scaler into JSON.
    /// With `bars` that go on after its last day it is calibrated on the first half of those days and judged on the second.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): the ``.pt`` file.
    ///     scaler (str | os.PathLike[str]): JSON with ``mean`` and ``scale``, and ``columns`` where they are not those of the
    ///         original.
    ///     ticker (str): whose network.
    ///     last_seen_day (datetime.date | str | None): last day that it may have seen in training; None for today.
    ///     context (int): sessions that it sees.
    ///     parent (bool): it is a parent, which children may come from.
    ///     bars (Bars | None): of the ticker, to judge it.
    ///     device (str | None): where it runs; ``"cpu"``.
    ///
    /// Returns:
    ///     Forecaster: without skill and intervals where it was not judged.
    ///
    /// Raises:
    ///     FileError: a file is not what it should be.
    ///     ShapeError: network and scaler have different columns.
    #[classmethod]
    #[pyo3(signature = (
        path, *, scaler, ticker, last_seen_day = None, context = 60, parent = false, bars = None, device = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn import_pt(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        scaler: PathBuf,
        ticker: Word<Ticker>,
        last_seen_day: Option<Day>,
        context: usize,
        parent: bool,
        bars: Option<&PyBars>,
        device: Option<Word<Device>>,
    ) -> PyResult<Self> {
        let today = || DateTime::<Utc>::from(std::time::SystemTime::now()).date_naive();
        let import = Import {
            context,
            is_parent: parent,
            device: or_default(device),
            ..Import::new(ticker.0, last_seen_day.map_or_else(today, |day| day.0))
        };
        if let Some(bars) = bars {
            same_ticker(py, bars, import.ticker.as_str())?;
        }
        let bars = bars.map(PyBars::bars);
        tried(py, || import_pt(&path, &scaler, &import, bars)).map(Self::trained)
    }

    /// Write the network in a format of others, whole or not at all.
    ///
    /// Its metadata say how bars become rows and rows become numbers for the network, and where it is from. What a bundle has
    /// beyond the network (blend, effects of days, intervals, skill) is not in it.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): where to.
    ///     format (Literal["onnx", "safetensors"]): a graph that runtimes compute, or weights under PyTorch's names.
    ///     part (Literal["network", "forecaster"] | None): of ONNX the network alone, or from the scaled rows of a context to the
    ///         scaled rows of the forecast; None for the latter.
    ///
    /// Raises:
    ///     ConfigError: no such format.
    ///     StorageError: the disk refuses.
    #[pyo3(signature = (path, *, format = "onnx", part = None))]
    fn export(&self, py: Python<'_>, path: PathBuf, format: &str, part: Option<Word<OnnxGraph>>) -> PyResult<()> {
        let part = part.map(|word| word.0);
        tried(py, || {
            let format = ExportFormat::new(format, part)?;
            write_atomically(&path, &self.inner().export(format, self.version().as_deref())?)
        })
    }

    /// Forecast the sessions after the last of `bars`.
    ///
    /// Args:
    ///     bars (Bars): at least :attr:`needed_bars` sessions.
    ///
    /// Returns:
    ///     Forecast: with intervals, and the skill of this forecaster.
    ///
    /// Raises:
    ///     TooShortError: fewer sessions.
    ///     SkewError: it was trained on other features than this version computes.
    ///
    /// >>> import stockops
    /// >>> stockops.shipped_parent().predict(stockops.load_bars("^GSPC")).next_day.date
    /// datetime.date(2020, 4, 20)
    fn predict(&self, py: Python<'_>, bars: &PyBars) -> PyResult<PyForecast> {
        tried(py, || {
            self.check_features()?;
            self.inner().forecast(bars.bars())
        })
        .map(PyForecast)
    }

    /// The same network for another ticker, judged on all of its days that this one did not see; nothing is trained.
    ///
    /// Args:
    ///     bars (Bars): of the other ticker.
    ///
    /// Returns:
    ///     Forecaster: of that ticker.
    ///
    /// Raises:
    ///     SkewError: this one was trained on other features than this version computes.
    fn zero_shot(&self, py: Python<'_>, bars: &PyBars) -> PyResult<Self> {
        tried(py, || self.check_features())?;
        let (parent, bars) = (self.as_parent(), bars.bars());
        let forecaster = watched(py, None, |watch| zero_shot(&parent, bars, &watch.cancel_flag()))?;
        let mut made = Self::loaded(forecaster, None);
        // A registry can hold it against another on them.
        made.trained.bars = bars.clone();
        Ok(made)
    }

    /// str: whose forecaster.
    #[getter]
    fn ticker(&self) -> &str {
        self.inner().about().ticker.as_str()
    }

    /// str: ``parent``, ``freeze``, ``fine_tune``, ``zero_shot`` or ``scratch``.
    #[getter]
    fn strategy(&self) -> String {
        self.inner().about().role.to_string()
    }

    /// str | None: such as ``AMZN@3``; None for one that is in no registry.
    #[getter]
    fn version(&self) -> Option<String> {
        self.id.as_ref().map(VersionId::to_string)
    }

    /// int: sessions that it forecasts.
    #[getter]
    fn horizon(&self) -> usize {
        self.inner().horizon()
    }

    /// int: fewest sessions that it can forecast from.
    #[getter]
    fn needed_bars(&self) -> usize {
        self.inner().needed_bars()
    }

    /// datetime.date: last day that it or its parent saw in training, validation or calibration.
    #[getter]
    fn last_seen_day(&self) -> NaiveDate {
        self.inner().about().last_seen_day
    }

    /// dict[str, Any]: all that it knows about itself.
    #[getter]
    fn about<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, self.inner().about())
    }

    /// dict[str, dict[str, dict[str, Any]]] | None: ``1 - RMSE / RMSE of the rule`` by field and horizon, on held-out
    /// days; below 0 the rule is better; None where nothing could be held out, see :attr:`note`.
    ///
    /// ``best_rule`` is the rule that was best on the validation days, since nobody knows beforehand which one will be;
    /// :attr:`about` has the errors of all rules on the held-out days, among them rules that turned out better, and
    /// Diebold-Mariano's p.
    #[getter]
    fn skill<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.inner().about().evaluation.skill)
    }

    /// How it stated risk on its held-out days: value at risk, shortfall and touches, see ``docs/risk.md``.
    ///
    /// Its forecasts are made again, each from what was known on its day, so it takes a second or two.
    ///
    /// Args:
    ///     bars (Bars): those that hold its held-out days.
    ///
    /// Returns:
    ///     dict[str, dict[str, Any]]: by horizon, ``h1`` and so on; empty where too few days are held out.
    ///
    /// Raises:
    ///     ConfigError: bars of another ticker.
    fn risk_skill<'py>(&self, py: Python<'py>, bars: &PyBars) -> PyResult<Bound<'py, PyAny>> {
        same_ticker(py, bars, self.inner().about().ticker.as_str())?;
        let skill = tried(py, || risk_skill(self.inner(), bars.bars(), &CancelFlag::default()))?;
        json::value(py, &skill)
    }

    /// str: where the skill comes from, or why there is none.
    #[getter]
    fn note(&self) -> &str {
        &self.inner().about().evaluation.note
    }

    /// The :attr:`skill` as a frame: one row for each field and horizon.
    ///
    /// Args:
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: columns field, horizon, vs_persistence, vs_best_rule, best_rule; no row where there is no skill.
    #[pyo3(signature = (backend = "pandas"))]
    fn skill_frame<'py>(&self, py: Python<'py>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("stockops._frames")?.getattr("skill")?.call1((self.skill(py)?, backend))
    }

    /// LSTMModel: the network.
    #[getter]
    fn model(&self) -> PyLSTMModel {
        PyLSTMModel::new(self.inner().model().clone())
    }

    /// FeatureSet: columns and their order.
    #[getter]
    fn features(&self) -> PyFeatureSet {
        PyFeatureSet(self.inner().about().features.clone())
    }

    /// StandardScaler: fitted on training rows.
    #[getter]
    fn scaler(&self) -> PyStandardScaler {
        PyStandardScaler(self.inner().about().scaler.clone())
    }

    /// History: epochs of its training; empty for one that was loaded, and for zero-shot.
    #[getter]
    fn history(&self) -> PyHistory {
        PyHistory(self.trained.history.clone())
    }

    /// dict[str, Chart]: charts of it by file name, such as ``residuals.svg``, drawn from the bars that it was trained with;
    /// empty for one that was loaded, which has none.
    #[getter]
    fn charts(&self, py: Python<'_>) -> PyResult<std::collections::BTreeMap<String, Chart>> {
        Ok(self.drawn(py)?.into_iter().map(|(name, svg)| (name, Chart(svg))).collect())
    }

    fn __repr__(&self) -> String {
        let about = self.inner().about();
        let name = self.version().unwrap_or_else(|| about.ticker.to_string());
        format!("Forecaster('{name}', {}, saw days up to {})", about.role, about.last_seen_day)
    }

    /// Returns:
    ///     str: what it is, its residuals, and its skill.
    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let Trained { forecaster, bars, .. } = &self.trained;
        let residuals = if bars.is_empty() { String::new() } else { tried(py, || residual_svg(forecaster, bars))? };
        Ok(format!("{residuals}{}", html(&forecaster_markdown(forecaster))))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let maker = py.import("stockops._stockops")?.getattr("_forecaster")?;
        Ok((maker, (self.to_bytes(py)?, self.beside(py)?)).into_pyobject(py)?.into_any())
    }
}

/// A forecaster from what a pickle holds.
///
/// Args:
///     bundle (bytes): safetensors.
///     beside (str): JSON.
///
/// Returns:
///     Forecaster: the same.
#[pyfunction]
pub(crate) fn _forecaster(py: Python<'_>, bundle: &[u8], beside: &str) -> PyResult<PyForecaster> {
    PyForecaster::rebuilt(py, bundle, beside)
}

/// The parent that ships with the package: trained on :func:`parent_pool` up to the end of 2016.
///
/// Args:
///     device (str | None): where it runs; ``"cpu"``.
///
/// Returns:
///     Forecaster: version ``^GSPC@0``.
///
/// >>> import stockops
/// >>> stockops.shipped_parent().last_seen_day
/// datetime.date(2016, 12, 30)
#[pyfunction]
#[pyo3(signature = (*, device = None))]
pub(crate) fn shipped_parent(py: Python<'_>, device: Option<Word<Device>>) -> PyResult<PyForecaster> {
    let device = or_default(device);
    let Parent { forecaster, id } = tried(py, || find_parent(&MemoryRegistry::new(), device))?;
    Ok(PyForecaster::loaded(forecaster, Some(id)))
}
