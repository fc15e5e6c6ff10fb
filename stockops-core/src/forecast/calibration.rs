//! `Calibration`: split-conformal half-widths, learned after training and before the test.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dataset::usual_range;
use crate::evaluation::{Case, Field};

/// Shares of outcomes that the intervals are to hold.
pub const LEVELS: [f64; 3] = [0.80, 0.90, 0.95];

/// Half-widths of intervals by field, horizon and level.
///
/// Split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018): of n absolute errors on calibration days, the
/// half-width at level a is the `ceil((n + 1) a)`-th smallest. Errors of prices are measured in the usual log range of a
/// day at that time, so the widths follow volatility and carry over from parent to child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Half-widths on the log scale, for each horizon one value a level of [`LEVELS`].
    pub half_widths: BTreeMap<Field, Vec<[f64; 3]>>,
    /// Forecasts that it was learned from.
    pub forecasts: usize,
    /// Whose forecasts: the ticker itself, or the parent's where the child's history is too short.
    pub source: String,
}

impl Calibration {
    /// Learn from `cases`; `None` without any.
    pub fn of(cases: &[Case<'_>], source: String) -> Option<Self> {
        let horizons = cases.first()?.predicted.len();
        let of_field = |field: Field| (field, (0..horizons).map(|h| half_widths(cases, field, h)).collect());
        let half_widths = Field::ALL.into_iter().map(of_field).collect();
        Some(Self { half_widths, forecasts: cases.len(), source })
    }

    /// Nothing is known yet: all half-widths are 0.
    pub(crate) fn unknown() -> Self {
        Self { half_widths: BTreeMap::new(), forecasts: 0, source: "nothing".into() }
    }

    /// Half-widths on the log scale for `field` at `horizon` (from 0) when a usual day is `unit` wide.
    pub fn half_widths(&self, field: Field, horizon: usize, unit: f64) -> [f64; 3] {
        let own = self.half_widths.get(&field).and_then(|rows| rows.get(horizon)).copied().unwrap_or_default();
        if field.is_price() { own.map(|width| width * unit) } else { own }
    }
}

fn half_widths(cases: &[Case<'_>], field: Field, horizon: usize) -> [f64; 3] {
    let unit = |case: &Case<'_>| if field.is_price() { usual_range(case.known) } else { 1.0 };
    let mut scores: Vec<f64> =
        cases.iter().filter_map(|case| Some(case.error(field, horizon)?.abs() / unit(case))).collect();
    scores.sort_by(f64::total_cmp);
    LEVELS.map(|level| conformal_quantile(&scores, level))
}

/// The `ceil((n + 1) level)`-th smallest of n ascending scores; the largest where n is too small; 0 without scores.
fn conformal_quantile(scores: &[f64], level: f64) -> f64 {
    let rank = ((scores.len() + 1) as f64 * level).ceil() as usize;
    scores.get(rank.min(scores.len()).wrapping_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_is_the_conformal_one() {
        let scores: Vec<f64> = (1..=19).map(f64::from).collect();
        assert_eq!(conformal_quantile(&scores, 0.80), 16.0);
        assert_eq!(conformal_quantile(&scores, 0.90), 18.0);
        assert_eq!(conformal_quantile(&scores, 0.95), 19.0);
        assert_eq!(conformal_quantile(&scores[..3], 0.95), 3.0);
        assert_eq!(conformal_quantile(&[], 0.95), 0.0);
    }
}
