//! `Transfer`: whether a child is better for having a parent, on days that neither learned from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rmse;
use crate::forecast::{Case, Field};

/// Skill of a child over two others on the same held-out days: the parent's network as it is, and a network that learned
/// from the child's bars alone.
///
/// Each is `1 - RMSE of the child / RMSE of the other` at one day ahead, by field; above 0 the child is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Over the parent's network, zero-shot; empty for a child that is zero-shot itself.
    pub vs_zero_shot: BTreeMap<Field, f64>,
    /// Over a network trained from random weights on the same bars of the child: what the parent is worth.
    pub vs_scratch: BTreeMap<Field, f64>,
    /// Forecasts that were compared.
    pub forecasts: usize,
}

/// Skill of `own` over `other` at one day ahead, forecasts of the same days.
pub(crate) fn skill_over(own: &[Case<'_>], other: &[Case<'_>]) -> BTreeMap<Field, f64> {
    let error = |cases: &[Case<'_>], field| {
        let errors: Vec<f64> = cases.iter().filter_map(|case| case.error(field, 0)).collect();
        rmse(&errors).filter(|rmse| *rmse > 0.0)
    };
    let of = |field: Field| Some((field, 1.0 - error(own, field)? / error(other, field)?));
    Field::JUDGED.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::market::Bar;
    use crate::testing::day;

    #[test]
    fn skill_is_one_minus_the_ratio_of_errors_at_one_day_ahead() {
        let bar = Bar { date: day(0), open: 10.0, high: 11.0, low: 9.0, close: 10.0, volume: 100.0 };
        let (history, came) = ([bar], [bar, bar]);
        let off = |log: f64| Bar { close: bar.close * log.exp(), volume: bar.volume * log.exp(), ..bar };
        let cases = |log: f64| {
            // The second day is far off for both and does not count.
            let case =
                || Case { history: &history, actual: &came, predicted: vec![off(log), off(0.9)], ..Case::default() };
            vec![case(), case()]
        };
        let skill = skill_over(&cases(0.01), &cases(0.04));
        assert_relative_eq!(skill[&Field::Close], 0.75, epsilon = 1e-9);
        assert_relative_eq!(skill[&Field::Volume], 0.75, epsilon = 1e-9);
        assert!(!skill.contains_key(&Field::Range), "neither errs, so nothing can be said");
        assert!(skill_over(&[], &cases(0.04)).is_empty());
    }
}
