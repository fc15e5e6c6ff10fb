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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Of the forecast `predicted` after `history`, which is spread as `spreads` say; `None` where nothing was calibrated.
    pub(crate) fn of(history: &[Bar], predicted: &[Bar], spreads: &BTreeMap<Field, Vec<Spread>>) -> Option<Self> {
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
        let usual_range = median(history[history.len().saturating_sub(YEAR)..].iter().map(log_range).collect())?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use approx::assert_relative_eq;

    use super::*;
    use crate::forecast::{Distribution, Shape};
    use crate::testing::day;

    /// A day of log range `width`.
    fn bar(i: u64, width: f64) -> Bar {
        Bar { date: day(i), open: 10.0, high: 10.0 * width.exp(), low: 10.0, close: 10.0, volume: 1.0 }
    }

    fn spread(interval_80: [f64; 2]) -> Spread {
        let shape = Arc::new(Shape::new(vec![-1.0, 1.0]).unwrap());
        Spread {
            distribution: Distribution { location: 0.0, scale: 1.0, shape },
            intervals: [interval_80, [-9.0, 9.0], [-9.0, 9.0]],
        }
    }

    /// Five sessions of log range `width`, whose close has this 80 % interval on the last of them.
    fn outlook(width: f64, close: [f64; 2]) -> Outlook {
        // 300 days, of which the last 250 count: 125 of 2 % and 125 of 4 %, after 50 that are wilder.
        let width_of = |i: u64| {
            if i < 50 {
                0.2
            } else if i < 175 {
                0.02
            } else {
                0.04
            }
        };
        let history: Vec<Bar> = (0..300).map(|i| bar(i, width_of(i))).collect();
        let predicted: Vec<Bar> = (0..5).map(|i| bar(300 + i, width)).collect();
        let mut of_close = vec![spread([1.0, 2.0]); 5];
        of_close[4] = spread(close);
        let mut of_range = vec![spread([-9.0, 9.0]); 5];
        of_range[2] = spread([f64::ln(0.01), f64::ln(0.05)]);
        let spreads = BTreeMap::from([(Field::Close, of_close), (Field::Range, of_range)]);
        Outlook::of(&history, &predicted, &spreads).unwrap()
    }

    #[test]
    fn a_direction_is_named_where_the_last_sessions_interval_leaves_out_0() {
        let stance = |close| outlook(0.04, close).stance;
        assert_eq!(stance([0.01, 0.02]), Stance::Bullish);
        assert_eq!(stance([-0.02, -0.01]), Stance::Bearish);
        for holds in [[-0.01, 0.02], [0.0, 0.02], [-0.02, 0.0]] {
            assert_eq!(stance(holds), Stance::Neutral, "{holds:?}");
        }
        let reason = outlook(0.04, [f64::ln(1.01), f64::ln(1.02)]).reason;
        assert_eq!(reason, "the 80 % interval of the move until the last session is +1.0 to +2.0 %, all above 0");
    }

    #[test]
    fn volatility_is_held_against_the_median_of_a_year() {
        let of = |width| outlook(width, [-0.1, 0.1]);
        let usual = of(0.04);
        assert_relative_eq!(usual.usual_range, 0.04, epsilon = 1e-12);
        assert_relative_eq!(usual.range, 0.04, epsilon = 1e-12);
        assert_relative_eq!(usual.range_80[0], 0.01, epsilon = 1e-12);
        assert_relative_eq!(usual.range_80[1], 0.05, epsilon = 1e-12);
        let words = [0.0319, 0.0321, 0.0499, 0.0501].map(|width| of(width).volatility);
        assert_eq!(words, [Volatility::Calmer, Volatility::Usual, Volatility::Usual, Volatility::Wilder]);
    }

    #[test]
    fn without_intervals_nothing_is_said() {
        assert_eq!(Outlook::of(&[bar(0, 0.02)], &[bar(1, 0.02)], &BTreeMap::new()), None);
    }
}
