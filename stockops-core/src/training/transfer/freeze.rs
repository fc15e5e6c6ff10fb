//! `freeze`: the LSTM stays as it is, and the head is trained on hidden states that are computed once.

use super::{Job, Transfer};
use crate::dataset::Part;
use crate::error::Result;
use crate::model::{LSTMModel, Predictor};
use crate::training::fit::{History, fit};
use crate::training::samples::{Cached, Pool, Task};
use crate::training::{CancelFlag, Event, TrainConfig, Watch};

/// Windows whose hidden states are computed before the cancel flag is looked at again: about a tenth of a second.
const BETWEEN_CHECKS: usize = 512;

pub(super) struct Freeze;

impl Transfer for Freeze {
    fn train_config(&self) -> TrainConfig {
        TrainConfig { lr: 3e-4, epochs: 10, ..TrainConfig::default() }
    }

    fn network(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<(LSTMModel, History)> {
        let parent = job.parent()?;
        let predictor = parent.predictor()?;
        watch.tell(Event::Stage("hidden states of the frozen network"))?;
        let states = |part| hidden_states(job, &predictor, part, &watch.cancel_flag());
        let (train, validation) = (states(Part::Train)?, states(Part::Validation)?);
        let task = Task { train: &train, validation: &validation, features: &job.dataset.config().features };
        let (head, history) = fit(parent.head().clone(), job.trainer.device, &task, job.config, watch)?;
        Ok((parent.with_head(head), history))
    }
}

fn hidden_states<'a>(job: &Job<'a>, predictor: &Predictor, part: Part, cancel: &CancelFlag) -> Result<Cached<'a>> {
    let (windows, width) = (job.dataset.windows(part), job.parent()?.config().hidden);
    let contexts: Vec<_> = (0..windows.len()).map(|index| windows.context(index)).collect();
    let mut hidden = Vec::with_capacity(contexts.len() * width);
    for some in contexts.chunks(BETWEEN_CHECKS) {
        cancel.check()?;
        hidden.extend(predictor.hidden_states(some)?);
    }
    Ok(Cached { hidden, width, targets: Pool::new(vec![windows]) })
}
