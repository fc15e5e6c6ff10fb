//! Whether prices are touched as often as it was said, beside a random walk.

use std::f64::consts::FRAC_1_SQRT_2;

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

/// Classes of probability in a reliability curve.
const CLASSES: usize = 10;

/// How likely a random walk without drift touches a level within `days`: `2 Phi(-|log(level / last)| / (sigma sqrt(days)))`, by the
/// reflection principle for a Brownian motion of log prices that is watched all the time.
///
/// `sigma` is the standard deviation of a day's log move; where it is 0 only the last price itself is touched.
///
/// # Example
///
/// ```
/// use stockops_core::risk::walk_touches;
///
/// assert_eq!(walk_touches(100.0, 100.0, 0.01, 5.0), 1.0);
/// let far = walk_touches(100.0, 100.0 * 0.02_f64.exp(), 0.01, 4.0); // one standard deviation of four days
/// assert!((far - 0.3173105).abs() < 1e-7);
/// ```
pub fn walk_touches(last: f64, level: f64, sigma: f64, days: f64) -> f64 {
    let away = (level / last).ln().abs();
    if away == 0.0 { 1.0 } else { erfc(away / (sigma * days.sqrt()) * FRAC_1_SQRT_2) }
}

/// What was said of one level on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TouchDay {
    /// Probability of the forecast.
    pub forecast: f64,
    /// Probability of the random walk.
    pub walk: f64,
    /// Whether it was touched.
    pub touched: bool,
}

/// How probabilities of a touch were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TouchScore {
    /// Levels times days.
    pub n: usize,
    /// Brier score, the mean squared difference of probability and what came (1 or 0): lower is better.
    pub brier: f64,
    /// The same of a random walk with EWMA volatility, see [`walk_touches`].
    pub brier_walk: f64,
    /// `1 - brier / brier_walk`: above 0 the forecast is better.
    pub skill: Option<f64>,
    /// The reliability curve: what came where this was said, ten classes of probability, those without days left out.
    pub reliability: Vec<Reliability>,
}

/// One class of a reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reliability {
    /// Mean probability that was said.
    pub said: f64,
    /// Share that came; a true forecast has both equal.
    pub came: f64,
    /// Levels times days.
    pub n: usize,
}

impl TouchScore {
    /// Of all levels and days; `None` without any.
    pub fn of(days: &[TouchDay]) -> Option<Self> {
        let mean = |value: &dyn Fn(&TouchDay) -> f64| days.iter().map(value).sum::<f64>() / days.len() as f64;
        let squared = |said: f64, touched: bool| (said - f64::from(u8::from(touched))).powi(2);
        let brier = mean(&|day| squared(day.forecast, day.touched));
        let brier_walk = mean(&|day| squared(day.walk, day.touched));
        let reliability = (0..CLASSES).filter_map(|class| Reliability::of(days, class)).collect();
        let skill = (brier_walk > 0.0).then(|| 1.0 - brier / brier_walk);
        (!days.is_empty()).then_some(Self { n: days.len(), brier, brier_walk, skill, reliability })
    }
}

impl Reliability {
    fn of(days: &[TouchDay], class: usize) -> Option<Self> {
        let of = |day: &&TouchDay| ((day.forecast * CLASSES as f64) as usize).min(CLASSES - 1) == class;
        let own: Vec<&TouchDay> = days.iter().filter(of).collect();
        let mean = |value: fn(&TouchDay) -> f64| own.iter().map(|day| value(day)).sum::<f64>() / own.len() as f64;
        let (said, came) = (mean(|day| day.forecast), mean(|day| f64::from(u8::from(day.touched))));
        (!own.is_empty()).then_some(Self { said, came, n: own.len() })
    }
}
