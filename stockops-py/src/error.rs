//! Errors of core as Python exceptions: one `match`, the text of core.

use std::io;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use stockops_core::Error;
use stockops_core::error::{Fault, Trouble};

use crate::graph::cause;

/// Settings that bear another name in Python, so that a message names what the caller wrote.
const RENAMED: [(&str, &str); 10] = [
    ("batch", "batch_size"),
    ("clip", "max_grad_norm"),
    ("count", "n"),
    ("epochs", "n_epochs"),
    ("folds", "n_folds"),
    ("hidden", "hidden_dim"),
    ("layers", "n_layers"),
    ("seeds", "n_seeds"),
    ("stop_after", "early_stopping"),
    ("ttl", "ttl_days"),
];

/// The exception of `error`, with its source as `__cause__`.
pub(crate) fn to_py(error: Error) -> PyErr {
    Python::attach(|py| {
        let exception = raised(py, class(&error), text(&error));
        if let Error::Storage { source, .. } = &error {
            exception.set_cause(py, Some(os_error(source)));
        }
        if let Error::Network { .. } | Error::Online { .. } | Error::Graph { .. } = &error {
            // An exception that cannot be told more of is still the exception.
            let _ = exception.value(py).setattr("kind", error.kind());
        }
        if let Error::Network { trouble: Trouble::RateLimited { wait }, .. } = &error {
            let _ = exception.value(py).setattr("wait", wait.as_secs_f64());
        }
        if let Error::Node { node, tries, source, .. } = error {
            let _ = exception.value(py).setattr("node", node);
            let _ = exception.value(py).setattr("tries", tries);
            exception.set_cause(py, Some(cause(source)));
        }
        exception
    })
}

/// Name of the class in `stockops._errors`.
pub(crate) fn class(error: &Error) -> &'static str {
    match error {
        Error::Config { .. } => "ConfigError",
        Error::Ticker { .. } => "TickerError",
        Error::Bar { .. } | Error::Series { .. } => "BarError",
        Error::File { problem, .. } if problem.starts_with("no such file") => "MissingFileError",
        Error::File { .. } => "FileError",
        Error::Stale { .. } => "StaleError",
        Error::Network { .. } => "NetworkError",
        Error::Shape { .. } => "ShapeError",
        Error::TooShort { .. } => "TooShortError",
        Error::NotFound { .. } => "NotFoundError",
        Error::Leak { .. } | Error::ParentLeak { .. } => "LeakError",
        Error::Bundle { .. } => "BundleError",
        Error::Skew { .. } => "SkewError",
        Error::Online { .. } => "OnlineError",
        Error::Device { .. } => "DeviceError",
        Error::Diverged { .. } => "DivergedError",
        Error::Busy { .. } => "BusyError",
        Error::Cancelled => "CancelledError",
        Error::Storage { .. } => "StorageError",
        Error::Graph { fault, .. } => fault_class(fault),
        Error::Node { .. } => "NodeError",
        _ => "StockopsError",
    }
}

/// Name of the class of a fault of a graph.
pub(crate) fn fault_class(fault: &Fault) -> &'static str {
    match fault {
        Fault::Steps { .. } | Fault::Budget { .. } => "LimitError",
        Fault::Stopped => "CancelledError",
        _ => "GraphError",
    }
}

/// The text of `error`, with the names that the caller knows.
pub(crate) fn text(error: &Error) -> String {
    if let Error::Config { field, rule, got } = error
        && let Some((_, python)) = RENAMED.iter().find(|(core, _)| core == field)
    {
        return Error::Config { field: python, rule, got: got.clone() }.to_string();
    }
    match hint(error) {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}

/// The arguments that help: the library does not know them.
fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Leak { .. } => Some("the arguments are `to` of fit_parent, and allow_parent_leak=True"),
        Error::ParentLeak { .. } => Some("bars of the index: `index`"),
        Error::Device { .. } => Some("the wheel has cpu alone"),
        _ => None,
    }
}

/// An exception of `class`, a name in `stockops._errors`, for what core does not know: dtypes, pickles.
pub(crate) fn raised(py: Python<'_>, class: &str, text: String) -> PyErr {
    let made = || py.import("stockops._errors")?.getattr(class)?.call1((text,));
    made().map_or_else(|error| error, PyErr::from_value)
}

fn os_error(source: &io::Error) -> PyErr {
    match source.raw_os_error() {
        // With a number Python picks the class itself, such as PermissionError.
        Some(number) => PyOSError::new_err((number, source.to_string())),
        None => PyOSError::new_err(source.to_string()),
    }
}
