//! `train_child`: from a parent and a shorter history to a forecaster of its own.

use chrono::NaiveDate;

use super::judge::{evaluated, last_known_day, learned_blend};
use super::parent::known;
use super::{Parent, Trained, days_of_parts};
use crate::dataset::{Dataset, DatasetConfig, DayEffects, Part, SplitConfig};
use crate::error::{Error, Result};
use crate::evaluation::{Transfer, skill_over};
use crate::features::Feature;
use crate::forecast::{Case, MIN_JUDGED, Role, Strategy};
use crate::forecaster::{About, Blend, Calibration, Forecaster, PooledHar, Series};
use crate::market::{Bars, Ticker};
use crate::model::Device;
use crate::training::{CancelFlag, Event, Recipe, TrainConfig, TransferTrainer, Watch};

/// Settings of a child.
#[derive(Debug, Clone, Default)]
pub struct ChildConfig {
    /// How it comes from its parent.
    pub strategy: Strategy,
    /// How a network from scratch is made: as the parent was, where none is given. Any other child has its parent's recipe.
    pub recipe: Option<Recipe>,
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

/// Make a child for `bars` from `parent`.
///
/// A child of a parent has its parent's columns, encoding and scaler, since the network was fitted to those units. A network
/// from [scratch](Strategy::Scratch) needs no parent; beside one it is made by the same recipe.
///
/// # Errors
///
/// [`TooShort`](crate::Error::TooShort) below 78 bars; [`Leak`](crate::Error::Leak) where the parent saw the test;
/// [`Skew`](crate::Error::Skew) where the parent was trained on other features than are computed now; errors of
/// [`TransferTrainer::child`].
pub fn train_child(
    bars: &Bars,
    parent: Option<&Parent>,
    config: &ChildConfig,
    watch: &mut Watch<'_>,
) -> Result<Trained> {
    let recipe = config.recipe_beside(parent);
    let train = config.settings(parent);
    let parent = parent.filter(|_| config.strategy.needs_parent());
    if let Some(parent) = parent {
        parent.forecaster.about().check_features(&parent.id.to_string())?;
    }
    watch.tell(Event::Stage("windows"))?;
    let samples = samples(bars, parent, &recipe, config)?;
    let (bars, dataset) = (&samples.bars, &samples.dataset);
    watch.tell(Event::Stage("train"))?;
    let own = parent.map(|parent| &parent.forecaster);
    let trainer = TransferTrainer { model: recipe.model(), device: config.device };
    let (model, history) = trainer.child(own.map(Forecaster::model), dataset, config.strategy, &train, watch)?;
    watch.tell(Event::Stage("calibrate and judge"))?;
    let learned = config.strategy.learns();
    let cancel = watch.cancel_flag();
    let about = About {
        parent: parent.map(Parent::to_ref).transpose()?,
        index: index_of(bars, own.map(Forecaster::about), learned),
        training: learned.then_some(train),
        best_epoch: history.best,
        training_windows: if learned { dataset.windows(Part::Train).len() } else { 0 },
        ..About::blank(Role::Child(config.strategy), dataset, bars)
    };
    let network = Forecaster::new(model, about)?;
    let forecaster = if recipe.blend || own.is_some() { blended(&network, own, &samples, &cancel)? } else { network };
    let days = samples.days.clone();
    let forecaster = forecaster.with_about(About { days, ..forecaster.about().clone() }).without_unused_index();
    let calibration = match own {
        Some(own) => own.about().calibration.clone(),
        None => {
            let cases = forecaster.cases(bars, &dataset.windows(Part::Calibration), &cancel)?;
            Calibration::of(&cases, bars.ticker().to_string())
        }
    };
    let forecaster = evaluated(&forecaster, calibration, dataset, bars, parent, &cancel)?;
    let transfer = match own.filter(|_| !config.no_comparison) {
        Some(own) => compared(&forecaster, own, dataset, bars, &config.alone(recipe), watch)?,
        None => None,
    };
    let forecaster = forecaster.with_about(About { transfer, ..forecaster.about().clone() });
    Ok(Trained { forecaster, history, bars: bars.clone(), parts: days_of_parts(dataset) })
}

impl ChildConfig {
    /// The recipe of a child beside `parent`: its parent's, unless it is made from scratch by one of its own.
    fn recipe_beside(&self, parent: Option<&Parent>) -> Recipe {
        let own = self.recipe.clone().filter(|_| !self.strategy.needs_parent());
        own.or_else(|| parent.map(|parent| parent.forecaster.recipe())).unwrap_or_default()
    }

    /// The settings of the training of a child beside `parent`: where nothing is said those of the strategy with the weights
    /// of columns of the recipe, or from scratch those of the recipe.
    pub fn settings(&self, parent: Option<&Parent>) -> TrainConfig {
        let recipe = self.recipe_beside(parent).train;
        let own = if self.strategy.needs_parent() {
            // A child's few hundred days cannot tell a drift from luck: the close stays its parent's.
            let column_weights = recipe.column_weights.with(Feature::Close, 0.0);
            // Without decay a weight that has no gradient stays as it is; with any, Adam would pull it to 0 at the full rate.
            TrainConfig { weight_decay: 0.0, column_weights, ..self.strategy.train_config() }
        } else {
            recipe
        };
        self.train.clone().unwrap_or(own).with(self.epochs, self.seed)
    }

    /// A network of its own beside this child, by the child's recipe.
    fn alone(&self, recipe: Recipe) -> Self {
        let (strategy, recipe) = (Strategy::Scratch, Some(recipe));
        Self { strategy, recipe, train: None, epochs: None, history: None, ..self.clone() }
    }
}

/// The child's blend: learned on its validation days with its parent's as the prior. Zero-shot learns nothing.
fn blended(
    network: &Forecaster,
    parent: Option<&Forecaster>,
    samples: &Samples,
    cancel: &CancelFlag,
) -> Result<Forecaster> {
    let (dataset, bars, horizons) = (&samples.dataset, &samples.ordinary, network.horizon());
    let learned = network.about().training.is_some();
    let har = || PooledHar::fit(&[Series::of(known(bars, dataset, Part::Train), bars.index())], horizons);
    let prior = match parent.map(|parent| &parent.about().blend) {
        None => Blend::even(har(), horizons),
        Some(parent) if learned => parent.for_child(har()),
        Some(parent) => parent.clone(),
    };
    let validation = dataset.windows(Part::Validation);
    let cases = if learned { network.cases(bars, &validation, cancel)? } else { Vec::new() };
    Ok(learned_blend(network, &prior, &cases, parent.is_none()))
}

/// The index that a child looks at: that of its bars where it learns from them, else its parent's.
pub(super) fn index_of(bars: &Bars, parent: Option<&About>, learns: bool) -> Option<Ticker> {
    let own = bars.index().filter(|_| learns).map(|index| index.ticker().clone());
    own.or_else(|| parent?.index.clone())
}

/// The child beside its parent as it is, and beside a network of its own that is made as `alone` says, on the test days.
fn compared(
    child: &Forecaster,
    parent: &Forecaster,
    dataset: &Dataset,
    bars: &Bars,
    alone: &ChildConfig,
    watch: &mut Watch<'_>,
) -> Result<Option<Transfer>> {
    let test = dataset.windows(Part::Test);
    if test.len() < MIN_JUDGED {
        return Ok(None);
    }
    let before = dataset.days()[test.first_target(0) - 1];
    let cancel = watch.cancel_flag();
    let past = |forecaster: &Forecaster| forecaster.past_while(bars, Some(before), usize::MAX, &cancel);
    let own = past(child)?;
    let learned = child.about().training.is_some();
    let zero_shot = if learned { past(parent)? } else { Vec::new() };
    let scratch = train_child(bars, None, &ChildConfig { to: last_known_day(dataset), ..alone.clone() }, watch)?;
    let scratch = past(&scratch.forecaster)?;
    let over = |other: &[Case<'_>]| if other.is_empty() { Default::default() } else { skill_over(&own, other) };
    Ok(Some(Transfer { vs_zero_shot: over(&zero_shot), vs_scratch: over(&scratch), forecasts: own.len() }))
}

/// What a child learns from.
struct Samples {
    bars: Bars,
    /// What the calendar does to them: its parent's effects, drawn to those of its own training days where it learns.
    days: DayEffects,
    /// The bars without these effects.
    ordinary: Bars,
    /// Windows of the ordinary bars, in its parent's units.
    dataset: Dataset,
}

fn samples(bars: &Bars, parent: Option<&Parent>, recipe: &Recipe, config: &ChildConfig) -> Result<Samples> {
    let own = parent.map(|parent| parent.forecaster.about());
    let plain = recipe.dataset();
    let split = SplitConfig {
        to: config.to,
        allow_parent_leak: config.allow_parent_leak,
        parent_last_day: own.map(|about| about.last_seen_day),
        ..plain.split
    };
    let make = |bars: &Bars, split: &SplitConfig| {
        let samples = DatasetConfig { split: split.clone(), ..plain.clone() };
        match own {
            None => Dataset::new(bars, &samples),
            Some(about) => Dataset::with_scaler(bars, &samples, about.scaler.clone()),
        }
    };
    let whole = make(bars, &split)?;
    let (bars, split, whole) = match config.history {
        Some(history) => {
            let (bars, split) = cut(bars, &whole, split, history)?;
            let whole = make(&bars, &split)?;
            (bars, split, whole)
        }
        None => (bars.clone(), split, whole),
    };
    let days = match own.map(|about| &about.days) {
        Some(days) if !config.strategy.learns() || days.is_none() => days.clone(),
        None if !recipe.blend => DayEffects::default(),
        prior => DayEffects::fit(&[(known(&bars, &whole, Part::Train), bars.days())], prior),
    };
    let ordinary = days.ordinary(&bars);
    let dataset = make(&ordinary, &split)?;
    Ok(Samples { bars, days, ordinary, dataset })
}

/// The last `history` bars before the test of `whole`, and the test.
fn cut(bars: &Bars, whole: &Dataset, split: SplitConfig, history: usize) -> Result<(Bars, SplitConfig)> {
    let needed = whole.skipped() + split.context + split.horizon;
    if history < needed {
        let what = format!("training on {} with this history", bars.ticker());
        return Err(Error::TooShort { what, needed, got: history });
    }
    let known = whole.skipped() + whole.split().known_rows();
    let last_known = bars.as_slice()[known - 1].date;
    let first = bars.as_slice()[known.saturating_sub(history)].date;
    Ok((bars.between(Some(first), None), SplitConfig { to: Some(last_known), ..split }))
}
