//! Values of core as JSON: records become dicts, and pickles hold text.

use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::raised;

/// `value` as dicts, lists, strings and numbers.
pub(crate) fn value<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.getattr("loads")?.call1((text(py, value)?,))
}

/// `value` as text.
pub(crate) fn text(py: Python<'_>, value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| raised(py, "BundleError", error.to_string()))
}

/// A value from text that [`text`] made.
pub(crate) fn parsed<T: DeserializeOwned>(py: Python<'_>, text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| raised(py, "BundleError", format!("this pickle is damaged: {error}")))
}

/// What `__reduce__` gives: the private function `maker` of the module, and the text that it reads.
pub(crate) fn reduce<'py>(py: Python<'py>, maker: &str, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let maker = py.import("stockops._stockops")?.getattr(maker)?;
    Ok((maker, (text(py, value)?,)).into_pyobject(py)?.into_any())
}
