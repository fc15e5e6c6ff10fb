//! `Walk`: one strategy over all folds.

use std::ops::Range;

use chrono::NaiveDate;

use super::parents::Parents;
use super::plan::Plan;
use super::{BacktestConfig, BacktestFold};
use crate::dataset::Dataset;
use crate::error::Result;
use crate::evaluation::{DayError, Fold, Legacy, day_errors, judge};
use crate::forecast::{Case, FieldTable, Strategy};
use crate::forecaster::Forecaster;
use crate::market::Bars;
use crate::pipeline::{ChildConfig, train_child};
use crate::risk::{RiskTable, judge_risk};
use crate::training::{CancelFlag, Event, Watch};

/// The days of a backtest; what is run over them is judged on the same ones.
pub(super) struct Walk<'a> {
    bars: &'a Bars,
    plan: &'a Plan,
    config: &'a BacktestConfig,
    /// Days on which the best rule is chosen.
    before: Vec<Case<'a>>,
}

/// What one strategy did.
#[derive(Clone)]
pub(super) struct Walked {
    pub(super) folds: Vec<BacktestFold>,
    pub(super) fields: FieldTable,
    /// Day by day, where they were asked for.
    pub(super) errors: Vec<DayError>,
    pub(super) forecasts: usize,
    pub(super) notes: Vec<String>,
    pub(super) legacy: Option<Legacy>,
    /// Empty where it was not asked for, or where nothing was calibrated.
    pub(super) risk: RiskTable,
}

/// What is judged of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// The fields.
    Fields,
    /// The risk as well, which takes a second or two.
    FieldsAndRisk,
}

/// A child and the parent that it came from.
struct Child {
    forecaster: Forecaster,
    parent: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bars: &'a Bars, plan: &'a Plan, config: &'a BacktestConfig) -> Self {
        let before = plan.rule_rows().map(|first_target| outcome(bars, first_target, plan.recipe.horizon)).collect();
        Self { bars, plan, config, before }
    }

    pub(super) fn run(
        &self,
        strategy: Strategy,
        history: Option<usize>,
        seed: u64,
        wanted: Judged,
        parents: &mut Parents<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Walked> {
        let mut folds = Vec::new();
        let mut cases = Vec::new();
        let mut samplers = Vec::new();
        let mut legacy = None;
        for (index, stretch) in self.stretches().into_iter().enumerate() {
            let seen = history.map(|history| format!(" on {history} bars")).unwrap_or_default();
            let of =
                if self.config.refit { format!(" {} of {}", index + 1, self.plan.folds.len()) } else { "s".into() };
            watch.tell(Event::Stage(&format!("fold{of}, {strategy}{seen}")))?;
            let child = self.child(stretch.start, strategy, history, seed, parents, watch)?;
            let own = self.cases(&child.forecaster, &stretch, &watch.cancel_flag())?;
            if wanted == Judged::FieldsAndRisk {
                samplers.extend(child.forecaster.samplers(self.bars, &own, &watch.cancel_flag())?);
            }
            cases.push(own);
            legacy = child.forecaster.about().evaluation.legacy;
            let own = self.plan.folds.iter().filter(|fold| stretch.start <= fold.start && fold.end <= stretch.end);
            folds.extend(own.map(|fold| self.report(fold, &child)));
        }
        let risk = judge_risk(&cases.iter().flatten().zip(samplers).collect::<Vec<_>>());
        let judged: Vec<Fold<'_>> = cases.iter().map(|test| Fold { test, before: &self.before }).collect();
        let fields = judge(&judged);
        let errors =
            if self.config.errors && wanted == Judged::FieldsAndRisk { day_errors(&judged) } else { Vec::new() };
        let forecasts = cases.iter().map(Vec::len).sum();
        let spread = cases.iter().flatten().any(|case| !case.spreads.is_empty());
        Ok(Walked { folds, fields, errors, forecasts, notes: self.notes(spread), legacy, risk })
    }

    /// What one child forecasts: a fold, or all of them.
    fn stretches(&self) -> Vec<Range<usize>> {
        if self.config.refit { self.plan.folds.clone() } else { vec![self.plan.rows()] }
    }

    /// The first day of each of these.
    pub(super) fn first_days(&self) -> Vec<NaiveDate> {
        self.stretches().iter().map(|rows| self.bars.as_slice()[rows.start].date).collect()
    }

    /// A child that saw no bar from `first` on: it is not even given them.
    fn child(
        &self,
        first: usize,
        strategy: Strategy,
        history: Option<usize>,
        seed: u64,
        parents: &mut Parents<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Child> {
        let days = self.bars.as_slice();
        let (to, first_day) = (days[first - 1].date, days[first].date);
        let named = if strategy.needs_parent() { Some(parents.before(first_day, watch)?) } else { None };
        let config = ChildConfig {
            strategy,
            recipe: Some(self.plan.recipe.clone()),
            epochs: self.config.epochs,
            seed: Some(seed),
            no_comparison: true,
            to: Some(to),
            history,
            device: self.config.device,
            ..ChildConfig::default()
        };
        let known = self.bars.between(None, Some(to));
        let trained = train_child(&known, named.as_ref().map(|named| named.parent), &config, watch)?;
        Ok(Child { forecaster: trained.forecaster, parent: named.map(|named| named.name) })
    }

    /// Forecasts whose first day is one of `rows`, each from the bars before it.
    fn cases(&self, forecaster: &Forecaster, rows: &Range<usize>, cancel: &CancelFlag) -> Result<Vec<Case<'a>>> {
        let all = self.bars.as_slice();
        let last = rows.end + forecaster.horizon() - 2;
        let seen = self.bars.between(None, Some(all[last].date));
        let to = Some(all[rows.start - 1].date);
        let mut samples = forecaster.recipe().dataset();
        samples.split.to = to;
        let dataset = Dataset::with_scaler(
            &forecaster.about().days.ordinary(&seen),
            &samples,
            forecaster.about().scaler.clone(),
        )?;
        forecaster.cases(self.bars, &dataset.windows_after(to), cancel)
    }

    fn report(&self, fold: &Range<usize>, child: &Child) -> BacktestFold {
        let about = child.forecaster.about();
        let day = |row: usize| self.bars.as_slice()[row].date;
        BacktestFold {
            from: day(fold.start),
            to: day(fold.end - 1),
            parent: child.parent.clone(),
            parent_last_seen_day: about.parent.as_ref().map(|parent| parent.last_seen_day),
            forecasts: fold.len(),
            training_windows: about.training_windows,
        }
    }

    fn notes(&self, spread: bool) -> Vec<String> {
        let trained = if self.config.refit {
            "each fold's child is trained anew on days before it alone".to_string()
        } else {
            "one child, trained on days before the first fold, forecasts all of them".into()
        };
        let rules = self.plan.rule_rows();
        let day = |row: usize| self.bars.as_slice()[row].date;
        let chosen = format!(
            "the best rule is chosen on forecasts of {} to {}, and rules are fitted {}",
            day(rules.start),
            day(rules.end),
            if self.config.refit { "anew before each fold" } else { "once, before the first fold" }
        );
        let no_spread = "no intervals were calibrated, so nothing is said about coverage";
        let mut notes = vec![trained, chosen];
        notes.extend((!spread).then(|| no_spread.to_string()));
        notes
    }
}

/// What came from the bar `first_target` on, without any forecast: rules alone are judged on it.
fn outcome(bars: &Bars, first_target: usize, horizon: usize) -> Case<'_> {
    let (history, future) = bars.as_slice().split_at(first_target);
    Case { history, actual: &future[..horizon], days: bars.days(), ..Case::default() }
}
