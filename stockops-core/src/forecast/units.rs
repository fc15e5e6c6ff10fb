//! `Units`: how large an error is usual for a forecast, so that errors of calm and wild days and of all tickers compare.

use crate::dataset::{DayLogs, Past, RANGE_FLOOR, USUAL_DAYS, log_range};
use crate::forecast::Field;
use crate::market::Bar;

/// Days over which the spread around the usual is taken.
const SPREAD_DAYS: usize = 60;

/// Fewest days that a spread is taken over, and what stands for it below: that of most stocks lies between 0.3 and 0.5.
const MIN_SPREAD_DAYS: usize = 10;
const TYPICAL_SPREAD: f64 = 0.4;

/// Share of the last 60 days that may be without range before the range of a day no longer says how far prices move.
const MOST_WITHOUT_RANGE: f64 = 0.1;

/// Usual log range of a day, the geometric mean of 20, over the root mean square of 60 moves from close to close: between 1.10
/// and 1.18 on seven of eight files of stocks and indices, 1.23 on IBM of 2000 to 2013 (medians).
const RANGE_OVER_MOVE: f64 = 1.13;

/// Units of the errors of one forecast.
///
/// Of prices: `sqrt(R_1^2 + .. + R_h^2)` with the forecast log ranges R of the days until then, for the range of a day is
/// proportional to its volatility (Parkinson 1980). Funds that are priced once a day have no range, and stocks that hardly
/// trade have none on many days: where more than a tenth of the last 60 days are such, R is 1.13 times the root mean square
/// of the last 60 moves from close to close. Of volume and range: the standard deviation of their last 60 days
/// around the mean of the 20 days before each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Units {
    price: Vec<f64>,
    volume: f64,
    range: f64,
}

impl Units {
    /// Of the forecast `predicted` after the bars `history`.
    pub(crate) fn of(history: Past<'_>, predicted: &[Bar]) -> Self {
        let mut variance = 0.0;
        let from_closes = width_from_closes(history.bars());
        let price = predicted.iter().map(|bar| {
            variance += from_closes.unwrap_or_else(|| log_range(bar)).powi(2);
            variance.sqrt()
        });
        let price = price.collect();
        let recent: Vec<DayLogs> = history.last(SPREAD_DAYS + USUAL_DAYS).logs().collect();
        Self { price, volume: spread(&recent, Field::Volume), range: spread(&recent, Field::Range) }
    }

    /// The unit of `field` at `horizon`, from 0; above 0.
    pub(crate) fn of_field(&self, field: Field, horizon: usize) -> f64 {
        match field {
            Field::Volume => self.volume,
            Field::Range => self.range,
            _ => self.price[horizon],
        }
    }
}

/// How wide a day is by its closes, where too many days have no range; `None` where the ranges say it.
fn width_from_closes(history: &[Bar]) -> Option<f64> {
    let recent = &history[history.len().saturating_sub(SPREAD_DAYS + 1)..];
    let without = recent.iter().filter(|bar| bar.high == bar.low).count();
    if recent.len() < 2 || without as f64 <= MOST_WITHOUT_RANGE * recent.len() as f64 {
        return None;
    }
    let squares: f64 = recent.windows(2).map(|pair| (pair[1].close / pair[0].close).ln().powi(2)).sum();
    let mean = squares / (recent.len() - 1) as f64;
    // Closes that never move still need a unit.
    Some((RANGE_OVER_MOVE * mean.sqrt()).max(RANGE_FLOOR))
}

fn spread(recent: &[DayLogs], field: Field) -> f64 {
    let values: Vec<f64> = recent.iter().filter_map(|day| field.of_logs(*day)).collect();
    let apart = |window: &[f64]| window[USUAL_DAYS] - window[..USUAL_DAYS].iter().sum::<f64>() / USUAL_DAYS as f64;
    let apart: Vec<f64> = values.windows(USUAL_DAYS + 1).map(apart).collect();
    if apart.len() < MIN_SPREAD_DAYS {
        return TYPICAL_SPREAD;
    }
    let mean = apart.iter().sum::<f64>() / apart.len() as f64;
    let variance = apart.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / apart.len() as f64;
    // A volume that never changes has no spread; errors still need a unit.
    variance.sqrt().max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;
    use approx::assert_relative_eq;

    fn of(history: &[Bar], predicted: &[Bar]) -> Units {
        Units::of(Past::of(history), predicted)
    }

    fn bar(i: u64, log_width: f64, volume: f64) -> Bar {
        Bar { date: day(i), open: 10.0, high: 10.0 * log_width.exp(), low: 10.0, close: 10.0, volume }
    }

    #[test]
    fn ranges_add_as_variances_do() {
        let known: Vec<Bar> = (0..30).map(|i| bar(i, 0.02, 100.0)).collect();
        let units = of(&known, &[bar(30, 0.03, 1.0), bar(31, 0.04, 1.0)]);
        assert_relative_eq!(units.of_field(Field::Close, 0), 0.03, epsilon = 1e-12);
        assert_relative_eq!(units.of_field(Field::Low, 1), 0.05, epsilon = 1e-12);
    }

    #[test]
    fn days_without_range_are_as_wide_as_their_closes_move() {
        // Closes go up and down by 1 %: the root mean square is ln(1.01).
        let fund = |i: u64| {
            let close = if i.is_multiple_of(2) { 10.0 } else { 10.1 };
            Bar { date: day(i), open: close, high: close, low: close, close, volume: 0.0 }
        };
        let known: Vec<Bar> = (0..100).map(fund).collect();
        let ahead: Vec<Bar> = (100..104).map(fund).collect();
        let units = of(&known, &ahead);
        assert_relative_eq!(units.of_field(Field::Close, 0), 1.13 * 1.01f64.ln(), epsilon = 1e-12);
        assert_relative_eq!(units.of_field(Field::Close, 3), 2.0 * 1.13 * 1.01f64.ln(), epsilon = 1e-12);
        // Six days in 61 are a few; seven are more than a tenth.
        let some = |without: u64| -> Vec<Bar> {
            (0..100)
                .map(|i| Bar { high: if i >= without { 10.2 } else { fund(i).high }, ..fund(i) })
                .rev()
                .enumerate()
                .map(|(i, bar)| Bar { date: day(i as u64), ..bar })
                .collect()
        };
        let wide = [Bar { high: 10.4, ..fund(101) }];
        assert_relative_eq!(of(&some(6), &wide).of_field(Field::Close, 0), (10.4f64 / 10.1).ln(), epsilon = 1e-12);
        assert_relative_eq!(of(&some(7), &wide).of_field(Field::Close, 0), 1.13 * 1.01f64.ln(), epsilon = 1e-12);
        let still: Vec<Bar> = (0..100).map(|i| fund(2 * i)).collect();
        assert_eq!(of(&still, &ahead).of_field(Field::Close, 0), RANGE_FLOOR);
    }

    #[test]
    fn a_spread_is_the_deviation_around_the_mean_of_the_20_days_before() {
        let log_volume = |i: usize| 5.0 + 0.05 * i as f64 + (i % 7) as f64;
        let days: Vec<Bar> = (0..81).map(|i| bar(i as u64, 0.02, log_volume(i).exp())).collect();
        let before = |i: usize| (i - 20..i).map(log_volume).sum::<f64>() / 20.0;
        let apart: Vec<f64> = (21..81).map(|i| log_volume(i) - before(i)).collect();
        let mean = apart.iter().sum::<f64>() / 60.0;
        let variance = apart.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 60.0;
        assert!(mean > 0.1, "of the slope, so that a mistake with the mean is seen: {mean}");
        assert_relative_eq!(of(&days, &[]).of_field(Field::Volume, 0), variance.sqrt(), epsilon = 1e-9);
    }

    #[test]
    fn a_spread_follows_its_own_series_and_is_never_0() {
        // Log volume alternates by 1 around its mean: deviations of +-1, exactly.
        let wild: Vec<Bar> =
            (0..81).map(|i| bar(i, 0.02, if i % 2 == 0 { 1f64.exp() } else { (-1f64).exp() })).collect();
        assert_relative_eq!(of(&wild, &[]).of_field(Field::Volume, 0), 1.0, epsilon = 1e-3);
        assert_eq!(of(&wild, &[]).of_field(Field::Range, 0), 0.01);
        // 30 days have ten with 20 before them.
        assert_eq!(of(&wild[..29], &[]).of_field(Field::Volume, 0), TYPICAL_SPREAD);
        assert_relative_eq!(of(&wild[..30], &[]).of_field(Field::Volume, 0), 1.0, epsilon = 1e-3);
        // Older days than the last 80 do not count.
        let tame: Vec<Bar> = (0..200).map(|i| bar(i, 0.02, 100.0)).collect();
        let both = [&tame[..], &wild[..]].concat();
        assert_relative_eq!(of(&both, &[]).of_field(Field::Volume, 0), 1.0, epsilon = 1e-3);
    }
}
