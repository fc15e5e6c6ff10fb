//! `PooledHar`: range and volume by a linear rule that several series share, the companion of the network.

use serde::{Deserialize, Serialize};

use crate::forecast::Field;
use crate::least_squares::LeastSquares;
use crate::market::Bar;

/// Days of a week, a month, a quarter and two years of trading.
const WEEK: usize = 5;
const MONTH: usize = 22;
const QUARTER: usize = 66;
const TWO_YEARS: usize = 500;

/// Fewest bars that a forecast looks at.
const MIN_BARS: usize = 14;

/// Days that a parent's coefficients count for beside a child's own.
const PARENT_ROWS: f64 = 1000.0;

/// Fewest rows for each coefficient.
const ROWS_A_COEFFICIENT: usize = 30;

/// Heterogeneous autoregression of log range and log volume, everything relative to the mean of the last 22 days:
/// `x(t+h) - m22 = b . (x - m22, m5 - m22, m66 - m22, m500 - m22, 1, ..)`, one fit a horizon over all series.
///
/// Corsi (2009) with a longer memory; for the range also the last moves and their sizes, since a fall widens the days to
/// come more than a rise (Corsi and Reno 2012), and the volume against its mean. Relative to a series' own level the
/// coefficients carry over from one ticker to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PooledHar {
    /// Coefficients of the range, one list a horizon.
    range: Vec<Vec<f64>>,
    /// Coefficients of the volume, one list a horizon.
    volume: Vec<Vec<f64>>,
    /// Days that they were fitted on.
    rows: usize,
}

impl PooledHar {
    /// Fit on the bars of one or several series; `None` where they are too few.
    pub fn fit(series: &[&[Bar]], horizons: usize) -> Option<Self> {
        let of = |field: Field| -> Option<Vec<Vec<f64>>> {
            let mut fits = vec![LeastSquares::new(width(field)); horizons];
            for bars in series {
                add_rows(&mut fits, bars, field);
            }
            fits.iter().map(|fit| fit.solve().filter(|_| fit.rows() >= ROWS_A_COEFFICIENT * width(field))).collect()
        };
        let rows = series.iter().map(|bars| bars.len().saturating_sub(MONTH)).sum();
        Some(Self { range: of(Field::Range)?, volume: of(Field::Volume)?, rows })
    }

    /// Whether it has coefficients for exactly `horizons` sessions.
    pub(super) fn has_horizons(&self, horizons: usize) -> bool {
        [self.range.len(), self.volume.len()] == [horizons; 2]
    }

    /// Coefficients between these, a parent's, and `own`, fitted on a child's days alone: the more days, the more `own`.
    pub(crate) fn drawn_towards(&self, own: &Self) -> Self {
        let weight = own.rows as f64 / (own.rows as f64 + PARENT_ROWS);
        let mix = |parent: &[Vec<f64>], own: &[Vec<f64>]| {
            let of = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a + weight * (b - a)).collect();
            parent.iter().zip(own).map(of).collect()
        };
        Self { range: mix(&self.range, &own.range), volume: mix(&self.volume, &own.volume), rows: self.rows + own.rows }
    }

    /// Forecasts after the bars `known`, one a horizon, on the log scale of `field`; `None` for prices, below 14 bars,
    /// and for a volume that is not known.
    pub fn forecast(&self, known: &[Bar], field: Field) -> Option<Vec<f64>> {
        let coefficients = match field {
            Field::Range => &self.range,
            Field::Volume => &self.volume,
            _ => return None,
        };
        let (level, regressors) = regressors(known, field)?;
        let at = |slopes: &Vec<f64>| level + slopes.iter().zip(&regressors).map(|(b, x)| b * x).sum::<f64>();
        Some(coefficients.iter().map(at).collect())
    }
}

fn width(field: Field) -> usize {
    if field == Field::Range { 12 } else { 5 }
}

fn add_rows(fits: &mut [LeastSquares], bars: &[Bar], field: Field) {
    for origin in MONTH..bars.len() {
        let Some((level, regressors)) = regressors(&bars[..=origin], field) else { continue };
        for (horizon, fit) in fits.iter_mut().enumerate() {
            let target = bars.get(origin + 1 + horizon).and_then(|bar| field.value(bar, 1.0));
            if let Some(target) = target {
                fit.add(&regressors, target - level);
            }
        }
    }
}

/// The 22-day mean of `field` after `known`, and the regressors.
fn regressors(known: &[Bar], field: Field) -> Option<(f64, Vec<f64>)> {
    if known.len() < MIN_BARS {
        return None;
    }
    let means = Means::of(known, field)?;
    let mut row = vec![means.last - means.month, means.week - means.month, means.quarter - means.month];
    row.extend([means.years - means.month, 1.0]);
    if field == Field::Range {
        row.extend(moves(known));
        let volume = Means::of(known, Field::Volume);
        row.extend(volume.map_or([0.0; 2], |v| [v.last - v.month, v.week - v.month]));
    }
    Some((means.month, row))
}

/// The last value and means over growing spans, of the days that are known.
struct Means {
    last: f64,
    week: f64,
    month: f64,
    quarter: f64,
    years: f64,
}

impl Means {
    fn of(known: &[Bar], field: Field) -> Option<Self> {
        let newest_first = known.iter().rev().take(TWO_YEARS).filter_map(|bar| field.value(bar, 1.0));
        let (mut sum, mut count) = (0.0, 0usize);
        let mut sums = [0.0; 4];
        for value in newest_first {
            sum += value;
            count += 1;
            for (kept, span) in sums.iter_mut().zip([1, WEEK, MONTH, QUARTER]) {
                if count <= span {
                    *kept = sum / count as f64;
                }
            }
        }
        let [last, week, month, quarter] = sums;
        (count > 0).then(|| Self { last, week, month, quarter, years: sum / count as f64 })
    }
}

/// The last move and its size, those of a week, and the move of a month, in usual widths of a day.
fn moves(known: &[Bar]) -> [f64; 5] {
    let usual = Means::of(known, Field::Range).map_or(1.0, |means| means.month.exp());
    let last = known.len() - 1;
    let since = |days: usize| (known[last].close / known[last.saturating_sub(days)].close).ln() / usual;
    let (day, week, month) = (since(1).clamp(-3.0, 3.0), since(WEEK).clamp(-6.0, 6.0), since(MONTH).clamp(-12.0, 12.0));
    [day, day.abs() - 0.5, week, week.abs() - 1.0, month]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, random_bars};
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_future_moves_no_forecast(bars in random_bars(460..461), cut in 420usize..459) {
            let har = PooledHar::fit(&[&bars.as_slice()[..420]], 5).unwrap();
            let mut other = bars.as_slice().to_vec();
            other[cut..].iter_mut().for_each(|bar| bar.volume *= 7.0);
            for field in [Field::Range, Field::Volume] {
                prop_assert_eq!(har.forecast(&bars.as_slice()[..cut], field), har.forecast(&other[..cut], field));
            }
        }

        #[test]
        fn forecasts_follow_the_level(bars in random_bars(400..401), factor in 0.01f64..100.0) {
            let har = PooledHar::fit(&[bars.as_slice()], 1).unwrap();
            let scaled: Vec<Bar> = bars.iter().map(|bar| Bar { volume: bar.volume * factor, ..*bar }).collect();
            let of = |bars: &[Bar]| har.forecast(bars, Field::Volume).unwrap()[0];
            // The level is added and taken off again: rounding alone.
            prop_assert!((of(&scaled) - of(bars.as_slice()) - factor.ln()).abs() < 1e-9);
        }
    }

    /// Volumes that half return to their month's mean each day: the first coefficient is one half.
    #[test]
    fn a_known_rule_is_found() {
        let mut bars: Vec<Bar> = Vec::new();
        for i in 0..600 {
            let noise = (i as f64 * 12.9898).sin() * 43758.5453;
            let noise = noise - noise.floor() - 0.5;
            let past: Vec<f64> = bars.iter().rev().take(MONTH).map(|bar: &Bar| bar.volume.ln()).collect();
            let month = if past.is_empty() { 10.0 } else { past.iter().sum::<f64>() / past.len() as f64 };
            let volume = (month + 0.5 * (past.first().unwrap_or(&10.0) - month) + noise).exp();
            let close = 10.0 + 0.1 * (i as f64).sin();
            bars.push(Bar {
                date: day(i),
                open: close,
                high: close * (1.01 + 0.005 * noise),
                low: close * 0.99,
                close,
                volume,
            });
        }
        let har = PooledHar::fit(&[&bars], 1).unwrap();
        // 578 rows: the error of a slope is about 0.04.
        assert_relative_eq!(har.volume[0][0], 0.5, epsilon = 0.15);
    }

    #[test]
    fn prices_and_short_histories_have_no_answer() {
        let bars: Vec<Bar> =
            (0..13).map(|i| Bar { date: day(i), open: 1.0, high: 1.1, low: 0.9, close: 1.0, volume: 5.0 }).collect();
        assert!(PooledHar::fit(&[&bars], 5).is_none());
        let har = PooledHar { range: vec![vec![0.0; 12]], volume: vec![vec![0.0; 5]], rows: 0 };
        assert!(har.forecast(&bars, Field::Range).is_none());
        let bars = [&bars[..], &[Bar { date: day(13), ..bars[0] }]].concat();
        let range = har.forecast(&bars, Field::Range).unwrap();
        assert_relative_eq!(range[0], Field::Range.value(&bars[0], 1.0).unwrap(), epsilon = 1e-12);
        assert!(har.forecast(&bars, Field::Close).is_none());
    }
}
