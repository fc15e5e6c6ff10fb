//! numpy: read-only views of what Rust holds, and arrays that come in.

use chrono::NaiveDate;
use ndarray::{ArrayBase, Data, Dimension, Ix3, RawData};
use numpy::datetime::{Datetime, units::Days};
use numpy::{
    Element, PyArray, PyArray1, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use stockops_core::Error;

use crate::error::{raised, to_py};

/// A read-only view of `values`, which lie inside of `owner`.
///
/// `owner` must be a frozen class whose `values` neither move nor change while it lives.
pub(crate) fn view<'py, S, D>(
    owner: Bound<'py, PyAny>,
    values: &ArrayBase<S, D>,
) -> Bound<'py, PyArray<<S as RawData>::Elem, D>>
where
    S: Data,
    S::Elem: Element,
    D: Dimension,
{
    // SAFETY: see above; numpy keeps a reference to `owner` as the base of the array.
    let array = unsafe { PyArray::borrow_from_array(values, owner) };
    array.readwrite().make_nonwriteable();
    array
}

/// Days as `datetime64[D]`.
pub(crate) fn days<'py>(
    py: Python<'py>,
    days: impl Iterator<Item = NaiveDate>,
) -> Bound<'py, PyArray1<Datetime<Days>>> {
    let days = days.map(|day| Datetime::from(i64::from(day.to_epoch_days())));
    PyArray1::from_iter(py, days)
}

/// `array` as numbers of type `T` in as many dimensions as `D`; strided and read-only ones are taken as they are.
pub(crate) fn typed<'py, T: Element, D: Dimension>(
    name: &str,
    array: &Bound<'py, PyAny>,
) -> PyResult<PyReadonlyArray<'py, T, D>> {
    let py = array.py();
    let wanted = numpy::dtype::<T>(py);
    let Ok(untyped) = array.cast::<PyUntypedArray>() else {
        let kind = array.get_type().name()?;
        let text = format!("{name} must be a numpy array of {wanted}, got {kind}; use numpy.asarray");
        return Err(raised(py, "DtypeError", text));
    };
    let dtype = untyped.dtype();
    if !dtype.is_equiv_to(&wanted) {
        let text = format!("{name} must be a numpy array of {wanted}, got {dtype}; use {name}.astype(\"{wanted}\")");
        return Err(raised(py, "DtypeError", text));
    }
    let (given, dimensions) = (untyped.ndim(), D::NDIM);
    if let Some(dimensions) = dimensions.filter(|dimensions| *dimensions != given) {
        let text = format!("{name}: expected {dimensions} dimensions, got shape {:?}", untyped.shape());
        return Err(raised(py, "ShapeError", text));
    }
    Ok(array.cast::<PyArray<T, D>>()?.readonly())
}

/// Contexts (batch, context, `features`).
pub(crate) fn contexts<'py>(array: &Bound<'py, PyAny>, features: usize) -> PyResult<PyReadonlyArray<'py, f32, Ix3>> {
    let array = typed::<f32, Ix3>("x", array)?;
    let (batch, steps, width) = array.as_array().dim();
    if steps >= 1 && width == features {
        return Ok(array);
    }
    let (expected, got) = (vec![batch, steps.max(1), features], vec![batch, steps, width]);
    Err(to_py(Error::Shape { what: "x (batch, context, features)".into(), expected, got }))
}
