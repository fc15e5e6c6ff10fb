//! Python objects as JSON values and back, strictly: what would come back as something else is refused.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Number, Value};
use stockops_core::error::Fault;
use stockops_core::graph::Object;

use super::failure::fault_to_py;

/// Lists in lists: a checkpoint that is deeper could not be read.
const DEEPEST: usize = 100;

/// `object` as JSON; the error names it as `what`.
pub(crate) fn to_value(what: &str, object: &Bound<'_, PyAny>) -> PyResult<Value> {
    read(object, 0).map_err(|problem| fault_to_py(&Fault::Value { what: what.into(), problem }))
}

/// A value that has to be an object.
pub(crate) fn to_object(what: &str, value: Value) -> PyResult<Object> {
    match value {
        Value::Object(object) => Ok(object),
        _ => {
            let problem = format!("it must be a dict of fields, got {value}");
            Err(fault_to_py(&Fault::Value { what: what.into(), problem }))
        }
    }
}

fn read(object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, String> {
    let kind = || object.get_type().name().map_or_else(|_| "an object".into(), |name| name.to_string());
    if depth > DEEPEST {
        return Err(format!("it is nested more than {DEEPEST} times"));
    }
    if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(flag) = object.cast::<PyBool>() {
        Ok(flag.is_true().into())
    } else if let Ok(text) = object.cast::<PyString>() {
        text.to_str().map(Value::from).map_err(|_| "a text is no Unicode".into())
    } else if object.is_instance_of::<PyInt>() {
        let small = object.extract::<i64>().map(Value::from);
        small
            .or_else(|_| object.extract::<u64>().map(Value::from))
            .map_err(|_| "an integer has more than 64 bits".into())
    } else if object.is_instance_of::<PyFloat>() {
        let number = object.extract().ok().and_then(Number::from_f64);
        number.map(Value::Number).ok_or_else(|| "NaN and infinities are no JSON values; give None".into())
    } else if let Ok(dict) = object.cast::<PyDict>() {
        dict.iter()
            .map(|(key, value)| Ok((name(&key)?, read(&value, depth + 1)?)))
            .collect::<Result<_, _>>()
            .map(Value::Object)
    } else if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let items = object.try_iter().map_err(|error| error.to_string())?;
        items.map(|item| read(&item.map_err(|error| error.to_string())?, depth + 1)).collect()
    } else {
        Err(format!("{} is no JSON value; convert it first", kind()))
    }
}

fn name(key: &Bound<'_, PyAny>) -> Result<String, String> {
    key.extract().map_err(|_| format!("a key must be a str, got {key}"))
}

/// A JSON value as dicts, lists, strings and numbers.
pub(crate) fn from_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (_, Some(number)) => number.into_pyobject(py)?.into_any(),
            _ => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            items.iter().try_for_each(|item| list.append(from_value(py, item)?))?;
            list.into_any()
        }
        Value::Object(object) => from_object(py, object)?.into_any(),
    })
}

/// A JSON object as a dict.
pub(crate) fn from_object<'py>(py: Python<'py>, object: &Object) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    object.iter().try_for_each(|(name, value)| dict.set_item(name, from_value(py, value)?))?;
    Ok(dict)
}
