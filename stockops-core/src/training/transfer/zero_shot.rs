//! `zero-shot`: nothing is trained; the network is the parent's.

use super::{Job, Transfer};
use crate::error::Result;
use crate::model::LSTMModel;
use crate::training::fit::History;
use crate::training::{TrainConfig, Watch};

pub(super) struct ZeroShot;

impl Transfer for ZeroShot {
    fn train_config(&self) -> TrainConfig {
        TrainConfig { epochs: 10, ..TrainConfig::default() }
    }

    fn learns(&self) -> bool {
        false
    }

    fn network(&self, job: &Job<'_>, _: &mut Watch<'_>) -> Result<(LSTMModel, History)> {
        Ok((job.parent()?.clone(), History { epochs: Vec::new(), best: 0 }))
    }
}
