//! `scratch`: no parent, a network from random weights.

use super::{Job, Transfer};
use crate::error::Result;
use crate::model::LSTMModel;
use crate::training::fit::History;
use crate::training::{TrainConfig, Watch};

pub(super) struct Scratch;

impl Transfer for Scratch {
    fn train_config(&self) -> TrainConfig {
        TrainConfig { epochs: 10, ..TrainConfig::default() }
    }

    fn needs_parent(&self) -> bool {
        false
    }

    fn network(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<(LSTMModel, History)> {
        job.trainer.parent(std::slice::from_ref(job.dataset), job.config, watch)
    }
}
