//! One child of many, as bytes in and bytes out, so that any executor can train it.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::{Deserialize, Serialize};
use stockops_core::pipeline::Parent;
use stockops_core::registry::VersionId;
use stockops_core::{Bars, Error, Forecaster, Ticker};

use crate::bars::PyBars;
use crate::error::{class, raised, text};
use crate::forecaster::PyForecaster;
use crate::json;
use crate::training::{ChildOptions, PyTransferTrainer};
use crate::words::Day;
use crate::work::interruptible;

/// What is to be done, beside the bytes of the parent's bundle.
#[derive(Serialize, Deserialize)]
struct Order {
    trainer: PyTransferTrainer,
    options: ChildOptions,
    bars: Bars,
    /// Name of the parent; none for the shipped one.
    parent: Option<(Ticker, u32)>,
}

/// What came of it, beside the bytes of the child's bundle.
#[derive(Serialize, Deserialize)]
enum Answer {
    /// The rest of a forecaster.
    Trained(String),
    /// Class and text of the exception.
    Failed(String, String),
}

/// The work of one child as bytes.
///
/// Args:
///     bars (Bars): of the child.
///     trainer (TransferTrainer): how.
///     parent (Forecaster | None): None for the shipped one.
///     history (int | None): keep only so many sessions before the test.
///     to (datetime.date | str | None): last day that it may see.
///     allow_parent_leak (bool): test on days that the parent saw.
///     compare (bool): hold it against its parent and a network from nothing.
///     by_reference (bool): leave the parent's bundle out, which is given apart.
///
/// Returns:
///     bytes: for :func:`_train_child`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
pub(crate) fn _child_order<'py>(
    py: Python<'py>,
    bars: &PyBars,
    trainer: &PyTransferTrainer,
    parent: Option<&PyForecaster>,
    history: Option<usize>,
    to: Option<Day>,
    allow_parent_leak: bool,
    compare: bool,
    by_reference: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let order = Order {
        trainer: trainer.clone(),
        options: ChildOptions { to: to.map(|day| day.0), history, allow_parent_leak, compare },
        bars: bars.bars().clone(),
        parent: parent.map(|parent| parent.as_parent().id).map(|id| (id.ticker, id.version)),
    };
    let bundle = parent.filter(|_| !by_reference).map(|parent| parent.to_bytes(py)).transpose()?;
    let bundle = bundle.as_ref().map(|bundle| bundle.as_bytes()).unwrap_or_default();
    Ok(PyBytes::new(py, &packed(&json::text(py, &order)?, bundle)))
}

/// Train one child; whatever goes wrong is in the answer, but for Ctrl-C.
///
/// Args:
///     order (bytes): of :func:`_child_order`.
///     parent (bytes | None): the parent's bundle, where the order is without it.
///
/// Returns:
///     bytes: for :func:`_child_answer`.
#[pyfunction]
#[pyo3(signature = (order, parent = None))]
pub(crate) fn _train_child<'py>(py: Python<'py>, order: &[u8], parent: Option<&[u8]>) -> PyResult<Bound<'py, PyBytes>> {
    let (head, own) = unpacked(py, order)?;
    let bundle = parent.unwrap_or(own);
    let Order { trainer, options, bars, parent } = json::parsed(py, head)?;
    let trained = interruptible(py, None, |watch| {
        let named = |(ticker, version)| VersionId { ticker, version };
        let parent = parent.map(named).map(|id| {
            Ok::<_, Error>(Parent {
                forecaster: Forecaster::from_bytes(&id.to_string(), bundle, trainer.device())?,
                id,
            })
        });
        trainer.child(&bars, parent.transpose()?.as_ref(), &options, watch)
    })?;
    let answer = match trained {
        Ok(trained) => {
            let forecaster = PyForecaster::trained(trained);
            let answer = json::text(py, &Answer::Trained(forecaster.beside(py)?))?;
            packed(&answer, forecaster.to_bytes(py)?.as_bytes())
        }
        Err(error) => packed(&json::text(py, &Answer::Failed(class(&error).into(), text(&error)))?, &[]),
    };
    Ok(PyBytes::new(py, &answer))
}

/// The child that an executor trained.
///
/// Args:
///     answer (bytes): of :func:`_train_child`.
///
/// Returns:
///     Forecaster: trained.
///
/// Raises:
///     StockopsError: what went wrong there.
#[pyfunction]
pub(crate) fn _child_answer(py: Python<'_>, answer: &[u8]) -> PyResult<PyForecaster> {
    let (head, bundle) = unpacked(py, answer)?;
    match json::parsed(py, head)? {
        Answer::Trained(beside) => PyForecaster::rebuilt(py, bundle, &beside),
        Answer::Failed(class, text) => Err(raised(py, &class, text)),
    }
}

/// Length of the head, head, rest.
fn packed(head: &str, rest: &[u8]) -> Vec<u8> {
    [&(head.len() as u64).to_le_bytes(), head.as_bytes(), rest].concat()
}

fn unpacked<'a>(py: Python<'_>, bytes: &'a [u8]) -> PyResult<(&'a str, &'a [u8])> {
    let parts = || {
        let (length, rest) = bytes.split_at_checked(8)?;
        let length = u64::from_le_bytes(length.try_into().ok()?);
        let (head, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some((std::str::from_utf8(head).ok()?, rest))
    };
    parts().ok_or_else(|| raised(py, "BundleError", "these are not the bytes of a child; send them whole".into()))
}
