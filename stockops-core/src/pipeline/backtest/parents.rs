//! `ParentChoice`: which parent a fold may have.

use chrono::NaiveDate;

use super::BacktestConfig;
use crate::error::{Error, Result};
use crate::market::Bars;
use crate::pipeline::{Parent, ParentConfig, train_parent};
use crate::registry::VersionId;
use crate::training::{Event, Recipe, Watch};

/// Parents that the folds of a backtest may come from.
///
/// A fold has the known parent if that saw no day of it. Else it has one that is trained on the days of `series` before
/// the first fold that needs it; that one serves later folds too, so it is never after a child's test.
#[derive(Debug, Clone, Default)]
pub struct ParentChoice {
    /// The registered parent, or the one that ships with the crate.
    pub known: Option<Parent>,
    /// Bars to train a parent from: the index first, others pooled in behind it. May be empty.
    pub series: Vec<Bars>,
}

/// The parents of one backtest; what was trained for a fold is kept.
#[derive(Clone)]
pub(super) struct Parents<'a> {
    choice: &'a ParentChoice,
    config: ParentConfig,
    trained: Option<Parent>,
}

/// A parent and how it is called in a report.
pub(super) struct Named<'a> {
    pub(super) parent: &'a Parent,
    pub(super) name: String,
}

impl<'a> Parents<'a> {
    /// Those that have to be trained are made by `recipe`, with the first seed of the backtest.
    pub(super) fn new(choice: &'a ParentChoice, config: &BacktestConfig, recipe: &Recipe) -> Self {
        let (seed, device) = (Some(config.seed), config.device);
        let config = ParentConfig { seed, device, ..ParentConfig::from(recipe.clone()) };
        Self { choice, config, trained: None }
    }

    /// One that saw nothing of a fold that begins on `first_day`.
    pub(super) fn before(&mut self, first_day: NaiveDate, watch: &mut Watch<'_>) -> Result<Named<'_>> {
        let seen = |parent: &Parent| parent.forecaster.about().last_seen_day;
        if let Some(parent) = self.choice.known.as_ref().filter(|parent| seen(parent) < first_day) {
            return Ok(Named { parent, name: parent.id.to_string() });
        }
        let parent = match self.trained.take().filter(|parent| seen(parent) < first_day) {
            Some(parent) => parent,
            None => train(&self.choice.series, &self.config, first_day, watch)?,
        };
        let parent = self.trained.insert(parent);
        let name = format!("{} trained on days up to {}", parent.id.ticker, seen(parent));
        Ok(Named { parent, name })
    }
}

/// What is missing where there is no parent at all.
pub(super) fn missing(first_day: NaiveDate) -> Error {
    let hint = "give the bars of the index, so that one can be trained".to_string();
    Error::NotFound { kind: "parent", name: format!("that saw no day from {first_day} on"), hint }
}

fn train(series: &[Bars], config: &ParentConfig, first_day: NaiveDate, watch: &mut Watch<'_>) -> Result<Parent> {
    let to = first_day.pred_opt();
    let past: Vec<Bars> = series.iter().map(|bars| bars.between(None, to)).collect();
    let ticker = past.first().map(|bars| bars.ticker().clone()).ok_or_else(|| missing(first_day))?;
    watch.tell(Event::Stage("parent"))?;
    let config = ParentConfig { to, ..config.clone() };
    let pooled: Vec<Bars> = past.into_iter().filter(|bars| !bars.is_empty()).collect();
    let forecaster = train_parent(&pooled, &config, watch)?.forecaster;
    Ok(Parent { forecaster, id: VersionId { ticker, version: 0 } })
}
