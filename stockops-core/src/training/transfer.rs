//! `TransferTrainer`: a parent from long histories, a child from the parent and a short one.
//!
//! Each strategy is a file of this room, and says for itself how it trains.

mod fine_tune;
mod freeze;
mod scratch;
mod zero_shot;

use super::fit::{History, fit};
use super::samples::{Pool, Task};
use super::{TrainConfig, Watch};
use crate::dataset::{Dataset, Part};
use crate::error::{Error, Result, check};
use crate::forecast::Strategy;
use crate::model::{Device, LSTMModel, ModelConfig};

/// One way from a parent to a child.
trait Transfer {
    /// The contract's settings for it.
    fn train_config(&self) -> TrainConfig;

    /// Whether it begins with a parent's network.
    fn needs_parent(&self) -> bool {
        true
    }

    /// Whether it learns from the child's days.
    fn learns(&self) -> bool {
        true
    }

    /// The child's network, and what happened.
    fn network(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<(LSTMModel, History)>;
}

/// What a strategy makes a network from.
struct Job<'a> {
    trainer: &'a TransferTrainer,
    parent: Option<&'a LSTMModel>,
    dataset: &'a Dataset,
    config: &'a TrainConfig,
}

impl<'a> Job<'a> {
    /// The parent's network, which fits the samples; [`Error::NotFound`] where there is none.
    fn parent(&self) -> Result<&'a LSTMModel> {
        let parent = self.parent.ok_or_else(|| Error::NotFound {
            kind: "parent",
            name: format!("for {}", self.dataset.ticker()),
            hint: "train one first, or use the strategy scratch".into(),
        })?;
        fits(parent.config(), std::slice::from_ref(self.dataset))?;
        Ok(parent)
    }
}

impl Strategy {
    fn transfer(self) -> Box<dyn Transfer> {
        match self {
            Self::Freeze => Box::new(freeze::Freeze),
            Self::FineTune => Box::new(fine_tune::FineTune),
            Self::ZeroShot => Box::new(zero_shot::ZeroShot),
            Self::Scratch => Box::new(scratch::Scratch),
        }
    }

    /// The contract's settings for it: rate 3e-4 to freeze, 1e-4 to fine-tune, 1e-3 from scratch; 10 epochs.
    pub fn train_config(self) -> TrainConfig {
        self.transfer().train_config()
    }

    /// Whether a child of it begins with its parent's network.
    pub fn needs_parent(self) -> bool {
        self.transfer().needs_parent()
    }

    /// Whether a child of it learns from its own days.
    pub fn learns(self) -> bool {
        self.transfer().learns()
    }
}

/// Trains parents and children.
///
/// # Example
///
/// A parent on two years of synthetic rows would take minutes at full size; a small one takes a second:
///
/// ```
/// use stockops_core::dataset::{Dataset, DatasetConfig};
/// use stockops_core::source::builtin_bars;
/// use stockops_core::forecast::Strategy;
/// use stockops_core::training::{TrainConfig, TransferTrainer, Watch};
/// use stockops_core::{Device, ModelConfig};
///
/// let small = ModelConfig { hidden: 8, layers: 1, ..ModelConfig::default() };
/// let trainer = TransferTrainer { model: small, device: Device::Cpu };
/// let index = builtin_bars(&"^GSPC".parse()?)?.bars.last(600);
/// let parent_data = Dataset::new(&index, &DatasetConfig::default())?;
/// let config = TrainConfig { epochs: 1, ..TrainConfig::default() };
/// let (parent, _) = trainer.parent(&[parent_data.clone()], &config, &mut Watch::silent())?;
///
/// let stock = builtin_bars(&"IBM".parse()?)?.bars.last(300);
/// let data = Dataset::with_scaler(&stock, &DatasetConfig::default(), parent_data.scaler().clone())?;
/// let config = TrainConfig { epochs: 1, ..Strategy::Freeze.train_config() };
/// let (child, history) = trainer.child(Some(&parent), &data, Strategy::Freeze, &config, &mut Watch::silent())?;
/// assert_eq!(child.config(), parent.config());
/// assert_eq!(history.epochs.len(), 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct TransferTrainer {
    /// Sizes of a network that starts from nothing; a child has its parent's.
    pub model: ModelConfig,
    /// Where to train.
    pub device: Device,
}

impl TransferTrainer {
    /// Train a network on one ticker, or on several pooled, from random weights.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] without a training window, [`Error::Config`] and [`Error::Device`] as their names say,
    /// [`Error::Cancelled`] when stopped through `watch`.
    pub fn parent(
        &self,
        datasets: &[Dataset],
        config: &TrainConfig,
        watch: &mut Watch<'_>,
    ) -> Result<(LSTMModel, History)> {
        let model = self.model.init(self.device, config.seed)?;
        self.fit_all(model, datasets, config, watch)
    }

    /// Make a child for the ticker of `dataset`, whose rows are in the parent's units (all but scratch).
    ///
    /// # Errors
    ///
    /// As [`parent`](Self::parent); [`Error::NotFound`] where the strategy needs a parent and there is none.
    pub fn child(
        &self,
        parent: Option<&LSTMModel>,
        dataset: &Dataset,
        strategy: Strategy,
        config: &TrainConfig,
        watch: &mut Watch<'_>,
    ) -> Result<(LSTMModel, History)> {
        strategy.transfer().network(&Job { trainer: self, parent, dataset, config }, watch)
    }

    fn fit_all(
        &self,
        model: LSTMModel,
        datasets: &[Dataset],
        config: &TrainConfig,
        watch: &mut Watch<'_>,
    ) -> Result<(LSTMModel, History)> {
        fits(model.config(), datasets)?;
        let pool = |part| Pool::new(datasets.iter().map(|dataset| dataset.windows(part)).collect());
        let (train, validation) = (pool(Part::Train), pool(Part::Validation));
        let Some(first) = datasets.first() else {
            return Err(Error::TooShort { what: "training (windows)".into(), needed: 1, got: 0 });
        };
        let task = Task { train: &train, validation: &validation, features: &first.config().features };
        fit(model, self.device, &task, config, watch)
    }
}

/// Whether a network can learn from all of `datasets`: [`Error::Shape`] names the first that has other columns, or another
/// context or horizon, [`Error::Config`] columns of other names.
fn fits(model: &ModelConfig, datasets: &[Dataset]) -> Result<()> {
    for dataset in datasets {
        let (own, first) = (dataset.config(), datasets[0].config());
        let shape = [own.split.context, own.split.horizon, own.features.len()];
        let expected = [first.split.context, model.horizon, model.features];
        if shape != expected {
            let what = format!("context, horizon and columns of the samples of {}", dataset.ticker());
            return Err(Error::shape(what, &expected, &shape));
        }
        let rule = "the same for all samples that are pooled";
        check(own.features == first.features, "features", rule, own.features.names().join(", "))?;
    }
    Ok(())
}
