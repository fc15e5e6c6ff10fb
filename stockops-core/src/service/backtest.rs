//! A walk over the past of one ticker.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Stockops;
use super::analysed::backtest_scores;
use crate::error::{Result, check};
use crate::forecast::Strategy;
use crate::market::Ticker;
use crate::pipeline::{AblationConfig, Backtest, BacktestConfig, ParentChoice, backtest};
use crate::training::Watch;

/// What is judged, and how. What is left out is the default of [`BacktestConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BacktestRequest {
    /// Whose days.
    pub ticker: Ticker,
    /// First day that is used.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day that is used.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// How a child comes from its parent.
    #[serde(default)]
    pub strategy: Strategy,
    /// Stretches of days that are judged one after the other.
    #[serde(default)]
    pub folds: Option<usize>,
    /// Train the child once, before the first fold, and not anew before each.
    #[serde(default)]
    pub no_refit: bool,
    /// Bars before each fold that the child may see; all by default.
    #[serde(default)]
    pub history: Option<usize>,
    /// Epochs of a child, at most.
    #[serde(default)]
    pub epochs: Option<usize>,
    /// The first seed.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How often all is done, with one seed more each time.
    #[serde(default)]
    pub seeds: Option<usize>,
    /// Hold strategies and lengths of history side by side.
    #[serde(default)]
    pub ablation: bool,
    /// Keep the error of each forecast.
    #[serde(default)]
    pub errors: bool,
    /// Tickers that a parent may be trained on for folds of which the known one saw too much, the index first; none by
    /// default.
    #[serde(default)]
    pub index: Vec<Ticker>,
}

impl BacktestRequest {
    /// The default walk over the days of `ticker`.
    pub fn new(ticker: Ticker) -> Self {
        Self {
            ticker,
            from: None,
            to: None,
            strategy: Strategy::default(),
            folds: None,
            no_refit: false,
            history: None,
            epochs: None,
            seed: None,
            seeds: None,
            ablation: false,
            errors: false,
            index: Vec::new(),
        }
    }
}

impl Stockops {
    /// Judge children of a ticker on days that they did not see, fold by fold.
    ///
    /// # Errors
    ///
    /// Those of the source and of [`backtest`](crate::pipeline::backtest()).
    pub fn backtest(&self, request: &BacktestRequest, watch: &mut Watch<'_>) -> Result<Backtest> {
        if let (Some(from), Some(to)) = (request.from, request.to) {
            check(from < to, "from", "before the last day", format!("{from} to {to}"))?;
        }
        let sourced = self.bars(&request.ticker)?;
        let bars = sourced.bars.between(request.from, request.to);
        let series = self.series(&request.index)?;
        let series = series.into_iter().map(|bars| bars.between(request.from, request.to)).collect();
        let choice = ParentChoice { known: Some(self.parent()?), series };
        let work = || backtest(&bars, &choice, &self.backtest_config(request), watch);
        let mut done = self.analysed("backtest", &bars, backtest_scores, work)?;
        done.notes.extend(sourced.quality.findings.iter().map(|finding| format!("bars: {finding}")));
        Ok(done)
    }

    fn backtest_config(&self, request: &BacktestRequest) -> BacktestConfig {
        let default = BacktestConfig::default();
        BacktestConfig {
            strategy: request.strategy,
            folds: request.folds.unwrap_or(default.folds),
            refit: !request.no_refit,
            history: request.history,
            epochs: request.epochs,
            seed: request.seed.unwrap_or(default.seed),
            seeds: request.seeds.unwrap_or(default.seeds),
            ablation: request.ablation.then(AblationConfig::default),
            errors: request.errors,
            device: self.device,
            ..default
        }
    }
}
