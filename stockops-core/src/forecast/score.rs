//! `Score`: how one field was forecast at one horizon.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, Horizon, Rule};

/// Scores by field and horizon, the furthest horizon last: `{close: {h1: {..}, .. h5}, ..}`.
pub type FieldTable = BTreeMap<Field, BTreeMap<Horizon, Score>>;

/// Fewest forecasts that anything is stated from.
pub const MIN_JUDGED: usize = 20;

/// How one field was forecast at one horizon, over all judged days; errors are actual less forecast on the log scale of
/// [`Field`].
///
/// `None` where it is not known: no rule that could forecast all of these days, nothing calibrated, too few days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The rule with the least RMSE on the judged days themselves, which nobody knew beforehand; none in scores of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardest_rule: Option<Rule>,
    /// `1 - RMSE / RMSE` of the hardest rule: at most `skill_vs_best_rule`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill_vs_hardest_rule: Option<f64>,
    /// p-value of the difference to `best_rule`, see [`diebold_mariano`](crate::evaluation::diebold_mariano).
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
    /// Of close alone, at the last horizon: how often a whole path stayed within its intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathCoverage>,
}

/// How often the closes of all sessions lay within the path intervals at once; each share is to be its level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PathCoverage {
    /// Share of forecasts whose whole path stayed inside at 80 %.
    pub coverage_80: f64,
    /// Share at 90 %.
    pub coverage_90: f64,
    /// Share at 95 %.
    pub coverage_95: f64,
    /// Forecasts that were judged.
    pub n: usize,
}

impl Score {
    /// The rule with the least RMSE on the judged days themselves, and the skill over it. [`best_rule`](Self::best_rule) was
    /// chosen on days before and may have turned out worse.
    pub fn against_hardest(&self) -> Option<(Rule, f64)> {
        let (rule, rmse) = self.rules.iter().min_by(|a, b| a.1.total_cmp(b.1))?;
        (*rmse > 0.0).then(|| (*rule, 1.0 - self.rmse / rmse))
    }
}

/// How often the sign of the move was right; a close that does not rise counts as a fall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DirectionScore"))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HorizonSkill {
    /// Against "tomorrow equals today".
    pub vs_persistence: f64,
    /// Against the best simple rule.
    pub vs_best_rule: f64,
    /// The rule that was best on days before the test.
    pub best_rule: Rule,
}

/// Skill by field and horizon, the furthest horizon last: `{close: {h1: {..}, .. h5}, ..}`.
pub type SkillTable = BTreeMap<Field, BTreeMap<Horizon, HorizonSkill>>;

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
    let of_field = |(field, rows): (&Field, &BTreeMap<Horizon, Score>)| {
        let rows: BTreeMap<_, _> =
            rows.iter().filter_map(|(horizon, score)| Some((*horizon, score.skill()?))).collect();
        (!rows.is_empty()).then_some((*field, rows))
    };
    table.iter().filter_map(of_field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A score of errors of 0.75 on days on which the rules have these.
    fn score(rules: &[(Rule, f64)]) -> Score {
        serde_json::from_value(serde_json::json!({
            "n": 100, "rmse": 0.75, "mae": 0.6, "bias": 0.0, "rules": rules.iter().copied().collect::<BTreeMap<_, _>>(),
            "skill_vs_persistence": 0.5, "skill_vs_best_rule": 0.25, "best_rule": "har"
        }))
        .unwrap()
    }

    #[test]
    fn the_hardest_rule_is_the_one_with_the_least_error() {
        let of = |rules: &[(Rule, f64)]| score(rules).against_hardest();
        assert_eq!(of(&[(Rule::Persistence, 3.0), (Rule::Har, 1.0), (Rule::Ewma, 1.5)]), Some((Rule::Har, 0.25)));
        assert_eq!(of(&[(Rule::Persistence, 0.5)]), Some((Rule::Persistence, -0.5)));
        assert_eq!(of(&[(Rule::Persistence, 0.0), (Rule::Har, 1.0)]), None, "nothing is smaller than no error");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn skill_is_stated_where_both_rules_are_known_and_fields_without_any_are_left_out() {
        let whole = score(&[]);
        let partly = Score { best_rule: None, ..whole.clone() };
        let table = FieldTable::from([
            (Field::Close, BTreeMap::from([(Horizon::at(0), whole), (Horizon::at(9), partly.clone())])),
            (Field::Range, BTreeMap::from([(Horizon::at(0), partly)])),
        ]);
        let skill = HorizonSkill { vs_persistence: 0.5, vs_best_rule: 0.25, best_rule: Rule::Har };
        assert_eq!(skill_of(&table), SkillTable::from([(Field::Close, BTreeMap::from([(Horizon::at(0), skill)]))]));
    }

    #[test]
    fn scores_of_before_are_read_and_written_without_a_path() {
        let json = serde_json::to_value(score(&[])).unwrap();
        assert!(json.get("path").is_none() && json.get("direction").is_none());
    }
}
