//! `Adaptation`: how much wider or narrower intervals have to be than calibrated, learned from each outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::forecast::Field;

/// Step on the log scale: a miss of a 90 % interval widens it by 1.8 %, a hit narrows it by 0.2 %.
const RATE: f64 = 0.02;

/// Largest factor either way, on the log scale.
const MOST: f64 = 1.5;

/// Factors of the half-widths of intervals, by field, horizon and level.
///
/// Quantile tracking (Gibbs and Candes 2021; Angelopoulos, Candes and Tibshirani 2023): after each outcome the log of the
/// factor moves by `rate x (missed - (1 - level))`. Whatever the days bring, the share of misses then nears `1 - level`,
/// since the factor would leave every bound otherwise. It is state beside the bundle, which never changes: a forecaster
/// makes it again by replaying its forecasts of the days that came since.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Adaptation {
    /// Logs of the factors, for each horizon one a level.
    logs: BTreeMap<Field, Vec<[f64; 3]>>,
    /// Outcomes of the nearest horizon that it has seen, of the close.
    outcomes: usize,
}

impl Adaptation {
    /// Factors of `field` at `horizon`, from 0, one a level; 1 where nothing was learned.
    pub fn factors(&self, field: Field, horizon: usize) -> [f64; 3] {
        self.logs.get(&field).and_then(|rows| rows.get(horizon)).map_or([1.0; 3], |logs| logs.map(f64::exp))
    }

    /// Outcomes of closes one day ahead that it has learned from.
    pub fn outcomes(&self) -> usize {
        self.outcomes
    }

    /// Learn that the intervals of `field` at `horizon` held the outcome, or not, level by level.
    pub(crate) fn observe(&mut self, field: Field, horizon: usize, held: [bool; 3], levels: [f64; 3]) {
        self.outcomes += usize::from(field == Field::Close && horizon == 0);
        let rows = self.logs.entry(field).or_default();
        if rows.len() <= horizon {
            rows.resize(horizon + 1, [0.0; 3]);
        }
        for ((log, held), level) in rows[horizon].iter_mut().zip(held).zip(levels) {
            let missed = f64::from(u8::from(!held));
            *log = (*log + RATE * (missed - (1.0 - level))).clamp(-MOST, MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::LEVELS;

    /// Outcomes are three times as wide as calibrated: coverage comes back, and nothing is known of another field.
    #[test]
    fn coverage_comes_back_whatever_the_scale() {
        let mut state = Adaptation::default();
        let mut misses = 0;
        for i in 0..4000 {
            // Evenly spread over (-3, 3), where the calibration said (-1, 1): a share `level` lies within `3 level`.
            let outcome = 3.0 * (2.0 * ((f64::from(i) * 0.618_033_988_75) % 1.0) - 1.0);
            let factors = state.factors(Field::Close, 0);
            let held = std::array::from_fn(|l| outcome.abs() <= LEVELS[l] * factors[l]);
            misses += usize::from(!held[1] && i >= 1000);
            state.observe(Field::Close, 0, held, LEVELS);
        }
        let share = misses as f64 / 3000.0;
        // The log factor stays within a band of 0.1, so the share is within 0.1 / (0.02 x 3000) of its aim.
        assert!((share - 0.1).abs() < 0.002, "{share}");
        assert_eq!(state.outcomes(), 4000);
        assert_eq!(state.factors(Field::Volume, 0), [1.0; 3]);
    }
}
