//! `FeatureSet` and `Frame`: which columns, and their values.

use numpy::PyArray1;
use numpy::PyArray2;
use numpy::datetime::{Datetime, units::Days};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use stockops_core::{Feature, FeatureSet, Frame};

use crate::arrays::{days, view};
use crate::bars::PyBars;
use crate::error::to_py;
use crate::words::Word;
use crate::work::tried;

/// Which features, in which order.
///
/// Words are ``Open High Low Close Volume MACD LogReturn Overnight Range``, and with a period ``RSI14 RSI14_wilder RSI14_ema EMA20
/// SMA20 ATR14 BB20_upper BB20_lower``, volatilities by Garman-Klass, Rogers-Satchell and Yang-Zhang ``GK20 RS20 YZ20``, and
/// semivariances ``SV20_down SV20_up``.
///
/// Args:
///     features (Sequence[str] | None): the words; None for the seven that the shipped parent was trained on.
///
/// Raises:
///     ConfigError: an unknown word, none at all, or one twice.
///
/// >>> import stockops
/// >>> stockops.FeatureSet()
/// FeatureSet(['Open', 'High', 'Low', 'Close', 'Volume', 'RSI14', 'MACD'])
/// >>> frame = stockops.FeatureSet(["Close", "SMA20"]).transform(stockops.load_bars("IBM"))
/// >>> frame.values.shape  # (sessions after the warm-up of 19, features)
/// (3251, 2)
#[pyclass(name = "FeatureSet", module = "stockops", frozen, eq, hash, from_py_object)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PyFeatureSet(pub(crate) FeatureSet);

#[pymethods]
impl PyFeatureSet {
    #[new]
    #[pyo3(signature = (features = None))]
    fn new(features: Option<Vec<Word<Feature>>>) -> PyResult<Self> {
        match features {
            None => Ok(Self(FeatureSet::default())),
            Some(words) => FeatureSet::new(words.into_iter().map(|word| word.0).collect()).map(Self).map_err(to_py),
        }
    }

    /// list[str]: the words in order.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.names()
    }

    /// int: sessions at the front that are lost to the warm-up.
    #[getter]
    fn lookback(&self) -> usize {
        self.0.lookback()
    }

    /// The words in order, under scikit-learn's name.
    ///
    /// Returns:
    ///     list[str]: the same as :attr:`names`.
    fn get_feature_names_out(&self) -> Vec<String> {
        self.0.names()
    }

    /// Compute the features of `bars`; a value never depends on a later bar.
    ///
    /// Args:
    ///     bars (Bars): at least one session more than :attr:`lookback`.
    ///
    /// Returns:
    ///     Frame: one row a session after the warm-up.
    ///
    /// Raises:
    ///     TooShortError: no row would be left.
    fn transform(&self, py: Python<'_>, bars: &PyBars) -> PyResult<PyFrame> {
        tried(py, || self.0.frame(bars.bars())).map(PyFrame)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        let words: Vec<String> = self.0.names().iter().map(|name| format!("'{name}'")).collect();
        format!("FeatureSet([{}])", words.join(", "))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, pyo3::types::PyType>, (Vec<String>,)) {
        (slf.get_type(), (slf.get().names(),))
    }
}

/// Features of one ticker, one row a session. Made by :meth:`FeatureSet.transform`.
///
/// >>> import stockops
/// >>> frame = stockops.FeatureSet(["Close", "RSI14"]).transform(stockops.load_bars("MSFT"))
/// >>> frame
/// Frame('MSFT', 1498 sessions of Close, RSI14)
/// >>> frame.values.flags.writeable
/// False
#[pyclass(name = "Frame", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyFrame(Frame);

#[pymethods]
impl PyFrame {
    /// str: whose features.
    #[getter]
    fn ticker(&self) -> &str {
        self.0.ticker().as_str()
    }

    /// list[str]: names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.features().names()
    }

    /// numpy.typing.NDArray[numpy.datetime64]: days of the rows.
    #[getter]
    fn dates<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<Datetime<Days>>> {
        days(py, self.0.dates())
    }

    /// numpy.typing.NDArray[numpy.float64]: the values, (sessions, features), a read-only view.
    #[getter]
    fn values<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray2<f64>> {
        view(slf.clone().into_any(), &slf.get().0.values())
    }

    /// A frame of the values, index ``date``.
    ///
    /// Args:
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library.
    #[pyo3(signature = (backend = "pandas"))]
    fn to_frame<'py>(slf: &Bound<'py, Self>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        let (py, frame) = (slf.py(), &slf.get().0);
        let columns = PyDict::new(py);
        columns.set_item("date", slf.get().dates(py))?;
        for (name, column) in slf.get().columns().into_iter().zip(frame.values().columns()) {
            columns.set_item(name, view(slf.clone().into_any(), &column))?;
        }
        py.import("stockops._frames")?.getattr("frame")?.call1((columns, backend))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("Frame('{}', {} sessions of {})", self.ticker(), self.0.len(), self.columns().join(", "))
    }
}
