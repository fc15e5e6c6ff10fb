//! `Legacy`: the original system's rule, exactly, for those who compare.

use std::collections::BTreeMap;

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::Health;
use crate::market::{Bar, Bars};

/// How far one column's mean has moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Mean over the reference days.
    pub ref_mean: f64,
    /// Mean over the current days.
    pub curr_mean: f64,
    /// `|curr_mean - ref_mean| / std of the reference`; 0 where that is 0.
    pub shift_score: f64,
}

/// The rule of the original system.
///
/// Reference: days -180 to -30 before the last bar; current: the last 30 days (calendar days). The score is the mean of the
/// shifts of Open, High, Low, Close and Volume; the index is the deviation of close returns now over then. Critical: score
/// above 2, or index above 2.5 or below 0.4. Degraded: score above 1, or index above 1.5 or below 0.6. Deviations
/// are sample deviations, as pandas has them.
///
/// Prices trend, so this calls most weeks unhealthy where nothing has changed; it decides nothing here.
///
/// # Example
///
/// ```
/// use stockops_core::drift::LegacyDrift;
/// use stockops_core::source::builtin_bars;
///
/// let rule = LegacyDrift::of(&builtin_bars(&"^GSPC".parse()?)?.bars).unwrap();
/// assert_eq!(rule.feature_metrics.len(), 5);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegacyDrift {
    /// What the rule says.
    pub health: Health,
    /// Mean of the shifts.
    pub drift_score: f64,
    /// Deviation of returns now over then.
    pub volatility_index: f64,
    /// Shift by column: Open, High, Low, Close, Volume.
    pub feature_metrics: BTreeMap<String, Shift>,
}

impl LegacyDrift {
    /// The rule at the last of `bars`; `None` where a part has fewer than three rows.
    pub fn of(bars: &Bars) -> Option<Self> {
        let bars = bars.as_slice();
        let last = bars.last()?.date;
        let place = |days: u64| bars.partition_point(|bar| bar.date < last - Days::new(days));
        let (reference, current) = (&bars[place(180)..place(30)], &bars[place(30)..]);
        if reference.len() < 3 || current.len() < 3 {
            return None;
        }
        let columns: [(&str, fn(&Bar) -> f64); 5] = [
            ("Open", |bar| bar.open),
            ("High", |bar| bar.high),
            ("Low", |bar| bar.low),
            ("Close", |bar| bar.close),
            ("Volume", |bar| bar.volume),
        ];
        let feature_metrics: BTreeMap<String, Shift> =
            columns.iter().map(|(name, value)| (name.to_string(), shift(reference, current, *value))).collect();
        let drift_score = feature_metrics.values().map(|shift| shift.shift_score).sum::<f64>() / columns.len() as f64;
        let usual = deviation(&returns(reference));
        let volatility_index = if usual > 0.0 { deviation(&returns(current)) / usual } else { 1.0 };
        let health = match (drift_score, volatility_index) {
            (score, index) if score > 2.0 || !(0.4..=2.5).contains(&index) => Health::Critical,
            (score, index) if score > 1.0 || !(0.6..=1.5).contains(&index) => Health::Degraded,
            _ => Health::Healthy,
        };
        Some(Self { health, drift_score, volatility_index, feature_metrics })
    }
}

fn shift(reference: &[Bar], current: &[Bar], value: fn(&Bar) -> f64) -> Shift {
    let [reference, current] = [reference, current].map(|bars| bars.iter().map(value).collect::<Vec<f64>>());
    let (ref_mean, curr_mean, spread) = (mean(&reference), mean(&current), deviation(&reference));
    let shift_score = if spread > 0.0 { (curr_mean - ref_mean).abs() / spread } else { 0.0 };
    Shift { ref_mean, curr_mean, shift_score }
}

/// Simple returns of closes.
fn returns(bars: &[Bar]) -> Vec<f64> {
    bars.windows(2).map(|pair| pair[1].close / pair[0].close - 1.0).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample deviation, of at least two values.
fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}
