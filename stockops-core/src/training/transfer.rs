//! `TransferTrainer`: a parent from long histories, a child from the parent and a short one.

use super::fit::{History, fit};
use super::samples::{Cached, Pool};
use super::{Event, TrainConfig, Watch};
use crate::dataset::{Dataset, Part};
use crate::error::{Error, Result};
use crate::forecast::Strategy;
use crate::model::{Device, LSTMModel, ModelConfig};

/// Windows whose hidden states are computed before the cancel flag is looked at again: about a tenth of a second.
const BETWEEN_CHECKS: usize = 512;

impl Strategy {
    /// The contract's settings for it: rate 3e-4 to freeze, 1e-4 to fine-tune, 1e-3 from scratch; 10 epochs.
    pub fn train_config(self) -> TrainConfig {
        let lr = match self {
            Self::Freeze => 3e-4,
            Self::FineTune => 1e-4,
            Self::ZeroShot | Self::Scratch => 1e-3,
        };
        TrainConfig { lr, epochs: 10, ..TrainConfig::default() }
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
        let one = std::slice::from_ref(dataset);
        if strategy == Strategy::Scratch {
            return self.parent(one, config, watch);
        }
        let parent = parent.ok_or_else(|| Error::NotFound {
            kind: "parent",
            name: format!("for {}", dataset.ticker()),
            hint: "train one first, or use the strategy scratch".into(),
        })?;
        match strategy {
            Strategy::Freeze => self.fit_head(parent, dataset, config, watch),
            Strategy::FineTune => self.fit_all(parent.clone(), one, config, watch),
            Strategy::ZeroShot | Strategy::Scratch => Ok((parent.clone(), History { epochs: Vec::new(), best: 0 })),
        }
    }

    fn fit_all(
        &self,
        model: LSTMModel,
        datasets: &[Dataset],
        config: &TrainConfig,
        watch: &mut Watch<'_>,
    ) -> Result<(LSTMModel, History)> {
        let pool = |part| Pool::new(datasets.iter().map(|dataset| dataset.windows(part)).collect());
        fit(model, self.device, &pool(Part::Train), &pool(Part::Validation), config, watch)
    }

    fn fit_head(
        &self,
        parent: &LSTMModel,
        dataset: &Dataset,
        config: &TrainConfig,
        watch: &mut Watch<'_>,
    ) -> Result<(LSTMModel, History)> {
        let predictor = parent.predictor()?;
        let mut cached = |part| -> Result<Cached<'_>> {
            watch.tell(Event::Stage("hidden states of the frozen network"))?;
            let windows = dataset.windows(part);
            let contexts: Vec<_> = (0..windows.len()).map(|index| windows.context(index)).collect();
            let mut hidden = Vec::with_capacity(contexts.len() * parent.config().hidden);
            for some in contexts.chunks(BETWEEN_CHECKS) {
                watch.cancel_flag().check()?;
                hidden.extend(predictor.hidden_states(some)?);
            }
            Ok(Cached { hidden, width: parent.config().hidden, targets: Pool::new(vec![windows]) })
        };
        let (train, validation) = (cached(Part::Train)?, cached(Part::Validation)?);
        let (head, history) = fit(parent.head().clone(), self.device, &train, &validation, config, watch)?;
        Ok((parent.with_head(head), history))
    }
}
