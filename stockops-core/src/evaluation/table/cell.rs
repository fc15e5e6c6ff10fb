//! One cell of the table: all judged days of one field at one horizon.

use std::collections::BTreeMap;

use crate::evaluation::metrics::{diebold_mariano, mae, mean, pinball, rmse, wilson};
use crate::forecast::{Case, Direction, Field, MIN_JUDGED, PathCoverage, Rule, Score, Spread, gaussian_crps};

/// Probabilities at which the pinball loss is stated.
const PROBABILITIES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Place of the 90 % interval in a [`Spread`].
const NINETY: usize = 1;

/// One judged day.
pub(super) struct Sample<'a> {
    pub(super) case: &'a Case<'a>,
    /// What came.
    pub(super) actual: f64,
    /// Errors of the rules that had a forecast.
    pub(super) rules: BTreeMap<Rule, f64>,
    /// Mean absolute error of persistence before the judged days.
    pub(super) scale: Option<f64>,
    /// Volatility of the random walk that closes are held to; `None` for other fields, and where it is not known.
    pub(super) walk: Option<f64>,
}

impl Sample<'_> {
    /// Errors of `rule`; `None` where it could not forecast all of these days.
    pub(super) fn errors_of(samples: &[Sample<'_>], rule: Rule) -> Option<Vec<f64>> {
        samples.iter().map(|sample| sample.rules.get(&rule).copied()).collect()
    }
}

/// Score at least [`MIN_JUDGED`] samples, in order of time; `horizon` from 0.
pub(super) fn score(field: Field, horizon: usize, samples: &[Sample<'_>], best_rule: Option<Rule>) -> Score {
    let errors: Vec<f64> = samples.iter().filter_map(|sample| sample.case.error(field, horizon)).collect();
    let model = rmse(&errors).unwrap_or_default();
    let rule_errors = |rule: &Rule| Some((*rule, Sample::errors_of(samples, *rule)?));
    let rules: BTreeMap<Rule, Vec<f64>> = Rule::ALL.iter().filter_map(rule_errors).collect();
    let rules_rmse: BTreeMap<Rule, f64> =
        rules.iter().filter_map(|(rule, errors)| Some((*rule, rmse(errors)?))).collect();
    let skill = |rule: &Rule| rules_rmse.get(rule).filter(|rmse| **rmse > 0.0).map(|rmse| 1.0 - model / rmse);
    let best = best_rule.and_then(|rule| rules.get(&rule));
    let scaled: Option<Vec<f64>> = samples.iter().zip(&errors).map(|(s, error)| Some(error / s.scale?)).collect();
    let spreads = Spreads::of(field, horizon, samples);
    let mut score = Score {
        n: samples.len(),
        rmse: model,
        mae: mae(&errors).unwrap_or_default(),
        mase: scaled.and_then(|scaled| mae(&scaled)),
        bias: mean(errors.iter().copied()).unwrap_or_default(),
        skill_vs_persistence: skill(&Rule::Persistence),
        skill_vs_best_rule: best_rule.as_ref().and_then(skill),
        best_rule,
        hardest_rule: None,
        skill_vs_hardest_rule: None,
        dm_p: best.and_then(|best| diebold_mariano(&errors, best, horizon + 1)).map(|difference| difference.p),
        rules: rules_rmse,
        coverage_80: spreads.coverage(0),
        coverage_90: spreads.coverage(NINETY),
        coverage_95: spreads.coverage(2),
        coverage_90_by_volatility: spreads.coverage_by_volatility(),
        width_90: spreads.mean(|spread, _| spread.intervals[NINETY][1] - spread.intervals[NINETY][0]),
        crps: spreads.mean(|spread, actual| spread.distribution.crps(actual)),
        crps_ewma: (field == Field::Close).then(|| crps_ewma(horizon, samples)).flatten(),
        pinball: spreads.pinball(),
        direction: (field == Field::Close).then(|| direction(horizon, samples)),
        path: (field == Field::Close).then(|| path(horizon, samples)).flatten(),
    };
    (score.hardest_rule, score.skill_vs_hardest_rule) = score.against_hardest().unzip();
    score
}

/// The days whose forecasts were spread, with what came.
struct Spreads<'a>(Vec<(&'a Spread, f64, f64)>);

impl<'a> Spreads<'a> {
    /// Nothing where they are too few.
    fn of(field: Field, horizon: usize, samples: &[Sample<'a>]) -> Self {
        let spread = |s: &Sample<'a>| Some((s.case.spread(field, horizon)?, s.actual, s.case.unit));
        let spreads: Vec<_> = samples.iter().filter_map(spread).collect();
        Self(if spreads.len() < MIN_JUDGED { Vec::new() } else { spreads })
    }

    fn mean(&self, of: impl Fn(&Spread, f64) -> f64) -> Option<f64> {
        mean(self.0.iter().map(|(spread, actual, _)| of(spread, *actual)))
    }

    fn coverage(&self, level: usize) -> Option<f64> {
        self.mean(|spread, actual| f64::from(inside(spread, actual, level)))
    }

    /// `None` with fewer than [`MIN_JUDGED`] days in each third.
    fn coverage_by_volatility(&self) -> Option<[f64; 3]> {
        let mut calm_first = self.0.clone();
        calm_first.sort_by(|a, b| a.2.total_cmp(&b.2));
        let (count, third) = (calm_first.len(), calm_first.len() / 3);
        let share = |days: &[(&Spread, f64, f64)]| {
            let hits = days.iter().filter(|(spread, actual, _)| inside(spread, *actual, NINETY)).count();
            hits as f64 / days.len() as f64
        };
        let parts = [0..third, third..count - third, count - third..count];
        (third >= MIN_JUDGED).then(|| parts.map(|part| share(&calm_first[part])))
    }

    fn pinball(&self) -> Option<BTreeMap<String, f64>> {
        let loss = |p: f64| {
            let loss = self.mean(|spread, actual| pinball(p, spread.distribution.quantile(p), actual))?;
            Some((p.to_string(), loss))
        };
        PROBABILITIES.into_iter().map(loss).collect()
    }
}

fn inside(spread: &Spread, actual: f64, level: usize) -> bool {
    let [low, high] = spread.intervals[level];
    (low..=high).contains(&actual)
}

/// Of a random walk without drift whose daily deviation is the exponentially weighted one; on the days whose forecasts
/// are spread, or on all where none is.
fn crps_ewma(horizon: usize, samples: &[Sample<'_>]) -> Option<f64> {
    let spread = |sample: &&Sample<'_>| sample.case.spread(Field::Close, horizon).is_some();
    let none = !samples.iter().any(|sample| spread(&sample));
    let score = |sample: &Sample<'_>| {
        let deviation = sample.walk? * ((horizon + 1) as f64).sqrt();
        Some(gaussian_crps(0.0, deviation, sample.actual))
    };
    let scores: Option<Vec<f64>> = samples.iter().filter(|sample| none || spread(sample)).map(score).collect();
    mean(scores?.into_iter())
}

fn direction(horizon: usize, samples: &[Sample<'_>]) -> Direction {
    let n = samples.len() as f64;
    let rose = |sample: &&Sample<'_>| sample.actual > 0.0;
    let right = |sample: &&Sample<'_>| {
        sample.case.predicted(Field::Close, horizon).is_some_and(|forecast| (forecast > 0.0) == rose(sample))
    };
    let up = samples.iter().filter(rose).count() as f64 / n;
    let accuracy = samples.iter().filter(right).count() as f64 / n;
    let trials = n / (horizon + 1) as f64;
    Direction { accuracy, majority: up.max(1.0 - up), n: samples.len(), interval: wilson(accuracy * trials, trials) }
}

/// `None` before the last horizon, and with fewer than [`MIN_JUDGED`] forecasts that stated a path.
fn path(horizon: usize, samples: &[Sample<'_>]) -> Option<PathCoverage> {
    let last = samples.iter().filter(|sample| sample.case.path.len() == horizon + 1);
    let held: Vec<[bool; 3]> = last.filter_map(|sample| sample.case.path_held()).collect();
    let share = |level: usize| mean(held.iter().map(|held| f64::from(held[level])));
    let [coverage_80, coverage_90, coverage_95] = [share(0)?, share(NINETY)?, share(2)?];
    (held.len() >= MIN_JUDGED).then_some(PathCoverage { coverage_80, coverage_90, coverage_95, n: held.len() })
}
