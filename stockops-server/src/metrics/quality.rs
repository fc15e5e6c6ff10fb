//! How good the models are: by ticker for a watch list, and counts of all of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};
use stockops_core::Ticker;
use stockops_core::drift::{DriftReport, Health, Outcome};
use stockops_core::forecast::Field;

use super::{Metrics, enter};

/// Tickers of the watch list that have gauges of their own.
pub(super) const WATCHED: usize = 50;

/// What the last look at a model said. A number that is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Skill of the last forecasts against the rule that the record holds them against, as a share of RMSE.
    pub skill: Option<f64>,
    /// Share of outcomes inside of the 90 % interval.
    pub coverage_90: Option<f64>,
    /// How many outcomes coverage is of; of few it says little.
    pub outcomes: usize,
    /// How far the bars have moved from what is usual, the contract's drift score.
    pub drift: Option<f64>,
    /// The judgement; `None` where there was nothing to judge.
    pub health: Option<Health>,
}

/// Newest outcomes that skill and coverage are of.
const ROLLING: usize = 60;

impl Quality {
    /// What a drift report says, and what became of forecasts of the next day: the skill of the range, which is where skill is to be
    /// had, and the coverage of the close, both over the newest 60 outcomes.
    pub fn of<'a>(drift: &DriftReport, outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut next_day: Vec<&Outcome> = outcomes.into_iter().filter(|outcome| outcome.horizon == 1).collect();
        next_day.sort_by_key(|outcome| outcome.day);
        let newest = &next_day[next_day.len().saturating_sub(ROLLING)..];
        let of = |field: Field| newest.iter().filter_map(move |outcome| outcome.fields.get(&field));
        let (mut ours, mut rules) = (0.0, 0.0);
        for range in of(Field::Range) {
            ours += range.error.powi(2);
            rules += range.rule_error.powi(2);
        }
        let covered: Vec<bool> = of(Field::Close).filter_map(|close| close.covered).collect();
        let inside = covered.iter().filter(|inside| **inside).count();
        Self {
            skill: (rules > 0.0).then(|| 1.0 - (ours / rules).sqrt()),
            coverage_90: (!covered.is_empty()).then(|| inside as f64 / covered.len() as f64),
            outcomes: covered.len(),
            drift: drift.drift_score,
            health: drift.health,
        }
    }
}

/// The word of a judgement; a model that nothing could judge is `unknown`.
fn word(health: Option<Health>) -> &'static str {
    match health {
        Some(Health::Healthy) => "healthy",
        Some(Health::Degraded) => "degraded",
        Some(Health::Critical) => "critical",
        None => "unknown",
    }
}

/// A judgement as a number that grows as it gets worse.
fn number(health: Health) -> f64 {
    match health {
        Health::Healthy => 0.0,
        Health::Degraded => 1.0,
        Health::Critical => 2.0,
    }
}

#[derive(Debug)]
pub(super) struct Qualities {
    watch: HashSet<Ticker>,
    judged: Mutex<HashMap<Ticker, Option<Health>>>,
    models: IntGaugeVec,
    skill: GaugeVec,
    coverage: GaugeVec,
    outcomes: GaugeVec,
    drift: GaugeVec,
    health: GaugeVec,
}

impl Qualities {
    pub(super) fn new(r: &Registry, watch: &[Ticker]) -> Self {
        let of_ticker = |name: &str, help: &str| enter(r, GaugeVec::new(Opts::new(name, help), &["ticker"]));
        let models = Opts::new("stockops_models", "Models that were judged, by their last judgement.");
        let models = enter(r, IntGaugeVec::new(models, &["health"]));
        for health in [Some(Health::Healthy), Some(Health::Degraded), Some(Health::Critical), None] {
            models.with_label_values(&[word(health)]).set(0);
        }
        Self {
            watch: watch.iter().take(WATCHED).cloned().collect(),
            judged: Mutex::default(),
            models,
            skill: of_ticker(
                "stockops_model_skill_ratio",
                "Rolling skill of the next day's range against the simple rule of the record, of watched tickers.",
            ),
            coverage: of_ticker(
                "stockops_model_coverage_90_ratio",
                "Rolling coverage of the 90 % interval of the next close, of watched tickers.",
            ),
            outcomes: of_ticker(
                "stockops_model_outcomes",
                "Outcomes that rolling coverage is of, 60 at most, of watched tickers.",
            ),
            drift: of_ticker("stockops_model_drift_score", "Drift score of the last report, of watched tickers."),
            health: of_ticker(
                "stockops_model_health",
                "Judgement of the last report: 0 healthy, 1 degraded, 2 critical, of watched tickers.",
            ),
        }
    }
}

impl Metrics {
    /// The model of a ticker was looked at.
    pub fn judged(&self, ticker: &Ticker, quality: &Quality) {
        let all = &self.0.quality;
        let before = all.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(ticker.clone(), quality.health);
        if let Some(before) = before {
            all.models.with_label_values(&[word(before)]).dec();
        }
        all.models.with_label_values(&[word(quality.health)]).inc();
        if !all.watch.contains(ticker) {
            return;
        }
        let numbers = [
            (&all.skill, quality.skill),
            (&all.coverage, quality.coverage_90),
            (&all.outcomes, Some(quality.outcomes as f64)),
            (&all.drift, quality.drift),
            (&all.health, quality.health.map(number)),
        ];
        numbers.into_iter().for_each(|(gauges, number)| of_ticker(gauges, ticker, number));
    }
}

/// Let the gauge of a ticker be `number`; what is no longer known must not stand there as if it were.
pub(super) fn of_ticker(gauges: &GaugeVec, ticker: &Ticker, number: Option<f64>) {
    match number.filter(|number| number.is_finite()) {
        Some(number) => gauges.with_label_values(&[ticker.as_str()]).set(number),
        None => drop(gauges.remove_label_values(&[ticker.as_str()])),
    }
}
