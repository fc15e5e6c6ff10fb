//! `train_child`: from a parent and a shorter history to a forecaster of its own.

use chrono::NaiveDate;

use super::judge::{evaluated, learned_blend};
use super::parent::{column_weights, known};
use super::{Parent, ParentConfig, Trained};
use crate::dataset::{Dataset, DatasetConfig, Part, SplitConfig};
use crate::error::{Error, Result};
use crate::evaluation::{Transfer, skill_over};
use crate::features::Feature;
use crate::forecast::{Case, MIN_JUDGED, Role, Strategy};
use crate::forecaster::{About, Blend, Calibration, Forecaster, PooledHar};
use crate::market::Bars;
use crate::model::{Device, ModelConfig};
use crate::training::{Event, TrainConfig, TransferTrainer, Watch};

/// Settings of a child.
#[derive(Debug, Clone, Default)]
pub struct ChildConfig {
    /// How it comes from its parent.
    pub strategy: Strategy,
    /// Sizes of a network from scratch; those of a parent by default. Any other child has its parent's.
    pub model: Option<ModelConfig>,
    /// Settings of the training; the strategy's own where none are given.
    pub train: Option<TrainConfig>,
    /// Epochs, at most, in the place of those of the settings.
    pub epochs: Option<usize>,
    /// Seed in the place of that of the settings.
    pub seed: Option<u64>,
    /// Last day that training, validation and calibration may see; later rows are the test.
    pub to: Option<NaiveDate>,
    /// Keep only so many bars before the test, warm-up, validation and calibration within.
    pub history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle.
    pub allow_parent_leak: bool,
    /// Leave out the comparison with zero-shot and scratch on the test days, which trains a second small network.
    pub no_comparison: bool,
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
    let own = parent.map(|parent| &parent.forecaster);
    let sizes = || config.model.clone().unwrap_or_else(|| ParentConfig::default().model);
    let model = own.map_or_else(sizes, |own| own.model().config().clone());
    let train = config.settings(parent);
    let trainer = TransferTrainer { model, device: config.device };
    let (model, history) = trainer.child(own.map(Forecaster::model), dataset, config.strategy, &train, watch)?;
    watch.tell(Event::Stage("calibrate and judge"))?;
    let learned = config.strategy != Strategy::ZeroShot;
    let about = About {
        parent: parent.map(Parent::to_ref).transpose()?,
        training: learned.then_some(train),
        best_epoch: history.best,
        training_windows: if learned { dataset.windows(Part::Train).len() } else { 0 },
        ..About::blank(Role::Child(config.strategy), dataset, bars)
    };
    let network = Forecaster::new(model, about)?;
    let forecaster = blended(&network, own, dataset, bars)?;
    let calibration = match own {
        Some(own) => own.about().calibration.clone(),
        None => {
            Calibration::of(&forecaster.cases(bars, &dataset.windows(Part::Calibration))?, bars.ticker().to_string())
        }
    };
    let forecaster = evaluated(&forecaster, calibration, dataset, bars, parent)?;
    let transfer = match own.filter(|_| !config.no_comparison) {
        Some(own) => compared(&forecaster, own, dataset, bars, config, watch)?,
        None => None,
    };
    let forecaster = forecaster.with_about(About { transfer, ..forecaster.about().clone() });
    Ok(Trained { forecaster, history, bars: bars.clone() })
}

impl ChildConfig {
    /// The settings of the training of a child of `parent`: where nothing is said the strategy's, with its parent's weights
    /// of columns.
    pub fn settings(&self, parent: Option<&Parent>) -> TrainConfig {
        let parent = parent.filter(|_| self.strategy != Strategy::Scratch).map(|parent| parent.forecaster.about());
        let features = parent.map(|about| about.features.clone()).unwrap_or_default();
        let inherited = parent.and_then(|about| about.training.as_ref()).map(|train| train.column_weights.clone());
        let mut column_weights = inherited.unwrap_or_else(|| column_weights(&features));
        if let (Some(close), true) = (features.position(Feature::Close), parent.is_some()) {
            // A child's few hundred days cannot tell a drift from luck: the close stays its parent's.
            column_weights.resize(features.len(), 1.0);
            column_weights[close] = 0.0;
        }
        let own = match parent {
            None => ParentConfig::default().train,
            // Without decay a weight that has no gradient stays as it is; with any, Adam would pull it to 0 at the full rate.
            Some(_) => TrainConfig { weight_decay: 0.0, ..self.strategy.train_config() },
        };
        let train = self.train.clone().unwrap_or(TrainConfig { column_weights, ..own });
        TrainConfig { epochs: self.epochs.unwrap_or(train.epochs), seed: self.seed.unwrap_or(train.seed), ..train }
    }
}

/// The child's blend: learned on its validation days with its parent's as the prior. Zero-shot learns nothing.
fn blended(network: &Forecaster, parent: Option<&Forecaster>, dataset: &Dataset, bars: &Bars) -> Result<Forecaster> {
    let horizons = network.horizon();
    let learned = network.about().training.is_some();
    let har = || PooledHar::fit(&[known(bars, dataset, Part::Train)], horizons);
    let prior = match parent.map(|parent| &parent.about().blend) {
        None => Blend::even(har(), horizons),
        Some(parent) if learned => parent.for_child(har()),
        Some(parent) => parent.clone(),
    };
    let validation = dataset.windows(Part::Validation);
    let cases = if learned { network.cases(bars, &validation)? } else { Vec::new() };
    Ok(learned_blend(network, &prior, &cases, parent.is_none()))
}

/// The child beside its parent as it is, and beside a network of its own, on the test days.
fn compared(
    child: &Forecaster,
    parent: &Forecaster,
    dataset: &Dataset,
    bars: &Bars,
    config: &ChildConfig,
    watch: &mut Watch<'_>,
) -> Result<Option<Transfer>> {
    let test = dataset.windows(Part::Test);
    if test.len() < MIN_JUDGED {
        return Ok(None);
    }
    let before = dataset.days()[test.first_target(0) - 1];
    let own = child.past(bars, Some(before), usize::MAX)?;
    let zero_shot = match config.strategy {
        Strategy::ZeroShot => Vec::new(),
        _ => parent.past(bars, Some(before), usize::MAX)?,
    };
    let known = dataset.days()[..dataset.split().known_rows()].last().copied();
    let alone = ChildConfig {
        strategy: Strategy::Scratch,
        train: None,
        epochs: None,
        to: known,
        history: None,
        ..config.clone()
    };
    let scratch = train_child(bars, None, &alone, watch)?;
    let scratch = scratch.forecaster.past(bars, Some(before), usize::MAX)?;
    let over = |other: &[Case<'_>]| if other.is_empty() { Default::default() } else { skill_over(&own, other) };
    Ok(Some(Transfer { vs_zero_shot: over(&zero_shot), vs_scratch: over(&scratch), forecasts: own.len() }))
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
