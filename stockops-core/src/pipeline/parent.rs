//! `train_parent`: from long histories to a forecaster that children come from.

use super::Trained;
use super::judge::{Judgement, judge, windows_of};
use crate::dataset::{Dataset, DatasetConfig, Part};
use crate::error::{Error, Result};
use crate::forecast::{About, Forecaster};
use crate::market::Bars;
use crate::model::{Device, ModelConfig};
use crate::training::{Event, TrainConfig, TransferTrainer, Watch};

/// Settings of a parent.
#[derive(Debug, Clone, Default)]
pub struct ParentConfig {
    /// Columns, encoding, split; `split.to` is the last day that training, validation and calibration may see.
    pub dataset: DatasetConfig,
    /// Sizes of the network.
    pub model: ModelConfig,
    /// Settings of the training.
    pub train: TrainConfig,
    /// Where to train.
    pub device: Device,
}

/// Train a parent on one series, or on several pooled; judged and calibrated on the first.
///
/// # Errors
///
/// [`Error::TooShort`] where the first history cannot train, validate and calibrate; errors of
/// [`TransferTrainer::parent`].
pub fn train_parent(series: &[Bars], config: &ParentConfig, watch: &mut Watch<'_>) -> Result<Trained> {
    watch.tell(Event::Stage("windows"))?;
    let datasets = Dataset::pooled(series, &config.dataset)?;
    let (own, bars) = (&datasets[0], &series[0]);
    let given_up = own.split().given_up();
    if given_up.contains(&Part::Calibration) {
        let what = format!("a parent on {} (a child needs fewer) before its test", bars.ticker());
        let got = own.skipped() + own.split().known_rows();
        return Err(Error::TooShort { what, needed: config.dataset.parent_bars(), got });
    }
    watch.tell(Event::Stage("train"))?;
    let model = ModelConfig {
        features: config.dataset.features.len(),
        horizon: config.dataset.split.horizon,
        ..config.model.clone()
    };
    let trainer = TransferTrainer { model, device: config.device };
    let (model, history) = trainer.parent(&datasets, &config.train, watch)?;
    watch.tell(Event::Stage("calibrate and judge"))?;
    let about = About {
        trained_on: series.iter().map(|bars| bars.ticker().clone()).collect(),
        training: Some(config.train.clone()),
        best_epoch: history.best,
        training_windows: windows_of(&datasets, Part::Train),
        ..About::blank("parent", own, bars)
    };
    let Judgement { forecaster, charts } = judge(&Forecaster::new(model, about)?, own, bars, None)?;
    Ok(Trained { forecaster, history, charts })
}
