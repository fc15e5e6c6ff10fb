//! `Chart`: SVG that shows itself in a notebook.

use std::path::PathBuf;

use pyo3::prelude::*;
use stockops_core::files::write_atomically;

use crate::work::tried;

/// A chart as SVG, without script and without anything from the net.
///
/// It shows itself in a notebook and follows the reader's light or dark setting; ``str(chart)`` is its text.
///
/// Args:
///     svg (str): the text.
///
/// >>> import stockops
/// >>> chart = stockops.load_bars("AMZN").plot()
/// >>> str(chart)[:4]
/// '<svg'
#[pyclass(module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chart(pub(crate) String);

#[pymethods]
impl Chart {
    #[new]
    fn new(svg: String) -> Self {
        Self(svg)
    }

    /// Write the chart to a file, whole or not at all.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): where to; by custom it ends in ``.svg``.
    ///
    /// Raises:
    ///     StorageError: the disk refuses.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        tried(py, || write_atomically(&path, self.0.as_bytes()))
    }

    /// Returns:
    ///     str: the SVG.
    fn _repr_svg_(&self) -> &str {
        &self.0
    }

    fn __str__(&self) -> &str {
        &self.0
    }

    fn __repr__(&self) -> String {
        format!("Chart({} bytes of SVG)", self.0.len())
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, pyo3::types::PyType>, (String,)) {
        (slf.get_type(), (slf.get().0.clone(),))
    }
}
