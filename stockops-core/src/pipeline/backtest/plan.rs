//! `Plan`: which days are judged, in which folds.

use std::ops::Range;

use super::parents::missing;
use super::{AblationConfig, BacktestConfig, ParentChoice};
use crate::dataset::Encoding;
use crate::error::{Error, Result};
use crate::forecast::{MIN_JUDGED, Strategy};
use crate::market::Bars;
use crate::training::Recipe;

/// Fewest days that a backtest judges.
const MIN_DAYS: usize = 60;

/// Days after the parent's last that are worth a backtest, where earlier ones cannot be had.
const ENOUGH_DAYS: usize = 250;

/// Bars by their place in the history.
pub(super) struct Plan {
    /// Bars that are forecast one day ahead, fold by fold.
    pub(super) folds: Vec<Range<usize>>,
    /// How every network of the backtest is made: as the known parent, else as the settings say.
    pub(super) recipe: Recipe,
    /// Fewest bars that a child can learn from.
    least: usize,
    pub(super) notes: Vec<String>,
}

impl Plan {
    pub(super) fn new(bars: &Bars, parents: &ParentChoice, config: &BacktestConfig) -> Result<Self> {
        let known = parents.known.as_ref().map(|parent| parent.forecaster.recipe());
        let recipe = known.unwrap_or_else(|| config.recipe.clone());
        let horizon = recipe.horizon;
        let least = Encoding::warm_up(&recipe.features) + recipe.context + horizon;
        let natural = bars.len() - bars.len() * 2 / 5;
        let judged = MIN_DAYS.max(config.folds * MIN_JUDGED);
        // Forecasts of the last days have no outcome yet.
        let end = (bars.len() + 1).saturating_sub(horizon);
        let needed = needed_bars(judged, horizon, least);
        if bars.len() < needed {
            let what = format!("a backtest of {} in {} folds", bars.ticker(), config.folds);
            return Err(Error::TooShort { what, needed, got: bars.len() });
        }
        let mut notes = Vec::new();
        let start = if needs_parent(config) { start(bars, parents, natural, end, &mut notes)? } else { natural };
        let border = |fold: usize| start + (end - start) * fold / config.folds;
        let folds = (0..config.folds).map(|fold| border(fold)..border(fold + 1)).collect();
        Ok(Self { folds, recipe, least, notes })
    }

    /// All bars that are forecast one day ahead.
    pub(super) fn rows(&self) -> Range<usize> {
        self.folds[0].start..self.folds[self.folds.len() - 1].end
    }

    /// Bars on which rules are compared before the first fold: those that would validate a child of it.
    pub(super) fn rule_rows(&self) -> Range<usize> {
        let known = self.folds[0].start;
        known * 7 / 9..known * 8 / 9
    }

    /// What an ablation runs: each strategy with each history that is there, shortest first, then with all.
    pub(super) fn arms(&self, config: &AblationConfig) -> Vec<(Strategy, Option<usize>)> {
        let there = |history: &usize| (self.least..self.folds[0].start).contains(history);
        let mut histories: Vec<usize> = config.histories.iter().copied().filter(there).collect();
        histories.sort_unstable();
        histories.dedup();
        let arms = |strategy: &Strategy| {
            let some = if strategy.learns() { histories.clone() } else { Vec::new() };
            let strategy = *strategy;
            some.into_iter().map(Some).chain([None]).map(move |history| (strategy, history))
        };
        config.strategies.iter().flat_map(arms).collect()
    }
}

/// Fewest bars whose last 40 % hold `judged` forecasts with their outcomes, and whose first 60 % a child can learn from.
fn needed_bars(judged: usize, horizon: usize, least: usize) -> usize {
    ((judged + horizon - 1) * 5).div_ceil(2).max((least * 5).div_ceil(3))
}

fn needs_parent(config: &BacktestConfig) -> bool {
    let others = config.ablation.iter().flat_map(|ablation| &ablation.strategies);
    others.chain([&config.strategy]).any(|strategy| strategy.needs_parent())
}

/// Where the folds begin: at `natural`, or after all that the known parent saw.
fn start(bars: &Bars, parents: &ParentChoice, natural: usize, end: usize, notes: &mut Vec<String>) -> Result<usize> {
    let first_day = bars.as_slice()[natural].date;
    let known = parents.known.as_ref().map(|parent| (parent, parent.forecaster.about().last_seen_day));
    if known.is_some_and(|(_, seen)| seen < first_day) || !parents.series.is_empty() {
        return Ok(natural);
    }
    let (parent, seen) = known.ok_or_else(|| missing(first_day))?;
    let after = bars.as_slice().partition_point(|bar| bar.date <= seen);
    if after + ENOUGH_DAYS > end {
        let (ticker, parent) = (bars.ticker().to_string(), parent.id.to_string());
        return Err(Error::ParentLeak { ticker, parent, parent_last_day: seen, first_day });
    }
    notes.push(format!(
        "the folds begin after {seen}, the last day that the parent {} saw, and not at 60 % of the bars ({first_day}); \
         with bars of the index a parent is trained for earlier days",
        parent.id
    ));
    Ok(after)
}
