//! `Outlook`: what a forecast says in words, of direction and of volatility.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use super::{Field, Spread};
use crate::dataset::log_range;
use crate::market::Bar;

/// Sessions of a year.
const YEAR: usize = 250;

/// A forecast range below this share of the year's median is calm, above the other wild.
const CALMER: f64 = 0.8;
const WILDER: f64 = 1.25;

/// What is said of direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Stance {
    /// The whole 80 % interval of the move until the last session lies above 0.
    Bullish,
    /// It lies below 0.
    Bearish,
    /// It holds 0, as it usually does: nothing is said of direction.
    Neutral,
}

/// What is said of volatility, against the last year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    /// The forecast days are less than 0.8 times as wide as the median day of the last year.
    Calmer,
    /// In between.
    Usual,
    /// More than 1.25 times as wide.
    Wilder,
}

/// Direction, which has no skill to speak of, and volatility, which has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// What is said of direction.
    pub stance: Stance,
    /// Why, in a sentence.
    pub reason: String,
    /// What is said of volatility.
    pub volatility: Volatility,
    /// Mean log(High / Low) of the sessions that are forecast.
    pub range: f64,
    /// 80 % interval of log(High / Low) of the middle session.
    pub range_80: [f64; 2],
    /// Median log(High / Low) of the last 250 sessions: what is usual.
    pub usual_range: f64,
}

impl Outlook {
    /// Of the forecast `predicted` after `known`, which is spread as `spreads` say; `None` where nothing was calibrated.
    pub(crate) fn of(known: &[Bar], predicted: &[Bar], spreads: &BTreeMap<Field, Vec<Spread>>) -> Option<Self> {
        let [low, high] = spreads.get(&Field::Close)?.last()?.intervals[0];
        let percent = |log: f64| (log.exp() - 1.0) * 100.0;
        let held = format!(
            "the 80 % interval of the move until the last session is {:+.1} to {:+.1} %",
            percent(low),
            percent(high)
        );
        let (stance, reason) = match (low > 0.0, high < 0.0) {
            (true, _) => (Stance::Bullish, format!("{held}, all above 0")),
            (_, true) => (Stance::Bearish, format!("{held}, all below 0")),
            _ => (Stance::Neutral, format!("{held}: it holds 0, so nothing is said of direction")),
        };
        let range = predicted.iter().map(log_range).sum::<f64>() / predicted.len() as f64;
        let usual_range = median(known[known.len().saturating_sub(YEAR)..].iter().map(log_range).collect())?;
        let volatility = match range / usual_range {
            ratio if ratio < CALMER => Volatility::Calmer,
            ratio if ratio > WILDER => Volatility::Wilder,
            _ => Volatility::Usual,
        };
        let middle = spreads.get(&Field::Range)?.get(predicted.len() / 2)?.intervals[0];
        Some(Self { stance, reason, volatility, range, range_80: middle.map(f64::exp), usual_range })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
