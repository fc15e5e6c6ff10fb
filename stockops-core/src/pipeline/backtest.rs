//! `backtest`: walk forward over days that no model saw when it was trained, with an ablation of transfer.

mod parents;
mod plan;
mod walk;

use std::time::Duration;

use chrono::NaiveDate;
use serde::Serialize;

use crate::error::{Result, check};
use crate::evaluation::{DayError, Legacy};
use crate::forecast::{FieldTable, Strategy};
use crate::market::{Bars, Ticker};
use crate::model::Device;
use crate::risk::RiskTable;
use crate::training::{Event, Recipe, Watch, side_by_side};

pub use parents::ParentChoice;
use parents::Parents;
use plan::Plan;
use walk::{Judged, Walk, Walked};

/// How often it is looked whether an ablation was stopped.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Settings of a backtest.
#[derive(Debug, Clone)]
pub struct BacktestConfig {
    /// How a child comes from its parent. Default freeze.
    pub strategy: Strategy,
    /// Stretches of days that are judged one after the other; at least 1. Default 4.
    pub folds: usize,
    /// Train the child anew before each fold, rather than once before the first. Default yes.
    pub refit: bool,
    /// Bars before each fold that the child may see, warm-up, validation and calibration within; all by default.
    pub history: Option<usize>,
    /// Epochs of a child, at most; the strategy's own by default.
    pub epochs: Option<usize>,
    /// Seed of weights, order and dropout. Default 42.
    pub seed: u64,
    /// How often all is done with one seed more, to show how far the skill depends on it; at least 1. Default 1.
    pub seeds: usize,
    /// How a parent is made where one has to be and none is known; a known one's own recipe goes before it.
    pub recipe: Recipe,
    /// Which strategies and histories to hold side by side; none by default.
    pub ablation: Option<AblationConfig>,
    /// Keep the error of each forecast, and those of the rules, in [`Backtest::errors`]. Default no.
    pub errors: bool,
    /// Where to compute.
    pub device: Device,
}

impl Default for BacktestConfig {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            folds: 4,
            refit: true,
            history: None,
            epochs: None,
            seed: 42,
            seeds: 1,
            recipe: Recipe::default(),
            ablation: None,
            errors: false,
            device: Device::default(),
        }
    }
}

/// What an ablation compares; all of it is judged on the same days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AblationConfig {
    /// Strategies. Default: zero-shot, freeze, fine-tune, scratch.
    pub strategies: Vec<Strategy>,
    /// Bars before each fold that a child may see, beside all of them; those that are not there are left out. Zero-shot
    /// learns from none, so it is judged once. Default 100, 150, 250, 500, 1000.
    pub histories: Vec<usize>,
}

impl Default for AblationConfig {
    fn default() -> Self {
        let strategies = vec![Strategy::ZeroShot, Strategy::Freeze, Strategy::FineTune, Strategy::Scratch];
        Self { strategies, histories: vec![100, 150, 250, 500, 1000] }
    }
}

/// What a walk over the past says about a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backtest {
    /// Whose.
    pub ticker: Ticker,
    /// How the child came from its parent.
    pub strategy: Strategy,
    /// The folds, oldest first.
    pub folds: Vec<BacktestFold>,
    /// First day that was forecast.
    pub first_day: NaiveDate,
    /// Last day that was forecast.
    pub last_day: NaiveDate,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// Seed of these numbers.
    pub seed: u64,
    /// Scores by field and horizon, over all folds.
    pub fields: FieldTable,
    /// The same for each seed, the first among them; empty where there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<SeedRow>,
    /// How risk was forecast, by horizon, with the first seed; empty where no intervals were calibrated.
    #[serde(skip_serializing_if = "RiskTable::is_empty")]
    pub risk: RiskTable,
    /// Strategies and histories side by side; empty where none was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ablation: Vec<AblationRow>,
    /// The error of each forecast, with which anyone can test differences; empty where they were not asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<DayError>,
    /// What a reader has to know.
    pub notes: Vec<String>,
    /// The original system's metrics of the last fold's child, on its training and validation rows: no measure of skill.
    pub legacy: Option<Legacy>,
}

/// One stretch of judged days.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BacktestFold {
    /// First day that was forecast one day ahead.
    pub from: NaiveDate,
    /// Last such day.
    pub to: NaiveDate,
    /// The parent of the child, such as `^GSPC@0`; none from scratch.
    pub parent: Option<String>,
    /// Last day that the parent saw; before `from`.
    pub parent_last_seen_day: Option<NaiveDate>,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// Windows that the child learned from; 0 for zero-shot.
    pub training_windows: usize,
}

/// Scores of one seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeedRow {
    /// The seed.
    pub seed: u64,
    /// Scores by field and horizon.
    pub fields: FieldTable,
}

/// Scores of one strategy with one length of history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AblationRow {
    /// Bars before each fold that the child saw; `None` for all, and for zero-shot, which learns from none.
    pub history: Option<usize>,
    /// How the child came from its parent.
    pub strategy: Strategy,
    /// Scores by field and horizon.
    pub fields: FieldTable,
    /// Forecasts that were judged.
    pub forecasts: usize,
}

/// Judge children of `bars` on the last 40 % of the days, fold by fold, each trained on days before its fold alone.
///
/// A parent is used for a fold only if it saw no day of it, see [`ParentChoice`]. Where the known parent saw too much for
/// the first folds, no bars are given to train another, and at least 250 days come after its last day, the folds begin
/// there. The best rule is chosen on the days that would validate a child of the first fold.
///
/// # Example
///
/// ```
/// use stockops_core::pipeline::{BacktestConfig, ParentChoice, backtest, find_parent};
/// use stockops_core::source::builtin_bars;
/// use stockops_core::training::Watch;
/// use stockops_core::{Device, MemoryRegistry, Strategy};
///
/// let bars = builtin_bars(&"MSFT".parse()?)?.bars.last(300);
/// let known = find_parent(&MemoryRegistry::new(), Device::Cpu)?; // the shipped one, which saw no day after 2016
/// let parents = ParentChoice { known: Some(known), series: vec![] };
/// let config = BacktestConfig { strategy: Strategy::ZeroShot, folds: 2, ..BacktestConfig::default() };
/// let done = backtest(&bars, &parents, &config, &mut Watch::silent())?;
/// assert_eq!(done.forecasts, 116); // 40 % of 300, less the last four, whose fifth day is not there yet
/// # Ok::<(), stockops_core::Error>(())
/// ```
///
/// # Errors
///
/// [`TooShort`](crate::Error::TooShort) where fewer than 60 days can be judged or fewer than 20 in each fold;
/// [`ParentLeak`](crate::Error::ParentLeak) where no parent may be used; [`Config`](crate::Error::Config) for settings
/// outside their range; errors of [`train_child`](super::train_child()) and [`train_parent`](super::train_parent()).
pub fn backtest(
    bars: &Bars,
    parents: &ParentChoice,
    config: &BacktestConfig,
    watch: &mut Watch<'_>,
) -> Result<Backtest> {
    check(config.folds >= 1, "folds", "at least 1", config.folds)?;
    check(config.seeds >= 1, "seeds", "at least 1", config.seeds)?;
    watch.tell(Event::Stage("folds"))?;
    let plan = Plan::new(bars, parents, config)?;
    let walk = Walk::new(bars, &plan, config);
    let mut parents = Parents::new(parents, config, &plan.recipe);
    let mut run = |strategy: Strategy, history: Option<usize>, seed: u64, judged: Judged| {
        walk.run(strategy, history, seed, judged, &mut parents, watch)
    };
    let main = run(config.strategy, config.history, config.seed, Judged::FieldsAndRisk)?;
    let mut seeds = Vec::new();
    for seed in (config.seed..).take(config.seeds).skip(1) {
        let fields = run(config.strategy, config.history, seed, Judged::Fields)?.fields;
        seeds.push(SeedRow { seed, fields });
    }
    if !seeds.is_empty() {
        seeds.insert(0, SeedRow { seed: config.seed, fields: main.fields.clone() });
    }
    let arms = config.ablation.iter().flat_map(|ablation| plan.arms(ablation)).collect();
    let ablation = ablated(arms, &walk, &main, config, &mut parents, watch)?;
    Ok(Backtest {
        ticker: bars.ticker().clone(),
        strategy: config.strategy,
        folds: main.folds,
        first_day: bars.as_slice()[plan.rows().start].date,
        last_day: bars.as_slice()[bars.len() - 1].date,
        forecasts: main.forecasts,
        seed: config.seed,
        fields: main.fields,
        seeds,
        risk: main.risk,
        ablation,
        errors: main.errors,
        notes: plan.notes.into_iter().chain(main.notes).collect(),
        legacy: main.legacy,
    })
}

/// The arms of an ablation, as many side by side as there are threads: the networks are small, and several on one thread each are
/// done sooner than one on all of them.
fn ablated(
    arms: Vec<(Strategy, Option<usize>)>,
    walk: &Walk<'_>,
    main: &Walked,
    config: &BacktestConfig,
    parents: &mut Parents<'_>,
    watch: &mut Watch<'_>,
) -> Result<Vec<AblationRow>> {
    if arms.iter().any(|(strategy, _)| strategy.needs_parent()) {
        // Parents that have to be trained are trained once, for all arms.
        walk.first_days().into_iter().try_for_each(|day| parents.before(day, watch).map(|_| ()))?;
    }
    let (cancel, parents) = (watch.cancel_flag(), &*parents);
    let arm = |(strategy, history): &(Strategy, Option<usize>)| {
        if (*strategy, *history) == (config.strategy, config.history) {
            return Ok(main.clone());
        }
        let mut silent = Watch::silent().with_cancel(cancel.clone());
        walk.run(*strategy, *history, config.seed, Judged::Fields, &mut parents.clone(), &mut silent)
    };
    let mut rows: Vec<Option<AblationRow>> = arms.iter().map(|_| None).collect();
    let mut done = 0;
    let threads = rayon::current_num_threads();
    let ended = side_by_side(threads, &arms, CHECK_EVERY, arm, |made| {
        let Some((place, walked)) = made else { return cancel.check() };
        let (Walked { fields, forecasts, .. }, (strategy, history)) = (walked?, arms[place]);
        rows[place] = Some(AblationRow { history, strategy, fields, forecasts });
        done += 1;
        watch.tell(Event::Stage(&format!("ablation, {done} of {}", arms.len())))
    });
    ended?;
    Ok(rows.into_iter().flatten().collect())
}
