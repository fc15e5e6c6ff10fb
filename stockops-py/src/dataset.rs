//! `Dataset` and `StandardScaler`: scaled rows split by date, windows as views.

use chrono::NaiveDate;
use ndarray::{ArrayView3, Ix2, ShapeBuilder};
use numpy::datetime::{Datetime, units::Days};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use stockops_core::Dataset;
use stockops_core::dataset::{DatasetConfig, Encoding, Part, StandardScaler, TrainingRows};

use crate::arrays::{days, typed, view};
use crate::bars::PyBars;
use crate::features::PyFeatureSet;
use crate::json;
use crate::words::{Choice, Day};
use crate::work::tried;

/// Column-wise standardisation learned from training rows: ``z = (x - mean_) / scale_``.
///
/// Mean and deviation are the biased estimates of scikit-learn's class of that name; a constant column gets scale 1.
///
/// >>> import numpy, stockops
/// >>> scaler = stockops.StandardScaler.fit(numpy.array([[1.0, 10.0], [3.0, 10.0]]))
/// >>> scaler.transform(numpy.array([[5.0, 11.0]]))
/// array([[3., 1.]])
#[pyclass(name = "StandardScaler", module = "stockops", frozen, eq, from_py_object)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyStandardScaler(pub(crate) StandardScaler);

#[pymethods]
impl PyStandardScaler {
    /// Learn mean and scale.
    ///
    /// Args:
    ///     rows (numpy.typing.NDArray[numpy.float64]): training rows alone, (rows, columns).
    ///
    /// Returns:
    ///     StandardScaler: fitted.
    ///
    /// Raises:
    ///     TooShortError: no rows.
    #[staticmethod]
    fn fit(py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rows = typed::<f64, Ix2>("rows", rows)?;
        let view = rows.as_array();
        tried(py, || StandardScaler::fit(&[TrainingRows::whole(view)])).map(Self)
    }

    /// numpy.typing.NDArray[numpy.float64]: mean of each column.
    #[getter]
    fn mean_<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf.clone().into_any(), &ndarray::aview1(slf.get().0.mean()))
    }

    /// numpy.typing.NDArray[numpy.float64]: scale of each column, above 0.
    #[getter]
    fn scale_<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf.clone().into_any(), &ndarray::aview1(slf.get().0.scale()))
    }

    /// Scale rows into a new array.
    ///
    /// Args:
    ///     rows (numpy.typing.NDArray[numpy.float64]): (rows, columns); strided and read-only arrays are fine.
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float64]: the same shape.
    ///
    /// Raises:
    ///     ShapeError: another number of columns.
    fn transform<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rows = typed::<f64, Ix2>("rows", rows)?;
        let view = rows.as_array();
        Ok(tried(py, || self.0.transform(view))?.into_pyarray(py))
    }

    /// Undo :meth:`transform`.
    ///
    /// Args:
    ///     rows (numpy.typing.NDArray[numpy.float64]): (rows, columns).
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float64]: the same shape.
    ///
    /// Raises:
    ///     ShapeError: another number of columns.
    fn inverse_transform<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rows = typed::<f64, Ix2>("rows", rows)?;
        let view = rows.as_array();
        Ok(tried(py, || self.0.inverse(view))?.into_pyarray(py))
    }

    fn __repr__(&self) -> String {
        format!("StandardScaler({} columns)", self.0.columns())
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::reduce(py, "_scaler", &self.0)
    }
}

/// A scaler from the text that a pickle holds.
///
/// Args:
///     text (str): JSON.
///
/// Returns:
///     StandardScaler: the same.
#[pyfunction]
pub(crate) fn _scaler(py: Python<'_>, text: &str) -> PyResult<PyStandardScaler> {
    json::parsed(py, text).map(PyStandardScaler)
}

/// The samples of one ticker: scaled rows in float32, split by date into train, validation, calibration and test.
///
/// Args:
///     bars (Bars): at least 78 sessions with the settings of the library.
///     features (FeatureSet | None): columns and their order; None for the seven of the library.
///     encoding (Literal["stationary", "levels"] | None): rows that do not depend on the price level (the default of the
///         library), or raw values, for parity tests only.
///     context (int | None): sessions that the model sees; 60 in the library.
///     horizon (int | None): sessions that it predicts; 5 in the library.
///     to (datetime.date | str | None): last day that training, validation and calibration may see.
///     scaler (StandardScaler | None): fitted before, so that rows are in the units of a parent; None fits one on the
///         training rows.
///
/// Raises:
///     TooShortError: too few sessions for one window.
///     ConfigError: a setting outside its range.
///
/// >>> import stockops
/// >>> dataset = stockops.Dataset(stockops.load_bars("IBM"))
/// >>> x, y = dataset.windows("train")
/// >>> x.shape, y.shape  # (windows, context, features), (windows, horizon, features)
/// ((2215, 60, 7), (2215, 5, 7))
#[pyclass(name = "Dataset", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyDataset(pub(crate) Dataset);

#[pymethods]
impl PyDataset {
    #[new]
    #[pyo3(signature = (bars, *, features = None, encoding = None, context = None, horizon = None, to = None, scaler = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn new(
        py: Python<'_>,
        bars: &PyBars,
        features: Option<PyFeatureSet>,
        encoding: Option<Choice<Encoding>>,
        context: Option<usize>,
        horizon: Option<usize>,
        to: Option<Day>,
        scaler: Option<PyStandardScaler>,
    ) -> PyResult<Self> {
        let mut config = DatasetConfig::default();
        config.split.context = context.unwrap_or(config.split.context);
        config.split.horizon = horizon.unwrap_or(config.split.horizon);
        config.split.to = to.map(|day| day.0);
        config.features = features.map_or(config.features, |features| features.0);
        config.encoding = encoding.map_or(config.encoding, |word| word.0);
        tried(py, || match scaler {
            None => Dataset::new(bars.bars(), &config),
            Some(scaler) => Dataset::with_scaler(bars.bars(), &config, scaler.0),
        })
        .map(Self)
    }

    /// str: whose samples.
    #[getter]
    fn ticker(&self) -> &str {
        self.0.ticker().as_str()
    }

    /// list[str]: names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.config().features.names()
    }

    /// numpy.typing.NDArray[numpy.datetime64]: days of the rows.
    #[getter]
    fn dates<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<Datetime<Days>>> {
        days(py, self.0.days().iter().copied())
    }

    /// numpy.typing.NDArray[numpy.float32]: scaled rows, (sessions, features), a read-only view.
    #[getter]
    fn rows<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray2<f32>> {
        view(slf.clone().into_any(), &slf.get().0.rows())
    }

    /// StandardScaler: fitted on training rows.
    #[getter]
    fn scaler(&self) -> PyStandardScaler {
        PyStandardScaler(self.0.scaler().clone())
    }

    /// dict[str, dict[str, Any]]: of each part its windows (``n``), and the first and last day of its rows.
    #[getter]
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parts = PyDict::new(py);
        for part in Part::ALL {
            let rows = self.0.split().rows(part);
            let days: &[NaiveDate] = self.0.days().get(rows).unwrap_or_default();
            let entry = PyDict::new(py);
            entry.set_item("n", self.0.windows(part).len())?;
            entry.set_item("first_day", days.first())?;
            entry.set_item("last_day", days.last())?;
            parts.set_item(json::value(py, &part)?, entry)?;
        }
        Ok(parts)
    }

    /// The windows of one part, as read-only views of :attr:`rows`: nothing is copied.
    ///
    /// Args:
    ///     part (Literal["train", "validation", "calibration", "test"]): which part; a window belongs to the part of its
    ///         first target day, and none crosses a border.
    ///
    /// Returns:
    ///     tuple[numpy.typing.NDArray[numpy.float32], numpy.typing.NDArray[numpy.float32]]: contexts (windows, context,
    ///         features) and targets (windows, horizon, features).
    ///
    /// Raises:
    ///     ConfigError: another word.
    fn windows<'py>(
        slf: &Bound<'py, Self>,
        part: Choice<Part>,
    ) -> (Bound<'py, PyArray3<f32>>, Bound<'py, PyArray3<f32>>) {
        let dataset = &slf.get().0;
        let split = &dataset.config().split;
        let targets = dataset.split().first_targets(part.0);
        let contexts = targets.start - split.context.min(targets.start);
        (
            stacked(slf, contexts, targets.len(), split.context),
            stacked(slf, targets.start, targets.len(), split.horizon),
        )
    }

    fn __repr__(&self) -> String {
        let of = |part| self.0.windows(part).len();
        let [train, validation, calibration, test] = Part::ALL.map(of);
        format!(
            "Dataset('{}', windows: {train} train, {validation} validation, {calibration} calibration, {test} test)",
            self.ticker()
        )
    }
}

/// `count` windows of `length` rows, one row apart from `first` on, (count, length, features).
fn stacked<'py>(
    dataset: &Bound<'py, PyDataset>,
    first: usize,
    count: usize,
    length: usize,
) -> Bound<'py, PyArray3<f32>> {
    let rows = dataset.get().0.rows();
    let width = rows.ncols();
    let all = rows.to_slice().unwrap_or_default();
    // No window needs no place, but ndarray wants room for one.
    let from = if count == 0 { all } else { &all[first * width..] };
    let shape = (count, length, width).strides((width, width, 1));
    let windows = ArrayView3::from_shape(shape, from).expect("windows lie inside of the rows");
    view(dataset.clone().into_any(), &windows)
}
