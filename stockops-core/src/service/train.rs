//! Training: a parent from long histories, a child from a parent, each registered and let through the gate.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Stockops;
use super::TrainingStart;
use super::tracked::Outcome;
use crate::error::{Result, check};
use crate::forecast::Strategy;
use crate::market::{Bars, QualityReport, Ticker};
use crate::pipeline::{
    ChildConfig, PARENT_TICKER, ParentConfig, Trained, parent_id, publish_of_job, train_child, train_parent,
};
use crate::registry::{Alias, Version};
use crate::source::Sourced;
use crate::tracking::{Batch, RunId};
use crate::training::{Epoch, Recipe, Watch};

/// How a parent is trained. What is left out is the default of [`ParentConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrainParent {
    /// Series that are pooled; it is judged on the first, and its version is of that ticker.
    #[serde(default = "index")]
    pub tickers: Vec<Ticker>,
    /// The original system's network and training, and not the better recipe.
    #[serde(default)]
    pub contract: bool,
    /// Sessions that it forecasts, and so do its children.
    #[serde(default)]
    pub horizon: Option<usize>,
    /// Sessions that it sees.
    #[serde(default)]
    pub context: Option<usize>,
    /// Epochs, at most.
    #[serde(default)]
    pub epochs: Option<usize>,
    /// Seed of weights, order and dropout.
    #[serde(default)]
    pub seed: Option<u64>,
    /// First day that is used.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day that training, validation and calibration may see.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// The ticker of the default parent.
fn index() -> Vec<Ticker> {
    Ticker::new(PARENT_TICKER).into_iter().collect()
}

impl Default for TrainParent {
    /// A parent from the index `^GSPC`.
    fn default() -> Self {
        let (horizon, context, epochs, seed) = (None, None, None, None);
        Self { tickers: index(), contract: false, horizon, context, epochs, seed, from: None, to: None }
    }
}

/// How a child is trained. What is left out is the default of [`ChildConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrainChild {
    /// Whose child.
    pub ticker: Ticker,
    /// How it comes from the parent.
    #[serde(default)]
    pub strategy: Strategy,
    /// Keep only so many bars before the test.
    #[serde(default)]
    pub history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle.
    #[serde(default)]
    pub allow_parent_leak: bool,
    /// Epochs, at most.
    #[serde(default)]
    pub epochs: Option<usize>,
    /// Seed of weights, order and dropout.
    #[serde(default)]
    pub seed: Option<u64>,
    /// First day that is used.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day that training, validation and calibration may see.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Compare the child on the test days with its parent and with a network from nothing. That trains a second network, which is most of
    /// the work. Forecasts do not change. Default true.
    // Left out where it is true: an older server refuses fields that it does not know.
    #[serde(default = "on", skip_serializing_if = "is_on")]
    pub compare: bool,
}

fn on() -> bool {
    true
}

fn is_on(compare: &bool) -> bool {
    *compare
}

impl TrainChild {
    /// The default child of `ticker`.
    pub fn new(ticker: Ticker) -> Self {
        let (strategy, history, allow_parent_leak) = (Strategy::default(), None, false);
        let (epochs, seed, from, to) = (None, None, None, None);
        Self { ticker, strategy, history, allow_parent_leak, epochs, seed, from, to, compare: true }
    }
}

/// What came of a training, in numbers; the forecaster itself is beside them and not in the JSON.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Training {
    /// Whose version.
    pub ticker: Ticker,
    /// Its number.
    pub version: u32,
    /// SHA-256 of its bundle.
    pub bundle_sha256: String,
    /// The run that made it.
    pub run_id: Option<RunId>,
    /// That children of all tickers come from another ticker's parent now, and what is to be said about the run's way home and to a
    /// server; else empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The version that it was transferred from.
    pub parent_version: Option<String>,
    /// `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
    pub strategy: String,
    /// Champion or challenger.
    pub alias: Vec<Alias>,
    /// Whether it has not shown skill yet.
    pub unproven: bool,
    /// Why it is unproven, or a challenger.
    pub reason: Option<String>,
    /// Evaluation and training in numbers.
    pub metrics: serde_json::Value,
    /// What happened epoch by epoch.
    pub epochs: Vec<Epoch>,
    /// What was found in the bars, series by series.
    pub quality: Vec<QualityReport>,
    /// The version that forecast before.
    #[serde(skip)]
    pub champion_before: Option<u32>,
    /// The forecaster, its history and its bars: what charts are drawn from.
    #[serde(skip)]
    pub trained: Trained,
}

impl Training {
    fn new(trained: Trained, version: Version, champion_before: Option<u32>, quality: Vec<QualityReport>) -> Self {
        Self {
            ticker: trained.forecaster.about().ticker.clone(),
            version: version.version,
            bundle_sha256: version.sha256,
            run_id: None,
            notes: Vec::new(),
            parent_version: version.parent,
            strategy: version.strategy,
            alias: version.alias,
            unproven: version.unproven,
            reason: version.reason,
            metrics: version.metrics,
            epochs: trained.history.epochs.clone(),
            quality,
            champion_before,
            trained,
        }
    }

    /// The training with what is known of its run.
    fn of_run((training, run, notes): (Self, RunId, Vec<String>)) -> Self {
        Self { run_id: Some(run), notes: [training.notes.clone(), notes].concat(), ..training }
    }

    /// What the gate said; `None` for the first version of a ticker.
    pub fn gate(&self) -> Option<&str> {
        self.metrics["gate"].as_str()
    }
}

impl Outcome for Training {
    fn trained(&self) -> &Trained {
        &self.trained
    }

    fn tags(&self) -> Batch {
        Batch::default().tag("version", format!("{}@{}", self.ticker, self.version))
    }
}

impl Stockops {
    /// Train a parent and register it.
    ///
    /// # Errors
    ///
    /// Those of source and registry, [`Busy`](crate::Error::Busy) where someone else trains the ticker, and those of
    /// [`train_parent`](crate::pipeline::train_parent()).
    pub fn train_parent(&self, request: &TrainParent, watch: &mut Watch<'_>) -> Result<Training> {
        check(!request.tickers.is_empty(), "tickers", "one at least", "none")?;
        let sourced = request.tickers.iter().map(|ticker| self.since(ticker, request.from));
        let sourced = sourced.collect::<Result<Vec<_>>>()?;
        let (series, quality): (Vec<Bars>, Vec<QualityReport>) =
            sourced.into_iter().map(|one| (one.bars, one.quality)).unzip();
        let _lock = self.registry.training_lock(&request.tickers[0])?;
        let config = self.parent_config(request);
        let (recipe, train) = (config.recipe.clone(), config.recipe.train.clone().with(config.epochs, config.seed));
        let start = TrainingStart { bars: &series[0], recipe, train, strategy: "parent".into(), parent: None };
        let work = |watch: &mut Watch<'_>| self.registered(train_parent(&series, &config, watch)?, quality, None);
        Ok(Training::of_run(self.tracked(&start, watch, work)?))
    }

    /// Make a child of the [parent](Self::parent) for a ticker and register it.
    ///
    /// # Errors
    ///
    /// Those of source and registry, [`Busy`](crate::Error::Busy) where someone else trains the ticker, and those of
    /// [`train_child`](crate::pipeline::train_child()), [`Leak`](crate::Error::Leak) among them.
    pub fn train_child(&self, request: &TrainChild, watch: &mut Watch<'_>) -> Result<Training> {
        let sourced = self.since(&request.ticker, request.from)?;
        self.train_child_of(sourced, request, None, watch)
    }

    /// [`train_child`](Self::train_child) where the bars are at hand: no source is asked. Its version is of a
    /// [job](crate::registry::VersionNote::job) where one is named.
    pub(super) fn train_child_of(
        &self,
        Sourced { bars, quality, .. }: Sourced,
        request: &TrainChild,
        job: Option<String>,
        watch: &mut Watch<'_>,
    ) -> Result<Training> {
        let _lock = self.registry.training_lock(&request.ticker)?;
        let (parent, config) = (self.parent()?, self.child_config(request));
        let start = TrainingStart {
            bars: &bars,
            recipe: parent.forecaster.recipe(),
            train: config.settings(Some(&parent)),
            strategy: request.strategy.to_string(),
            parent: Some(parent.id.to_string()).filter(|_| request.strategy.needs_parent()),
        };
        let work = |watch: &mut Watch<'_>| {
            self.registered(train_child(&bars, Some(&parent), &config, watch)?, vec![quality], job)
        };
        Ok(Training::of_run(self.tracked(&start, watch, work)?))
    }

    pub(super) fn since(&self, ticker: &Ticker, from: Option<NaiveDate>) -> Result<Sourced> {
        let sourced = self.bars(ticker)?;
        Ok(Sourced { bars: sourced.bars.between(from, None), ..sourced })
    }

    fn parent_config(&self, request: &TrainParent) -> ParentConfig {
        let recipe = if request.contract { Recipe::contract() } else { Recipe::default() };
        let (horizon, context) = (request.horizon.unwrap_or(recipe.horizon), request.context.unwrap_or(recipe.context));
        let recipe = Recipe { horizon, context, ..recipe };
        ParentConfig { recipe, to: request.to, epochs: request.epochs, seed: request.seed, device: self.device }
    }

    fn child_config(&self, request: &TrainChild) -> ChildConfig {
        ChildConfig {
            strategy: request.strategy,
            epochs: request.epochs,
            seed: request.seed,
            to: request.to,
            history: request.history,
            allow_parent_leak: request.allow_parent_leak,
            no_comparison: !request.compare,
            device: self.device,
            ..ChildConfig::default()
        }
    }

    fn registered(&self, trained: Trained, quality: Vec<QualityReport>, job: Option<String>) -> Result<Training> {
        let before = self.registry.champion(&trained.forecaster.about().ticker)?.map(|champion| champion.version);
        let parent_before = parent_id(self.registry())?;
        let version = publish_of_job(self.registry(), &trained, job)?;
        let parent = parent_id(self.registry())?;
        let note = format!("children of all tickers come from {parent} from now on, and no more from {parent_before}");
        let mut training = Training::new(trained, version, before, quality);
        training.notes.extend((parent.ticker != parent_before.ticker).then_some(note));
        Ok(training)
    }
}
