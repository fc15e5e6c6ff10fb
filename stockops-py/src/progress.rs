//! `Progress`: one event of long work.

use pyo3::prelude::*;
use stockops_core::training::Event;

/// One event of long work, as a progress callback gets it.
///
/// What an event does not have is None.
///
/// >>> import stockops
/// >>> kinds = []
/// >>> trainer = stockops.TransferTrainer(n_epochs=1)
/// >>> child = trainer.fit(stockops.load_bars("MSFT"), progress=lambda event: kinds.append(event.kind))
/// >>> kinds[0], kinds[-1]
/// ('stage', 'stage')
#[pyclass(module = "stockops", frozen, get_all)]
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// str: ``"stage"``, ``"begin"``, ``"batch"`` or ``"epoch"``.
    kind: &'static str,
    /// str | None: name of the stage that begins.
    stage: Option<String>,
    /// int | None: epoch, from 1.
    epoch: Option<usize>,
    /// int | None: epochs of the training that begins, at most.
    n_epochs: Option<usize>,
    /// int | None: batch in the epoch, from 1.
    batch: Option<usize>,
    /// int | None: batches of an epoch of the training that begins.
    n_batches: Option<usize>,
    /// float | None: mean loss over the training windows of the epoch that ended.
    train_loss: Option<f64>,
    /// float | None: mean loss over the validation windows after it.
    val_loss: Option<f64>,
    /// float | None: learning rate of the epoch.
    lr: Option<f64>,
}

impl Progress {
    pub(crate) fn of(event: Event<'_>) -> Self {
        let none = Self::default();
        match event {
            Event::Stage(stage) => Self { kind: "stage", stage: Some(stage.to_owned()), ..none },
            Event::Begin { epochs, batches } => {
                Self { kind: "begin", n_epochs: Some(epochs), n_batches: Some(batches), ..none }
            }
            Event::Batch { epoch, batch } => Self { kind: "batch", epoch: Some(epoch), batch: Some(batch), ..none },
            Event::Epoch(epoch) => Self {
                kind: "epoch",
                epoch: Some(epoch.epoch),
                train_loss: Some(epoch.train_loss),
                val_loss: epoch.val_loss,
                lr: Some(epoch.lr),
                ..none
            },
            _ => Self { kind: "other", ..none },
        }
    }
}

#[pymethods]
impl Progress {
    fn __repr__(&self) -> String {
        let named = |name: &str, value: Option<String>| value.map(|value| format!(", {name}={value}"));
        let number = |value: Option<usize>| value.map(|value| value.to_string());
        let loss = |value: Option<f64>| value.map(|value| format!("{value:.6}"));
        let rest = [
            named("stage", self.stage.as_ref().map(|stage| format!("'{stage}'"))),
            named("epoch", number(self.epoch)),
            named("n_epochs", number(self.n_epochs)),
            named("batch", number(self.batch)),
            named("n_batches", number(self.n_batches)),
            named("train_loss", loss(self.train_loss)),
            named("val_loss", loss(self.val_loss)),
        ];
        format!("Progress(kind='{}'{})", self.kind, rest.into_iter().flatten().collect::<String>())
    }
}
