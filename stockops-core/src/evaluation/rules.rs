//! `Rule`: what anyone could forecast without a model.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Case, Field};

/// A simple rule; it sees the bars up to the day of the forecast alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Tomorrow equals today: the price stays at the last close, and so opens there; high, low, volume and range are
    /// today's.
    Persistence,
    /// The mean of the last 20 days: of prices as they are, of volume and range on the log scale.
    #[serde(rename = "mean_20")]
    Mean20,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::Persistence, Self::Mean20];

    /// What the rule forecasts for `field`, the same for each horizon; `None` where no volume is known.
    pub fn forecast(self, case: &Case<'_>, field: Field) -> Option<f64> {
        let last_close = case.last_close();
        match self {
            // Today's open is older than today's close: the close is the stronger guess, and the model has to beat it.
            Self::Persistence if field == Field::Open => Some(0.0),
            Self::Persistence => case.known.iter().rev().find_map(|bar| field.value(bar, last_close)),
            Self::Mean20 => {
                let recent = &case.known[case.known.len().saturating_sub(20)..];
                let known: Vec<f64> = recent.iter().filter_map(|bar| field.value(bar, last_close)).collect();
                if known.is_empty() {
                    return None;
                }
                let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / known.len() as f64;
                Some(if field.is_price() {
                    mean(&mut known.iter().map(|log| log.exp())).ln()
                } else {
                    mean(&mut known.iter().copied())
                })
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Persistence => "persistence",
            Self::Mean20 => "mean_20",
        })
    }
}
