//! `train_parent`: from long histories to a forecaster that children come from.

use super::Trained;
use super::judge::{evaluated, learned_blend, windows_of};
use crate::dataset::{Dataset, DatasetConfig, Part};
use crate::error::{Error, Result};
use crate::features::{Feature, FeatureSet};
use crate::forecast::{Case, Role};
use crate::forecaster::{About, Blend, Calibration, Forecaster, PooledHar};
use crate::market::{Bar, Bars};
use crate::model::{Device, ModelConfig};
use crate::training::{Event, TrainConfig, TransferTrainer, Watch};

/// Settings of a parent.
///
/// The default is the recipe that walked forward best: a small network, its weights averaged over the training, errors
/// of range and volume weighed more, and a blend with a linear rule (`docs/forecasting.md` has the comparison, and how
/// far it can be trusted). [`contract`](Self::contract) is the original system's network.
#[derive(Debug, Clone)]
pub struct ParentConfig {
    /// Columns, encoding, split; `split.to` is the last day that training, validation and calibration may see.
    pub dataset: DatasetConfig,
    /// Sizes of the network.
    pub model: ModelConfig,
    /// Settings of the training.
    pub train: TrainConfig,
    /// Whether the forecast is a blend of the network and the pooled linear rule, or the network alone.
    pub blend: bool,
    /// Where to train.
    pub device: Device,
}

impl Default for ParentConfig {
    fn default() -> Self {
        let dataset = DatasetConfig::default();
        let column_weights = column_weights(&dataset.features);
        Self {
            dataset,
            model: ModelConfig { hidden: 64, layers: 1, ..ModelConfig::default() },
            train: TrainConfig { batch: 64, lr: 3e-4, average: 0.998, column_weights, ..TrainConfig::default() },
            blend: true,
            device: Device::Cpu,
        }
    }
}

impl ParentConfig {
    /// The contract's network and training: three layers of 128, all columns alike, no blend.
    pub fn contract() -> Self {
        Self { model: ModelConfig::default(), train: TrainConfig::default(), blend: false, ..Self::default() }
    }

    /// The same for other columns; where columns are weighed in the loss, each of these has the weight of its kind.
    #[must_use]
    pub fn with_features(mut self, features: FeatureSet) -> Self {
        if !self.train.column_weights.is_empty() {
            self.train.column_weights = column_weights(&features);
        }
        self.dataset.features = features;
        self
    }
}

/// Weights of columns in the loss: what can be forecast counts more.
pub(super) fn column_weights(features: &FeatureSet) -> Vec<f64> {
    let weight = |feature: &Feature| match feature {
        // The column of the high holds the range.
        Feature::High => 2.0,
        Feature::Volume => 1.5,
        Feature::Open | Feature::Low | Feature::Close => 0.5,
        _ => 0.2,
    };
    features.iter().map(weight).collect()
}

/// Train a parent on one series, or on several pooled; calibrated on all of them, judged on the first.
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
    let tickers: Vec<_> = series.iter().map(|bars| bars.ticker().clone()).collect();
    let about = About {
        training: Some(config.train.clone()),
        best_epoch: history.best,
        training_windows: windows_of(&datasets, Part::Train),
        trained_on: tickers.clone(),
        ..About::blank(Role::Parent, own, bars)
    };
    let forecaster = Forecaster::new(model, about)?;
    let pooled = |forecaster: &Forecaster, part| -> Result<Vec<Case<'_>>> {
        let each = series.iter().zip(&datasets).map(|(bars, data)| forecaster.cases(bars, &data.windows(part)));
        Ok(each.collect::<Result<Vec<_>>>()?.concat())
    };
    let forecaster = if config.blend {
        let horizons = forecaster.horizon();
        let training: Vec<&[Bar]> =
            series.iter().zip(&datasets).map(|(bars, data)| known(bars, data, Part::Train)).collect();
        let prior = Blend::even(PooledHar::fit(&training, horizons), horizons);
        learned_blend(&forecaster, &prior, &pooled(&forecaster, Part::Validation)?, true)
    } else {
        forecaster
    };
    let source = tickers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let calibration = Calibration::of(&pooled(&forecaster, Part::Calibration)?, source);
    let forecaster = evaluated(&forecaster, calibration, own, bars, None)?;
    Ok(Trained { forecaster, history, bars: bars.clone() })
}

/// The bars of `data` up to the end of `part`.
pub(super) fn known<'a>(bars: &'a Bars, data: &Dataset, part: Part) -> &'a [Bar] {
    &bars.as_slice()[..data.skipped() + data.split().rows(part).end]
}
