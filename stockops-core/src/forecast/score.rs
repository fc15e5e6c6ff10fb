//! `Score`: how one field was forecast at one horizon.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, Rule};

/// Scores by field and horizon: `{close: {h1: {..}, .. h5}, ..}`.
pub type FieldTable = BTreeMap<Field, BTreeMap<String, Score>>;

/// Fewest forecasts that anything is stated from.
pub const MIN_JUDGED: usize = 20;

/// How one field was forecast at one horizon, over all judged days; errors are actual less forecast on the log scale of
/// [`Field`].
///
/// `None` where it is not known: no rule that could forecast all of these days, nothing calibrated, too few days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Forecasts that were judged.
    pub n: usize,
    /// Root mean squared error of the model.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Mean absolute error over that of persistence at the same horizon on the days before the judged ones (after
    /// Hyndman and Koehler 2006): below 1 it is smaller.
    pub mase: Option<f64>,
    /// Mean error: above 0 the forecasts were too low.
    pub bias: f64,
    /// `1 - RMSE / RMSE of persistence`: below 0 persistence is better.
    pub skill_vs_persistence: Option<f64>,
    /// The same against `best_rule`.
    pub skill_vs_best_rule: Option<f64>,
    /// The one of [`Rule::CANDIDATES`] with the least RMSE on days before the judged ones; where there are none, on the
    /// judged ones, which favours the rule.
    pub best_rule: Option<Rule>,
    /// p-value of the difference to `best_rule`, see [`diebold_mariano`](super::diebold_mariano).
    pub dm_p: Option<f64>,
    /// Root mean squared error of each rule that could forecast all of these days.
    pub rules: BTreeMap<Rule, f64>,
    /// Share of outcomes inside of the 80 % interval.
    pub coverage_80: Option<f64>,
    /// Share inside of the 90 % interval.
    pub coverage_90: Option<f64>,
    /// Share inside of the 95 % interval.
    pub coverage_95: Option<f64>,
    /// Share inside of the 90 % interval on the calmest, the middle and the wildest third of days, by volatility when
    /// the forecast was made.
    pub coverage_90_by_volatility: Option<[f64; 3]>,
    /// Mean width of the 90 % interval.
    pub width_90: Option<f64>,
    /// Mean continuous ranked probability score, see [`Distribution::crps`](super::Distribution::crps).
    pub crps: Option<f64>,
    /// Of close alone: the same of a Gaussian random walk with exponentially weighted volatility (decay 0.94), on the same
    /// days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crps_ewma: Option<f64>,
    /// Mean pinball loss by probability: `0.05`, `0.25`, `0.5`, `0.75`, `0.95`.
    pub pinball: Option<BTreeMap<String, f64>>,
    /// Of close alone: how often the direction was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

impl Score {
    /// The rule with the least RMSE on the judged days themselves, and the skill over it. [`best_rule`](Self::best_rule) was
    /// chosen on days before and may have turned out worse.
    pub fn hardest_rule(&self) -> Option<(Rule, f64)> {
        let (rule, rmse) = self.rules.iter().min_by(|a, b| a.1.total_cmp(b.1))?;
        (*rmse > 0.0).then(|| (*rule, 1.0 - self.rmse / rmse))
    }
}

/// How often the sign of the move was right; a close that does not rise counts as a fall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// Share of right signs.
    pub accuracy: f64,
    /// Share of the more frequent direction among the judged days: what always saying it would have had.
    pub majority: f64,
    /// Forecasts that were judged.
    pub n: usize,
    /// Wilson's 95 % interval of the accuracy; forecasts of h days overlap, so n / h trials are counted.
    pub interval: [f64; 2],
}

/// Skill at one horizon: `1 - RMSE / RMSE of the rule`, as a fraction; below 0 the rule is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HorizonSkill {
    /// Against "tomorrow equals today".
    pub vs_persistence: f64,
    /// Against the best simple rule.
    pub vs_best_rule: f64,
    /// The rule that was best on days before the test.
    pub best_rule: Rule,
}

/// Skill by field and horizon: `{close: {h1: {..}, .. h5}, ..}`.
pub type SkillTable = BTreeMap<Field, BTreeMap<String, HorizonSkill>>;

impl Score {
    /// Its skill alone; `None` where the rules do not allow for one.
    pub fn skill(&self) -> Option<HorizonSkill> {
        Some(HorizonSkill {
            vs_persistence: self.skill_vs_persistence?,
            vs_best_rule: self.skill_vs_best_rule?,
            best_rule: self.best_rule?,
        })
    }
}

/// The skill of each cell that has one; a field without any is left out.
pub fn skill_of(table: &FieldTable) -> SkillTable {
    let of_field = |(field, rows): (&Field, &BTreeMap<String, Score>)| {
        let rows: BTreeMap<_, _> =
            rows.iter().filter_map(|(horizon, score)| Some((horizon.clone(), score.skill()?))).collect();
        (!rows.is_empty()).then_some((*field, rows))
    };
    table.iter().filter_map(of_field).collect()
}
