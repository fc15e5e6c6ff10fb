//! `Legacy`: the original system's rule, exactly, for those who compare.

use std::collections::BTreeMap;

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::Health;
use crate::market::{Bar, Bars};

/// How a column is read off a bar.
type Column = fn(&Bar) -> f64;

const COLUMNS: [(&str, Column); 5] = [
    ("Open", |bar| bar.open),
    ("High", |bar| bar.high),
    ("Low", |bar| bar.low),
    ("Close", |bar| bar.close),
    ("Volume", |bar| bar.volume),
];

/// How far one column's mean has moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ColumnShift"))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        let of_column = |(name, value): &(&str, Column)| (name.to_string(), shift(reference, current, *value));
        let feature_metrics: BTreeMap<String, Shift> = COLUMNS.iter().map(of_column).collect();
        let drift_score = feature_metrics.values().map(|shift| shift.shift_score).sum::<f64>() / COLUMNS.len() as f64;
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

fn shift(reference: &[Bar], current: &[Bar], value: Column) -> Shift {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Ticker;
    use crate::testing::golden_json;
    use approx::assert_relative_eq;

    fn golden_bars() -> Vec<Bar> {
        let golden = golden_json("indicators.json");
        let column = |name: &str| -> Vec<f64> { serde_json::from_value(golden["bars"][name].clone()).unwrap() };
        let [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"].map(column);
        let bar = |(i, date): (usize, &serde_json::Value)| Bar {
            date: date.as_str().unwrap().parse().unwrap(),
            open: open[i],
            high: high[i],
            low: low[i],
            close: close[i],
            volume: volume[i],
        };
        golden["bars"]["date"].as_array().unwrap().iter().enumerate().map(bar).collect()
    }

    #[test]
    fn its_numbers_are_those_of_pandas() {
        let (bars, golden) = (golden_bars(), golden_json("drift.json"));
        for case in golden["legacy"].as_array().unwrap() {
            let count = case["bars"].as_u64().unwrap() as usize;
            let own =
                LegacyDrift::of(&Bars::new(Ticker::new("IBM").unwrap(), bars[..count].to_vec()).unwrap()).unwrap();
            // Sums of 105 values around 1e7, in another order.
            let equal = |own: f64, theirs: &serde_json::Value| {
                assert_relative_eq!(own, theirs.as_f64().unwrap(), max_relative = 1e-9);
            };
            equal(own.drift_score, &case["drift_score"]);
            equal(own.volatility_index, &case["volatility_index"]);
            for (name, shift) in &own.feature_metrics {
                let theirs = &case["feature_metrics"][name];
                equal(shift.ref_mean, &theirs["ref_mean"]);
                equal(shift.curr_mean, &theirs["curr_mean"]);
                equal(shift.shift_score, &theirs["shift_score"]);
            }
        }
    }

    #[test]
    fn its_limits_are_the_contracts() {
        let health = |current: f64| {
            let bars = golden_bars().into_iter().take(200).collect::<Vec<_>>();
            let last = bars[199].date;
            let scaled = bars.iter().map(|bar| {
                let by = if bar.date >= last - Days::new(30) { current } else { 1.0 };
                Bar { open: bar.open * by, high: bar.high * by, low: bar.low * by, close: bar.close * by, ..*bar }
            });
            LegacyDrift::of(&Bars::new(Ticker::new("IBM").unwrap(), scaled.collect()).unwrap()).unwrap()
        };
        for factor in [0.5, 0.8, 0.9, 1.0, 1.1, 1.3, 2.0] {
            let rule = health(factor);
            let (score, index) = (rule.drift_score, rule.volatility_index);
            let critical = score > 2.0 || !(0.4..=2.5).contains(&index);
            let degraded = score > 1.0 || !(0.6..=1.5).contains(&index);
            assert_eq!(rule.health == Health::Critical, critical);
            assert_eq!(rule.health == Health::Degraded, degraded && !critical);
        }
        assert_eq!(health(2.0).health, Health::Critical);
    }

    #[test]
    fn too_few_rows_give_no_verdict() {
        let short = golden_bars().into_iter().take(20).collect();
        assert_eq!(LegacyDrift::of(&Bars::new(Ticker::new("IBM").unwrap(), short).unwrap()), None);
    }
}
