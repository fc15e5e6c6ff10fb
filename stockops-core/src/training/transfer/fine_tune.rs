//! `fine-tune`: all weights of the parent are trained on, slowly.

use super::{Job, Transfer};
use crate::error::Result;
use crate::model::LSTMModel;
use crate::training::fit::History;
use crate::training::{TrainConfig, Watch};

pub(super) struct FineTune;

impl Transfer for FineTune {
    fn train_config(&self) -> TrainConfig {
        TrainConfig { lr: 1e-4, epochs: 10, ..TrainConfig::default() }
    }

    fn network(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<(LSTMModel, History)> {
        job.trainer.fit_all(job.parent()?.clone(), std::slice::from_ref(job.dataset), job.config, watch)
    }
}
