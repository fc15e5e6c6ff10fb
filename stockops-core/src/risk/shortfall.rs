//! Whether losses beyond a value at risk are as large as the expected shortfall says.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::losses::{Losses, beyond};
use crate::error::Result;

/// Draws of the past under the forecasts themselves.
const DRAWS: usize = 1000;

/// Seed of the draws: a test of the same days has the same answer.
const SEED: u64 = 42;

/// The tests of Acerbi and Szekely (2014) of expected shortfall; both are 0 where the forecasts are right and below 0 where
/// losses are larger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shortfall {
    /// `1 - mean of loss / shortfall` over the days beyond the value at risk: their size alone; `None` without such days.
    pub z1: Option<f64>,
    /// How often right forecasts have so low a `z1`.
    pub z1_p: Option<f64>,
    /// `1 - sum of loss / shortfall over these days / expected number of them`: their number and size together.
    pub z2: f64,
    /// How often right forecasts have so low a `z2`.
    pub z2_p: f64,
}

/// What a forecast said of a day's tail, and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct TailDay {
    /// Possible losses beyond the value at risk, over the expected shortfall.
    ratios: Vec<f64>,
    /// All possible losses.
    count: usize,
    /// What was lost over the expected shortfall, where it was beyond the value at risk.
    came: Option<f64>,
}

impl TailDay {
    /// Of a forecast of `losses` at `level`, after `loss` came.
    ///
    /// # Errors
    ///
    /// Those of [`Losses::value_at_risk`].
    pub fn of(losses: &Losses, level: f64, loss: f64) -> Result<Self> {
        let worst = beyond(level, losses.sorted().len())? as usize;
        let (at_risk, shortfall) = (losses.value_at_risk(level)?, losses.expected_shortfall(level)?);
        let ratios = losses.sorted()[..worst].iter().filter(|loss| **loss > at_risk).map(|loss| loss / shortfall);
        Ok(Self {
            ratios: ratios.collect(),
            count: losses.sorted().len(),
            came: (loss > at_risk).then_some(loss / shortfall),
        })
    }

    /// Whether more was lost than the value at risk.
    pub fn exceeded(&self) -> bool {
        self.came.is_some()
    }
}

impl Shortfall {
    /// Of the days at `level`; `None` without days.
    ///
    /// The p-values are shares of 1,000 pasts in which each day's loss is drawn from its own forecast; the same days
    /// give the same p.
    pub fn of(days: &[TailDay], level: f64) -> Option<Self> {
        if days.is_empty() {
            return None;
        }
        let expected = days.len() as f64 * (1.0 - level);
        let (z1, z2) = statistics(days.iter().map(|day| day.came), expected);
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut drawn = |day: &TailDay| day.ratios.get(rng.random_range(0..day.count)).copied();
        let drawn: Vec<_> = (0..DRAWS).map(|_| statistics(days.iter().map(&mut drawn), expected)).collect();
        let z1s: Vec<f64> = drawn.iter().filter_map(|(z1, _)| *z1).collect();
        let z2s: Vec<f64> = drawn.iter().map(|(_, z2)| *z2).collect();
        Some(Self { z1, z1_p: z1.map(|z1| share_below(&z1s, z1)), z2, z2_p: share_below(&z2s, z2) })
    }
}

/// Z1 and Z2 of losses over their shortfall, known where they were beyond the value at risk.
fn statistics(days: impl Iterator<Item = Option<f64>>, expected: f64) -> (Option<f64>, f64) {
    let (sum, count) = days.flatten().fold((0.0, 0), |(sum, count), ratio| (sum + ratio, count + 1));
    ((count > 0).then(|| 1.0 - sum / f64::from(count)), 1.0 - sum / expected)
}

/// Share of `drawn` at or below `value`, the observed one counted among them.
fn share_below(drawn: &[f64], value: f64) -> f64 {
    let below = drawn.iter().filter(|drawn| **drawn <= value).count();
    (below + 1) as f64 / (drawn.len() + 1) as f64
}
