//! `train_child`: from a parent and a shorter history to a forecaster of its own.

use chrono::NaiveDate;

use super::judge::{Judgement, judge};
use super::{Parent, Trained};
use crate::dataset::{Dataset, DatasetConfig, Part, SplitConfig};
use crate::error::{Error, Result};
use crate::forecast::{About, Forecaster};
use crate::market::Bars;
use crate::model::{Device, ModelConfig};
use crate::training::{Event, Strategy, TrainConfig, TransferTrainer, Watch};

/// Settings of a child.
#[derive(Debug, Clone, Default)]
pub struct ChildConfig {
    /// How it comes from its parent.
    pub strategy: Strategy,
    /// Settings of the training; the strategy's own where none are given.
    pub train: Option<TrainConfig>,
    /// Last day that training, validation and calibration may see; later rows are the test.
    pub to: Option<NaiveDate>,
    /// Keep only so many bars before the test, warm-up, validation and calibration within.
    pub history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle.
    pub allow_parent_leak: bool,
    /// Where to train.
    pub device: Device,
}

/// Make a child for `bars` from `parent`; without one for [`Strategy::Scratch`].
///
/// A child of a parent has its parent's columns, encoding and scaler, since the network was fitted to those units.
///
/// # Errors
///
/// [`TooShort`](crate::Error::TooShort) below 78 bars; [`Leak`](crate::Error::Leak) where the parent saw the test;
/// errors of [`TransferTrainer::child`].
pub fn train_child(
    bars: &Bars,
    parent: Option<&Parent>,
    config: &ChildConfig,
    watch: &mut Watch<'_>,
) -> Result<Trained> {
    let parent = parent.filter(|_| config.strategy != Strategy::Scratch);
    watch.tell(Event::Stage("windows"))?;
    let (bars, dataset) = &samples(bars, parent, config)?;
    watch.tell(Event::Stage("train"))?;
    let train = config.train.clone().unwrap_or_else(|| config.strategy.train_config());
    let trainer = TransferTrainer { model: ModelConfig::default(), device: config.device };
    let own = parent.map(|parent| parent.forecaster.model());
    let (model, history) = trainer.child(own, dataset, config.strategy, &train, watch)?;
    watch.tell(Event::Stage("calibrate and judge"))?;
    let learned = config.strategy != Strategy::ZeroShot;
    let about = About {
        parent: parent.map(Parent::to_ref).transpose()?,
        training: learned.then_some(train),
        best_epoch: history.best,
        training_windows: if learned { dataset.windows(Part::Train).len() } else { 0 },
        ..About::blank(&config.strategy.as_str().replace('-', "_"), dataset, bars)
    };
    let Judgement { forecaster, charts } = judge(&Forecaster::new(model, about)?, dataset, bars, parent)?;
    Ok(Trained { forecaster, history, charts })
}

/// The child's samples, in its parent's units, and the bars that they come from.
fn samples(bars: &Bars, parent: Option<&Parent>, config: &ChildConfig) -> Result<(Bars, Dataset)> {
    let split = SplitConfig { to: config.to, allow_parent_leak: config.allow_parent_leak, ..SplitConfig::default() };
    let make = |bars: &Bars, split: SplitConfig| match parent {
        None => Dataset::new(bars, &DatasetConfig { split, ..DatasetConfig::default() }),
        Some(parent) => {
            let about = parent.forecaster.about();
            let split = SplitConfig {
                context: about.context,
                horizon: parent.forecaster.horizon(),
                parent_last_day: Some(about.last_seen_day),
                ..split
            };
            let config = DatasetConfig { features: about.features.clone(), encoding: about.encoding, split };
            Dataset::with_scaler(bars, &config, about.scaler.clone())
        }
    };
    let whole = make(bars, split.clone())?;
    let Some(history) = config.history else { return Ok((bars.clone(), whole)) };
    let needed = whole.skipped() + split.context + split.horizon;
    if history < needed {
        let what = format!("training on {} with this history", bars.ticker());
        return Err(Error::TooShort { what, needed, got: history });
    }
    let known = whole.skipped() + whole.split().known_rows();
    let last_known = bars.as_slice()[known - 1].date;
    let first = bars.as_slice()[known.saturating_sub(history)].date;
    let cut = bars.between(Some(first), None);
    let dataset = make(&cut, SplitConfig { to: Some(last_known), ..split })?;
    Ok((cut, dataset))
}
