//! `train_parent`: from long histories to a forecaster that children come from.

use std::sync::Arc;

use chrono::NaiveDate;

use super::judge::{evaluated, last_known_day, learned_blend, windows_of};
use super::{Trained, days_of_parts};
use crate::dataset::{Dataset, DayEffects, Part};
use crate::error::{Error, Result, check};
use crate::forecast::{Case, Role};
use crate::forecaster::{About, Blend, Calibration, Forecaster, PooledHar, Series};
use crate::market::{Bar, Bars};
use crate::model::Device;
use crate::training::{CancelFlag, Event, Recipe, TrainConfig, TransferTrainer, Watch};

/// One training of a parent: how it is made, and what belongs to this occasion.
///
/// # Example
///
/// ```
/// use stockops_core::Recipe;
/// use stockops_core::pipeline::ParentConfig;
///
/// let config = ParentConfig { to: "2016-12-31".parse().ok(), ..ParentConfig::from(Recipe::contract()) };
/// assert_eq!(config.recipe.network.layers, 3);
/// ```
#[derive(Debug, Clone, Default)]
pub struct ParentConfig {
    /// How it is made.
    pub recipe: Recipe,
    /// Last day that training, validation and calibration may see; later days are the test.
    pub to: Option<NaiveDate>,
    /// Epochs, at most, in the place of those of the recipe.
    pub epochs: Option<usize>,
    /// Seed in the place of that of the recipe.
    pub seed: Option<u64>,
    /// Where to train.
    pub device: Device,
}

impl From<Recipe> for ParentConfig {
    fn from(recipe: Recipe) -> Self {
        Self { recipe, ..Self::default() }
    }
}

impl ParentConfig {
    /// Settings of the training.
    fn train(&self) -> TrainConfig {
        self.recipe.train.clone().with(self.epochs, self.seed)
    }
}

/// Train a parent on one series, or on several pooled; calibrated on all of them, judged on the first.
///
/// Where the first of several is an index, the rule for the range of the others looks at it too.
///
/// # Errors
///
/// [`Error::TooShort`] where the first history cannot train, validate and calibrate; [`Error::Config`] where a ticker comes
/// twice; errors of [`TransferTrainer::parent`].
pub fn train_parent(series: &[Bars], config: &ParentConfig, watch: &mut Watch<'_>) -> Result<Trained> {
    watch.tell(Event::Stage("windows"))?;
    check_tickers(series)?;
    let series = &beside_the_index(series)[..];
    let recipe = &config.recipe;
    let mut samples = recipe.dataset();
    samples.split.to = config.to;
    // Effects of days are learned from training days, which a first look at the split names.
    let days =
        if recipe.blend { day_effects(series, &Dataset::pooled(series, &samples)?) } else { DayEffects::default() };
    let ordinary: Vec<Bars> = series.iter().map(|bars| days.ordinary(bars)).collect();
    let datasets = Dataset::pooled(&ordinary, &samples)?;
    let (own, bars) = (&datasets[0], &series[0]);
    let given_up = own.split().given_up();
    if given_up.contains(&Part::Calibration) {
        let what = format!("a parent on {} (a child needs fewer) before its test", bars.ticker());
        let got = own.skipped() + own.split().known_rows();
        return Err(Error::TooShort { what, needed: samples.parent_bars(), got });
    }
    watch.tell(Event::Stage("train"))?;
    let train = config.train();
    let trainer = TransferTrainer { model: recipe.model(), device: config.device };
    let (model, history) = trainer.parent(&datasets, &train, watch)?;
    watch.tell(Event::Stage("calibrate and judge"))?;
    let tickers: Vec<_> = series.iter().map(|bars| bars.ticker().clone()).collect();
    let about = About {
        training: Some(train),
        best_epoch: history.best,
        training_windows: windows_of(&datasets, Part::Train),
        trained_on: tickers.clone(),
        index: Some(bars.ticker().clone()).filter(|ticker| ticker.is_index()),
        last_seen_day: datasets.iter().filter_map(last_known_day).max().unwrap_or(bars.as_slice()[0].date),
        ..About::blank(Role::Parent, own, bars)
    };
    let forecaster = Forecaster::new(model, about)?;
    let cancel = watch.cancel_flag();
    let forecaster = if recipe.blend {
        let horizons = forecaster.horizon();
        let each = ordinary.iter().zip(&datasets);
        let training = each.map(|(bars, data)| Series::of(known(bars, data, Part::Train), bars.index()));
        let training: Vec<Series<'_>> = training.collect();
        let prior = Blend::even(PooledHar::fit(&training, horizons), horizons);
        let validation = pooled_cases(&forecaster, &ordinary, &datasets, Part::Validation, &cancel)?;
        learned_blend(&forecaster, &prior, &validation, true)
    } else {
        forecaster
    };
    let forecaster = forecaster.with_about(About { days, ..forecaster.about().clone() }).without_unused_index();
    let source = tickers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let calibration =
        Calibration::of(&pooled_cases(&forecaster, series, &datasets, Part::Calibration, &cancel)?, source);
    let forecaster = evaluated(&forecaster, calibration, own, bars, None, &cancel)?;
    Ok(Trained { forecaster, history, bars: bars.clone(), parts: days_of_parts(own) })
}

/// The series, those behind the first beside it where it is an index.
fn beside_the_index(series: &[Bars]) -> Vec<Bars> {
    let index = series.first().filter(|first| first.ticker().is_index()).map(|first| Arc::new(first.clone()));
    let beside = |(place, bars): (usize, &Bars)| match &index {
        Some(index) => bars.clone().with_index((place > 0).then(|| Arc::clone(index))),
        None => bars.clone().with_index(None),
    };
    series.iter().enumerate().map(beside).collect()
}

/// Forecasts of `part` of all series, one series after the other.
fn pooled_cases<'a>(
    forecaster: &Forecaster,
    series: &'a [Bars],
    datasets: &[Dataset],
    part: Part,
    cancel: &CancelFlag,
) -> Result<Vec<Case<'a>>> {
    let each = series.iter().zip(datasets).map(|(bars, data)| forecaster.cases(bars, &data.windows(part), cancel));
    Ok(each.collect::<Result<Vec<_>>>()?.concat())
}

/// What the calendar does to the training days of `series`, whose windows are `datasets`.
fn day_effects(series: &[Bars], datasets: &[Dataset]) -> DayEffects {
    let all = series.iter().zip(datasets);
    let training: Vec<_> = all.map(|(bars, data)| (known(bars, data, Part::Train), bars.days())).collect();
    DayEffects::fit(&training, None)
}

/// The bars of `data` up to the end of `part`.
pub(super) fn known<'a>(bars: &'a Bars, data: &Dataset, part: Part) -> &'a [Bar] {
    match data.split().rows(part).end {
        // All of its days come later, those of the warm-up among them.
        0 => &[],
        end => &bars.as_slice()[..data.skipped() + end],
    }
}

fn check_tickers(series: &[Bars]) -> Result<()> {
    let twice = (1..series.len()).find(|&i| series[..i].iter().any(|one| one.ticker() == series[i].ticker()));
    let got = twice.map(|i| format!("{} twice", series[i].ticker())).unwrap_or_default();
    check(twice.is_none(), "series", "of tickers that differ", got)
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::tensor::TensorData;

    use super::*;
    use crate::pipeline::shipped_parent;

    /// No training ends with such weights, so they are put there by hand.
    #[test]
    fn a_network_that_diverged_makes_no_forecaster_and_so_no_version() {
        let parent = shipped_parent(Device::Cpu).unwrap();
        for value in [f32::NAN, f32::INFINITY] {
            let mut head = parent.model().head().clone();
            let bias = TensorData::new(vec![value; 35], [35]);
            head.bias = Param::from_data(bias, &burn::tensor::Device::flex());
            let error = Forecaster::new(parent.model().with_head(head), parent.about().clone()).unwrap_err();
            assert_eq!(error.kind(), "bundle");
            assert!(error.to_string().contains(&format!("fc.bias holds {value}, not a finite number")), "{error}");
        }
    }
}
