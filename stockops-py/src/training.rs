//! `TransferTrainer` and `History`: a parent from long histories, a child from a parent and a short one.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::{Deserialize, Serialize};
use stockops_core::pipeline::{ChildConfig, Parent, ParentConfig, Trained, find_parent, train_child, train_parent};
use stockops_core::service::TrainingStart;
use stockops_core::training::{self, TrainConfig, Watch};
use stockops_core::{Bars, Device, MemoryRegistry, NetworkSizes, Recipe, Result, Stockops, Strategy, TransferTrainer};

use crate::bars::{PyBars, series};
use crate::dataset::PyDataset;
use crate::error::raised;
use crate::features::PyFeatureSet;
use crate::forecaster::PyForecaster;
use crate::json;
use crate::model::PyLSTMModel;
use crate::tracker::{PyTracker, warned};
use crate::words::{Day, Word};
use crate::work::watched;

/// Trains parents and children; fitting gives a :class:`Forecaster` and leaves the trainer as it is.
///
/// What is None is the library's own: see ``Recipe`` and ``Strategy::train_config`` in its documentation, or ``about``
/// of what was trained.
///
/// Args:
///     strategy (Literal["freeze", "fine-tune", "zero-shot", "scratch"] | None): how a child comes from its parent; None
///         is ``"freeze"``: the LSTM stays as it is and the head is trained.
///     n_epochs (int | None): passes over the training windows, at most.
///     batch_size (int | None): windows of one step.
///     lr (float | None): learning rate of Adam at the start.
///     weight_decay (float | None): L2, added to the gradient.
///     max_grad_norm (float | None): largest global norm of a gradient.
///     patience (int | None): epochs without a better validation loss after which the rate is halved.
///     early_stopping (int | None): epochs without a better validation loss after which training stops.
///     random_state (int | None): seed of weights, order of windows and dropout.
///     hidden_dim (int | None): width of the layers of a network from nothing; a child has its parent's.
///     n_layers (int | None): layers of a network from nothing.
///     dropout (float | None): between the layers of a network from nothing.
///     device (str | None): where to train; ``"cpu"``.
///
/// Raises:
///     ConfigError: an unknown strategy. Numbers are checked when fitting.
///
/// >>> import stockops
/// >>> child = stockops.TransferTrainer(strategy="freeze", n_epochs=2).fit(stockops.load_bars("MSFT"))
/// >>> child
/// Forecaster('MSFT', freeze, saw days up to 2020-08-25)
/// >>> len(child.history)
/// 2
#[pyclass(name = "TransferTrainer", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PyTransferTrainer {
    strategy: Option<Strategy>,
    n_epochs: Option<usize>,
    batch_size: Option<usize>,
    lr: Option<f64>,
    weight_decay: Option<f64>,
    max_grad_norm: Option<f64>,
    patience: Option<usize>,
    early_stopping: Option<usize>,
    random_state: Option<u64>,
    hidden_dim: Option<usize>,
    n_layers: Option<usize>,
    dropout: Option<f64>,
    device: Option<Device>,
}

/// What one child is trained with beside its trainer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ChildOptions {
    pub(crate) to: Option<chrono::NaiveDate>,
    pub(crate) history: Option<usize>,
    pub(crate) allow_parent_leak: bool,
    pub(crate) compare: bool,
}

impl PyTransferTrainer {
    fn changed(&self, default: TrainConfig) -> TrainConfig {
        TrainConfig {
            epochs: self.n_epochs.unwrap_or(default.epochs),
            batch: self.batch_size.unwrap_or(default.batch),
            lr: self.lr.unwrap_or(default.lr),
            weight_decay: self.weight_decay.unwrap_or(default.weight_decay),
            clip: self.max_grad_norm.unwrap_or(default.clip),
            patience: self.patience.unwrap_or(default.patience),
            stop_after: self.early_stopping.unwrap_or(default.stop_after),
            seed: self.random_state.unwrap_or(default.seed),
            ..default
        }
    }

    fn sizes(&self, default: NetworkSizes) -> NetworkSizes {
        NetworkSizes {
            hidden: self.hidden_dim.unwrap_or(default.hidden),
            layers: self.n_layers.unwrap_or(default.layers),
            dropout: self.dropout.unwrap_or(default.dropout),
        }
    }

    pub(crate) fn device(&self) -> Device {
        self.device.unwrap_or_default()
    }

    /// Train one child; without a parent from the one that ships with the package.
    pub(crate) fn child(
        &self,
        bars: &Bars,
        parent: Option<&Parent>,
        options: &ChildOptions,
        watch: &mut Watch<'_>,
    ) -> Result<Trained> {
        self.plan(parent, options)?.train(bars, watch)
    }

    /// How a child is trained; without a parent from the one that ships with the package.
    fn plan(&self, parent: Option<&Parent>, options: &ChildOptions) -> Result<Plan> {
        let strategy = self.strategy.unwrap_or_default();
        let shipped = match parent {
            None if strategy.needs_parent() => Some(find_parent(&MemoryRegistry::new(), self.device())?),
            _ => None,
        };
        let parent = parent.cloned().or(shipped);
        let recipe = parent.as_ref().map(|parent| parent.forecaster.recipe()).unwrap_or_default();
        let config = ChildConfig {
            strategy,
            recipe: Some(Recipe { network: self.sizes(recipe.network), ..recipe }),
            seed: self.random_state,
            to: options.to,
            history: options.history,
            allow_parent_leak: options.allow_parent_leak,
            no_comparison: !options.compare,
            device: self.device(),
            ..ChildConfig::default()
        };
        let train = Some(self.changed(config.settings(parent.as_ref())));
        Ok(Plan { parent, config: ChildConfig { train, ..config } })
    }
}

/// How a child is trained.
struct Plan {
    parent: Option<Parent>,
    config: ChildConfig,
}

impl Plan {
    fn train(&self, bars: &Bars, watch: &mut Watch<'_>) -> Result<Trained> {
        train_child(bars, self.parent.as_ref(), &self.config, watch)
    }

    /// [`train`](Self::train) as a run of `tracker`.
    fn tracked(&self, tracker: &Stockops, bars: &Bars, watch: &mut Watch<'_>) -> Result<(Trained, Vec<String>)> {
        let config = &self.config;
        let start = TrainingStart {
            bars,
            recipe: config.recipe.clone().unwrap_or_default(),
            train: config.train.clone().unwrap_or_default(),
            strategy: config.strategy.to_string(),
            parent: self.parent.as_ref().map(|parent| parent.id.to_string()).filter(|_| config.strategy.needs_parent()),
        };
        let (trained, _, notes) = tracker.track(&start, watch, |watch| self.train(bars, watch))?;
        Ok((trained, notes))
    }
}

#[pymethods]
impl PyTransferTrainer {
    #[new]
    #[pyo3(signature = (
        strategy = None, *, n_epochs = None, batch_size = None, lr = None, weight_decay = None, max_grad_norm = None,
        patience = None, early_stopping = None, random_state = None, hidden_dim = None, n_layers = None,
        dropout = None, device = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn new(
        strategy: Option<Word<Strategy>>,
        n_epochs: Option<usize>,
        batch_size: Option<usize>,
        lr: Option<f64>,
        weight_decay: Option<f64>,
        max_grad_norm: Option<f64>,
        patience: Option<usize>,
        early_stopping: Option<usize>,
        random_state: Option<u64>,
        hidden_dim: Option<usize>,
        n_layers: Option<usize>,
        dropout: Option<f64>,
        device: Option<Word<Device>>,
    ) -> Self {
        Self {
            strategy: strategy.map(|word| word.0),
            n_epochs,
            batch_size,
            lr,
            weight_decay,
            max_grad_norm,
            patience,
            early_stopping,
            random_state,
            hidden_dim,
            n_layers,
            dropout,
            device: device.map(|word| word.0),
        }
    }

    /// The arguments that it was made with, under scikit-learn's name.
    ///
    /// Returns:
    ///     dict[str, Any]: None where the default of the library holds.
    fn get_params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let params = json::value(py, self)?;
        // The word as it is given, not as JSON spells it.
        params.set_item("strategy", self.strategy.map(|strategy| strategy.to_string()))?;
        Ok(params)
    }

    /// Train a parent on a long history, or on several pooled.
    ///
    /// Args:
    ///     bars (Bars | Sequence[Bars]): one series, or several; judged and calibrated on the first.
    ///     features (FeatureSet | None): columns, open, high, low, close and volume among them; None for the seven of the
    ///         library.
    ///     context (int | None): sessions that the model sees; 60 in the library.
    ///     horizon (int | None): sessions that it predicts; 5 in the library.
    ///     to (datetime.date | str | None): last day that training, validation and calibration may see.
    ///     contract (bool): the original system's network and training, three layers of 128 without a blend.
    ///     progress (bool | Callable[[Progress], object] | None): True for a bar by tqdm where it is installed, or what
    ///         events go to.
    ///     tracker (Tracker | None): where the training is kept as a run.
    ///
    /// Returns:
    ///     Forecaster: calibrated, and judged on days that nothing was learned from.
    ///
    /// Raises:
    ///     TooShortError: the first history cannot train, validate and calibrate.
    ///     ConfigError: a setting outside its range.
    ///     KeyboardInterrupt: Ctrl-C, within a batch.
    ///
    /// >>> import stockops
    /// >>> small = stockops.TransferTrainer(hidden_dim=8, n_layers=1, n_epochs=1)
    /// >>> small.fit_parent(stockops.load_bars("IBM"))
    /// Forecaster('IBM', parent, saw days up to 2011-11-09)
    #[pyo3(signature = (
        bars, *, features = None, context = None, horizon = None, to = None, contract = false, progress = None, tracker = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn fit_parent(
        &self,
        py: Python<'_>,
        bars: &Bound<'_, PyAny>,
        features: Option<PyFeatureSet>,
        context: Option<usize>,
        horizon: Option<usize>,
        to: Option<Day>,
        contract: bool,
        progress: Option<&Bound<'_, PyAny>>,
        tracker: Option<&PyTracker>,
    ) -> PyResult<PyForecaster> {
        let series = series(bars)?;
        let recipe = if contract { Recipe::contract() } else { Recipe::default() };
        let recipe = Recipe {
            features: features.map_or(recipe.features, |features| features.0),
            context: context.unwrap_or(recipe.context),
            horizon: horizon.unwrap_or(recipe.horizon),
            network: self.sizes(recipe.network),
            train: self.changed(recipe.train),
            ..recipe
        };
        let to = to.map(|day| day.0);
        let config = ParentConfig { to, device: self.device(), ..ParentConfig::from(recipe) };
        let tracker = tracker.map(|tracker| tracker.stockops.on(self.device()));
        let (trained, notes) = watched(py, progress, |watch| {
            let (Some(tracker), Some(bars)) = (&tracker, series.first()) else {
                return Ok((train_parent(&series, &config, watch)?, Vec::new()));
            };
            let (recipe, train) = (config.recipe.clone(), config.recipe.train.clone());
            let start = TrainingStart { bars, recipe, train, strategy: "parent".into(), parent: None };
            let (trained, _, notes) = tracker.track(&start, watch, |watch| train_parent(&series, &config, watch))?;
            Ok((trained, notes))
        })?;
        warned(py, &notes)?;
        Ok(PyForecaster::trained(trained))
    }

    /// Train a child for one ticker.
    ///
    /// Args:
    ///     bars (Bars): at least 78 sessions.
    ///     parent (Forecaster | None): where it comes from; None for the one that ships with the package.
    ///     history (int | None): keep only so many sessions before the test.
    ///     to (datetime.date | str | None): last day that training, validation and calibration may see.
    ///     allow_parent_leak (bool): test on days that the parent saw, and mark the forecaster.
    ///     compare (bool): hold it against its parent as it is and against a network from nothing, on the test days; that
    ///         trains a second small network.
    ///     progress (bool | Callable[[Progress], object] | None): True for a bar by tqdm where it is installed, or what
    ///         events go to.
    ///     tracker (Tracker | None): where the training is kept as a run.
    ///
    /// Returns:
    ///     Forecaster: calibrated, and judged on days that nothing was learned from.
    ///
    /// Raises:
    ///     TooShortError: fewer than 78 sessions.
    ///     LeakError: the parent saw the test.
    ///     ConfigError: a setting outside its range.
    ///     KeyboardInterrupt: Ctrl-C, within a batch.
    #[pyo3(signature = (
        bars, parent = None, *, history = None, to = None, allow_parent_leak = false, compare = true, progress = None, tracker = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn fit(
        &self,
        py: Python<'_>,
        bars: &PyBars,
        parent: Option<&PyForecaster>,
        history: Option<usize>,
        to: Option<Day>,
        allow_parent_leak: bool,
        compare: bool,
        progress: Option<&Bound<'_, PyAny>>,
        tracker: Option<&PyTracker>,
    ) -> PyResult<PyForecaster> {
        let options = ChildOptions { to: to.map(|day| day.0), history, allow_parent_leak, compare };
        let parent = parent.map(PyForecaster::as_parent);
        let tracker = tracker.map(|tracker| tracker.stockops.on(self.device()));
        let (trained, notes) = watched(py, progress, |watch| {
            let plan = self.plan(parent.as_ref(), &options)?;
            match &tracker {
                Some(tracker) => plan.tracked(tracker, bars.bars(), watch),
                None => Ok((plan.train(bars.bars(), watch)?, Vec::new())),
            }
        })?;
        warned(py, &notes)?;
        Ok(PyForecaster::trained(trained))
    }

    /// Train a network alone, without calibration or judgement.
    ///
    /// Args:
    ///     dataset (Dataset | Sequence[Dataset]): the samples; several are pooled, for a network from nothing.
    ///     parent (LSTMModel | None): where it comes from by the strategy; None for a network from nothing.
    ///     progress (bool | Callable[[Progress], object] | None): True for a bar by tqdm where it is installed, or what
    ///         events go to.
    ///
    /// Returns:
    ///     tuple[LSTMModel, History]: the network of the best epoch, and what happened.
    ///
    /// Raises:
    ///     TooShortError: no training window.
    ///     ConfigError: a setting outside its range.
    ///     KeyboardInterrupt: Ctrl-C, within a batch.
    ///
    /// >>> import stockops
    /// >>> data = stockops.Dataset(stockops.load_bars("IBM").tail(300))
    /// >>> model, history = stockops.TransferTrainer(hidden_dim=8, n_layers=1, n_epochs=1).fit_model(data)
    /// >>> history
    /// History(1 epoch, best 1)
    #[pyo3(signature = (dataset, parent = None, *, progress = None))]
    fn fit_model(
        &self,
        py: Python<'_>,
        dataset: &Bound<'_, PyAny>,
        parent: Option<&PyLSTMModel>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(PyLSTMModel, PyHistory)> {
        let datasets = match dataset.cast::<PyDataset>() {
            Ok(one) => vec![one.get().0.clone()],
            Err(_) => {
                dataset.try_iter()?.map(|one| Ok(one?.cast::<PyDataset>()?.get().0.clone())).collect::<PyResult<_>>()?
            }
        };
        if self.strategy.is_some_and(|strategy| !strategy.learns()) && parent.is_none() {
            let text = "`strategy` zero-shot trains nothing and needs a `parent`; give one, or leave the strategy out";
            return Err(raised(py, "ConfigError", text.into()));
        }
        let (model, history) = watched(py, progress, |watch| self.network(&datasets, parent, watch))?;
        Ok((PyLSTMModel::new(model), PyHistory(history)))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let params = self.get_params(py)?.cast_into::<PyDict>()?;
        let given = params.iter().filter(|(_, value)| !value.is_none());
        let given = given.map(|(name, value)| Ok(format!("{name}={}", value.repr()?))).collect::<PyResult<Vec<_>>>()?;
        Ok(format!("TransferTrainer({})", given.join(", ")))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::reduce(py, "_trainer", self)
    }
}

impl PyTransferTrainer {
    fn network(
        &self,
        datasets: &[stockops_core::Dataset],
        parent: Option<&PyLSTMModel>,
        watch: &mut Watch<'_>,
    ) -> Result<(stockops_core::LSTMModel, training::History)> {
        let samples = datasets.first().map(|dataset| dataset.config().clone()).unwrap_or_default();
        let model = self.sizes(NetworkSizes::default()).model(samples.features.len(), samples.split.horizon);
        let trainer = TransferTrainer { model, device: self.device() };
        let strategy = self.strategy.unwrap_or_default();
        match (parent, datasets) {
            (Some(parent), [dataset]) => {
                let settings = self.changed(strategy.train_config());
                trainer.child(Some(&parent.model), dataset, strategy, &settings, watch)
            }
            _ => trainer.parent(datasets, &self.changed(TrainConfig::default()), watch),
        }
    }
}

/// A trainer from the text that a pickle holds.
///
/// Args:
///     text (str): JSON.
///
/// Returns:
///     TransferTrainer: the same.
#[pyfunction]
pub(crate) fn _trainer(py: Python<'_>, text: &str) -> PyResult<PyTransferTrainer> {
    json::parsed(py, text)
}

/// What happened in a training, epoch by epoch.
///
/// >>> import stockops
/// >>> child = stockops.TransferTrainer(n_epochs=3).fit(stockops.load_bars("MSFT"))
/// >>> sorted(child.history.epochs[0])
/// ['epoch', 'lr', 'seconds', 'train_loss', 'val_loss']
#[pyclass(name = "History", module = "stockops", frozen)]
#[derive(Debug, Clone)]
pub(crate) struct PyHistory(pub(crate) training::History);

#[pymethods]
impl PyHistory {
    /// list[dict[str, Any]]: epoch, train_loss, val_loss (None without validation), lr, seconds.
    #[getter]
    fn epochs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0.epochs)
    }

    /// int: the epoch whose weights were kept, from 1; 0 for the weights from before training.
    #[getter]
    fn best(&self) -> usize {
        self.0.best
    }

    /// A frame with one row an epoch.
    ///
    /// Args:
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library.
    #[pyo3(signature = (backend = "pandas"))]
    fn to_frame<'py>(&self, py: Python<'py>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("stockops._frames")?.getattr("records")?.call1((self.epochs(py)?, backend))
    }

    fn __len__(&self) -> usize {
        self.0.epochs.len()
    }

    fn __repr__(&self) -> String {
        let epochs = self.0.epochs.len();
        format!("History({epochs} epoch{}, best {})", if epochs == 1 { "" } else { "s" }, self.0.best)
    }
}
