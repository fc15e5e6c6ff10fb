//! Exceptions of nodes as failures, and failures as exceptions.

use std::fmt;

use pyo3::exceptions::PyTimeoutError;
use pyo3::prelude::*;
use stockops_core::Error;
use stockops_core::error::Fault;
use stockops_core::graph::{Failure, Hopeless};

use crate::error::{fault_class, raised, to_py};

/// A Python exception as the failure of a node.
#[derive(Debug)]
pub(crate) struct Raised(pub(crate) PyErr);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Raised {}

impl From<PyErr> for Raised {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

/// The exception that a failure is: that of the node itself where it has raised one.
pub(crate) fn cause(failure: Failure) -> PyErr {
    let failure = failure.downcast::<Hopeless>().map_or_else(|failure| failure, |hopeless| hopeless.0);
    let failure = match failure.downcast::<Raised>() {
        Ok(raised) => return raised.0,
        Err(failure) => failure,
    };
    match failure.downcast::<Error>() {
        Ok(error) => to_py(*error),
        Err(failure) => match failure.downcast::<Fault>() {
            Ok(fault) => fault_to_py(&fault),
            Err(failure) => Python::attach(|py| raised(py, "StockopsError", failure.to_string())),
        },
    }
}

/// The exception of a fault that no graph is named for.
pub(crate) fn fault_to_py(fault: &Fault) -> PyErr {
    if let Fault::TimedOut { .. } = fault {
        return PyTimeoutError::new_err(fault.to_string());
    }
    Python::attach(|py| {
        let exception = raised(py, fault_class(fault), fault.to_string());
        // An exception that cannot be told more of is still the exception.
        let _ = exception.value(py).setattr("kind", fault.kind());
        exception
    })
}
