//! Tables in and out by the Arrow C stream: no library of tables is needed on either side.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchIterator, StringArray, TimestampNanosecondArray};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use stockops_core::Ticker;

use crate::error::raised;

const NAME: &CStr = c"arrow_array_stream";

/// The batches of `frame`: of its own Arrow stream, or of one that `stockops._frames` makes of its columns.
pub(crate) fn import(frame: &Bound<'_, PyAny>, ticker: &Ticker) -> PyResult<ArrowArrayStreamReader> {
    let py = frame.py();
    let capsule = py.import("stockops._frames")?.getattr("stream")?.call1((frame, ticker.as_str()))?;
    let pointer = capsule.cast::<PyCapsule>()?.pointer_checked(Some(NAME))?;
    // SAFETY: the name says that it is such a stream; it is moved out, and the capsule keeps one that is released.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
    ArrowArrayStreamReader::try_new(stream)
        .map_err(|error| raised(py, "DtypeError", format!("the frame gives no Arrow stream: {error}")))
}

/// A stream of one batch, whose buffers are shared and not copied.
pub(crate) fn export(py: Python<'_>, batch: RecordBatch) -> PyResult<Bound<'_, PyCapsule>> {
    let schema = batch.schema();
    let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema)));
    PyCapsule::new_with_value(py, stream, NAME)
}

/// Columns as an Arrow stream: for frames that have none of their own.
///
/// Args:
///     columns (list[tuple[str, str, Any]]): name, kind and values of each column: ``"number"`` with float64,
///         ``"instant"`` and ``"time"`` with int64 nanoseconds (with and without a time zone), ``"text"`` with a list
///         of str or None.
///
/// Returns:
///     Any: a capsule named ``arrow_array_stream``.
#[pyfunction]
pub(crate) fn _stream(py: Python<'_>, columns: Vec<(String, String, Bound<'_, PyAny>)>) -> PyResult<Py<PyCapsule>> {
    let made =
        columns.iter().map(|(name, kind, values)| Ok((name, column(kind, values)?))).collect::<PyResult<Vec<_>>>()?;
    let batch = RecordBatch::try_from_iter(made).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(export(py, batch)?.unbind())
}

fn column(kind: &str, values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    Ok(match kind {
        "number" => Arc::new(Float64Array::from(values.cast::<PyArray1<f64>>()?.readonly().as_array().to_vec())),
        "instant" => Arc::new(times(values)?.with_timezone("UTC")),
        "time" => Arc::new(times(values)?),
        _ => Arc::new(StringArray::from(values.extract::<Vec<Option<String>>>()?)),
    })
}

/// numpy marks a missing time by the smallest number.
fn times(values: &Bound<'_, PyAny>) -> PyResult<TimestampNanosecondArray> {
    let values = values.cast::<PyArray1<i64>>()?.readonly();
    Ok(values.as_array().iter().map(|time| (*time != i64::MIN).then_some(*time)).collect())
}
