//! `PooledHar`: range and volume by a linear rule that several series share, the companion of the network.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::forecast::Field;
use crate::least_squares::LeastSquares;
use crate::market::Bar;

/// Days of a week, a month, a quarter and two years of trading.
const WEEK: usize = 5;
const MONTH: usize = 22;
const QUARTER: usize = 66;
const TWO_YEARS: usize = 500;

/// Companies report each quarter, which is 13 weeks on the same weekday; a year is looked back.
const WEEKS_OF_A_QUARTER: u64 = 13;
const QUARTERS: u64 = 4;

/// Largest distance of one day's log volume from its month that counts.
const MOST_APART: f64 = 2.0;

/// Fewest bars that a forecast looks at.
const MIN_BARS: usize = 14;

/// Days that a parent's coefficients count for beside a child's own.
const PARENT_ROWS: f64 = 1000.0;

/// Fewest rows for each coefficient.
const ROWS_A_COEFFICIENT: usize = 30;

/// Regressors of volume and of range, those of the quarters last, and of range where there is no volume.
const QUARTERS_WIDTH: usize = 2;
const VOLUME_WIDTH: usize = 7;
const RANGE_WIDTH: usize = 14;
const RANGE_WIDTH_WITHOUT_VOLUME: usize = 10;

/// Heterogeneous autoregression of log range and log volume, everything relative to the mean of the last 22 days:
/// `x(t+h) - m22 = b . (x - m22, m5 - m22, m66 - m22, m500 - m22, 1, ..)`, one fit a horizon over all series.
///
/// Corsi (2009) with a longer memory; for the range also the last moves and their sizes, since a fall widens the days to
/// come more than a rise (Corsi and Reno 2012), and the volume against its mean. Both have the volume of the same weekday
/// 13, 26, 39 and 52 weeks before the day that is forecast, and before the day of the forecast: companies report each
/// quarter, and many shares are traded then. Relative to a series' own level the coefficients carry over from one ticker to
/// another.
///
/// It wants bars of [ordinary](crate::dataset::DayEffects::ordinary) days. A rule of an older bundle has fewer coefficients,
/// those of the quarters being the last.
///
/// Where no volume is known, as for currencies, or it never varies, the range has its rule without the regressors of
/// volume. Where it is known on too few days, only volume has no rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PooledHar {
    /// Coefficients of the range, one list a horizon; those of volume stand last and may be missing.
    range: Vec<Vec<f64>>,
    /// Coefficients of the volume, one list a horizon; empty where there is no rule for volume.
    volume: Vec<Vec<f64>>,
    /// Days that they were fitted on.
    rows: usize,
}

impl PooledHar {
    /// Fit on the bars of one or several series; `None` where they are too few.
    pub fn fit(series: &[&[Bar]], horizons: usize) -> Option<Self> {
        let of = |field, width| coefficients(series, horizons, field, width);
        // A history too short to tell the quarters has the rule without them.
        let either = |field, width| of(field, width).or_else(|| of(field, width - QUARTERS_WIDTH));
        let range = either(Field::Range, RANGE_WIDTH).or_else(|| {
            let without_volume = !series.iter().any(|bars| volume_varies(bars));
            without_volume.then(|| of(Field::Range, RANGE_WIDTH_WITHOUT_VOLUME))?
        })?;
        let volume = either(Field::Volume, VOLUME_WIDTH).unwrap_or_default();
        let rows = series.iter().map(|bars| bars.len().saturating_sub(MONTH)).sum();
        Some(Self { range, volume, rows })
    }

    /// Whether it has coefficients for exactly `horizons` sessions.
    pub(super) fn has_horizons(&self, horizons: usize) -> bool {
        self.range.len() == horizons && (self.volume.is_empty() || self.volume.len() == horizons)
    }

    /// Coefficients between these, a parent's, and `own`, fitted on a child's days alone: the more days, the more `own`.
    ///
    /// What only one of them has a rule for is taken from that one.
    pub(crate) fn shrunk_towards(&self, own: &Self) -> Self {
        let weight = own.rows as f64 / (own.rows as f64 + PARENT_ROWS);
        let range = self.range.iter().zip(&own.range).map(|(parent, own)| mixed(parent, own, weight)).collect();
        let volume = match (self.volume.is_empty(), own.volume.is_empty()) {
            (true, _) => own.volume.clone(),
            (_, true) => self.volume.clone(),
            _ => self.volume.iter().zip(&own.volume).map(|(parent, own)| mixed(parent, own, weight)).collect(),
        };
        Self { range, volume, rows: self.rows + own.rows }
    }

    /// Whether it has a rule for `field`.
    pub(crate) fn has(&self, field: Field) -> bool {
        match field {
            Field::Range => !self.range.is_empty(),
            Field::Volume => !self.volume.is_empty(),
            _ => false,
        }
    }

    /// Forecasts after the bars `history` of the sessions on `days`, one a horizon, on the log scale of `field`; `None` for
    /// prices, below 14 bars, and for a volume that is not known.
    pub fn forecast(&self, history: &[Bar], days: &[NaiveDate], field: Field) -> Option<Vec<f64>> {
        let coefficients = if field == Field::Range { &self.range } else { &self.volume };
        if !self.has(field) {
            return None;
        }
        let (level, regressors) = regressors(history, field)?;
        let dot = |slopes: &[f64], row: &[f64]| slopes.iter().zip(row).map(|(b, x)| b * x).sum::<f64>();
        let now = quarters(history, history.last()?.date);
        let at = |(slopes, day): (&Vec<f64>, &NaiveDate)| {
            let (past, last) = slopes.split_at(slopes.len().min(regressors.len()));
            level + dot(past, &regressors) + dot(last, &[quarters(history, *day), now])
        };
        Some(coefficients.iter().zip(days).map(at).collect())
    }
}

/// A parent's coefficients, `weight` of the way to a child's; what one of them lacks counts as the other's alone or as 0.
fn mixed(parent: &[f64], own: &[f64], weight: f64) -> Vec<f64> {
    let at = |i: usize| match (parent.get(i), own.get(i)) {
        (Some(parent), Some(own)) => parent + weight * (own - parent),
        (Some(parent), None) => *parent,
        (None, own) => weight * own.copied().unwrap_or_default(),
    };
    (0..parent.len().max(own.len())).map(at).collect()
}

/// Whether the known volumes of `bars` are not all the same: otherwise nothing can be regressed on them.
fn volume_varies(bars: &[Bar]) -> bool {
    let mut known = bars.iter().map(|bar| bar.volume).filter(|volume| *volume > 0.0);
    known.next().is_some_and(|first| known.any(|volume| volume != first))
}

/// One regression a horizon on the first `width` regressors; `None` where the rows are too few or do not tell them apart.
fn coefficients(series: &[&[Bar]], horizons: usize, field: Field, width: usize) -> Option<Vec<Vec<f64>>> {
    let mut fits = vec![LeastSquares::new(width); horizons];
    for row in series.iter().flat_map(|bars| rows(bars, field, horizons)) {
        for (fit, ahead) in fits.iter_mut().zip(row.ahead) {
            if let Some((target, quarters)) = ahead {
                let whole = [&row.regressors[..], &[quarters, row.quarters]].concat();
                fit.add(&whole[..width], target);
            }
        }
    }
    fits.iter().map(|fit| fit.solve().filter(|_| fit.rows() >= ROWS_A_COEFFICIENT * width)).collect()
}

/// What is known at the close of one day, and what came.
struct RegressionRow {
    regressors: Vec<f64>,
    /// [`quarters`] of the day itself.
    quarters: f64,
    /// What came less the level of the day, and [`quarters`] of the day on which it came, one a horizon; `None` where it is
    /// not known.
    ahead: Vec<Option<(f64, f64)>>,
}

/// A row for each day of `bars` from the second month on.
fn rows(bars: &[Bar], field: Field, horizons: usize) -> impl Iterator<Item = RegressionRow> + '_ {
    (MONTH..bars.len()).filter_map(move |origin| {
        let known = &bars[..=origin];
        let (level, regressors) = regressors(known, field)?;
        let ahead = |horizon: usize| {
            let bar = bars.get(origin + 1 + horizon)?;
            Some((field.value(bar, 1.0)? - level, quarters(known, bar.date)))
        };
        let quarters = quarters(known, bars[origin].date);
        Some(RegressionRow { regressors, quarters, ahead: (0..horizons).map(ahead).collect() })
    })
}

/// Mean distance of log volume from the month before, on the days 13, 26, 39 and 52 weeks before `date`, as many as are
/// known; 0 where none is.
fn quarters(history: &[Bar], date: NaiveDate) -> f64 {
    let apart = |quarter: u64| {
        let day = date.checked_sub_days(Days::new(7 * WEEKS_OF_A_QUARTER * quarter))?;
        let place = history.partition_point(|bar| bar.date < day);
        let volume = Field::Volume.value(history.get(place)?, 1.0)?;
        let month = history.get(place.checked_sub(MONTH)?..place)?;
        let (sum, count) = month
            .iter()
            .filter_map(|bar| Field::Volume.value(bar, 1.0))
            .fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| (volume - sum / count as f64).clamp(-MOST_APART, MOST_APART))
    };
    let known: Vec<f64> = (1..=QUARTERS).filter_map(apart).collect();
    if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 }
}

/// The 22-day mean of `field` after `history`, and the regressors: those of volume last.
fn regressors(history: &[Bar], field: Field) -> Option<(f64, Vec<f64>)> {
    if history.len() < MIN_BARS {
        return None;
    }
    let means = Means::of(history, field)?;
    let mut row = vec![means.last - means.month, means.week - means.month, means.quarter - means.month];
    row.extend([means.years - means.month, 1.0]);
    if field == Field::Range {
        row.extend(moves(history));
        let volume = Means::of(history, Field::Volume);
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
    fn of(history: &[Bar], field: Field) -> Option<Self> {
        let newest_first = history.iter().rev().take(TWO_YEARS).filter_map(|bar| field.value(bar, 1.0));
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
fn moves(history: &[Bar]) -> [f64; 5] {
    let usual = Means::of(history, Field::Range).map_or(1.0, |means| means.month.exp());
    let last = history.len() - 1;
    let since = |days: usize| (history[last].close / history[last.saturating_sub(days)].close).ln() / usual;
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
        /// The fit has all bars at hand; what it regresses on must be of the day's past.
        #[test]
        fn bars_that_come_later_move_no_row(bars in random_bars(140..141), cut in 60usize..139) {
            let mut changed = bars.as_slice().to_vec();
            changed[cut..].iter_mut().for_each(|bar| {
                *bar = Bar { high: bar.high * 2.0, close: bar.close * 1.5, volume: bar.volume * 7.0, ..*bar };
            });
            for field in [Field::Range, Field::Volume] {
                let (own, other) = (rows(bars.as_slice(), field, 3), rows(&changed, field, 3));
                for (day, (own, other)) in (MONTH..cut).zip(own.zip(other)) {
                    prop_assert_eq!(own.regressors, other.regressors, "{} of day {}", field, day);
                    let come = (cut - day - 1).min(3);
                    prop_assert_eq!(own.quarters, other.quarters);
                    prop_assert_eq!(&own.ahead[..come], &other.ahead[..come]);
                    prop_assert!(own.ahead[come..] != other.ahead[come..] || come == 3);
                }
            }
        }

        #[test]
        fn forecasts_follow_the_level(bars in random_bars(400..401), factor in 0.01f64..100.0) {
            let har = PooledHar::fit(&[bars.as_slice()], 1).unwrap();
            let scaled: Vec<Bar> = bars.iter().map(|bar| Bar { volume: bar.volume * factor, ..*bar }).collect();
            let of = |bars: &[Bar]| har.forecast(bars, &[day(500)], Field::Volume).unwrap()[0];
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
        let har = PooledHar { range: vec![vec![0.0; 14]], volume: vec![vec![0.0; 7]], rows: 0 };
        assert!(har.forecast(&bars, &[day(20)], Field::Range).is_none());
        let bars = [&bars[..], &[Bar { date: day(13), ..bars[0] }]].concat();
        let range = har.forecast(&bars, &[day(20)], Field::Range).unwrap();
        assert_relative_eq!(range[0], Field::Range.value(&bars[0], 1.0).unwrap(), epsilon = 1e-12);
        assert!(har.forecast(&bars, &[day(20)], Field::Close).is_none());
    }

    /// Calendar days from 2020 on with ten times the volume on each 91st day.
    fn quarterly(count: u64) -> Vec<Bar> {
        random_walk(count, |i| if i % 91 == 90 { 1000.0 } else { 100.0 } + (i * 7919 % 10) as f64)
    }

    #[test]
    fn a_peak_of_each_quarter_is_foreseen_and_the_day_after_it_is_not_taken_for_one() {
        let bars = quarterly(1900);
        let har = PooledHar::fit(&[&bars[..1500]], 5).unwrap();
        // Day 1728 is a peak: 1728 = 18 * 91 + 90.
        for known in 1724..1732 {
            let days: Vec<NaiveDate> = (known as u64..known as u64 + 5).map(day).collect();
            let said = har.forecast(&bars[..known], &days, Field::Volume).unwrap();
            for (said, bar) in said.iter().zip(&bars[known..]) {
                assert!((said - bar.volume.ln()).abs() < 0.5, "{} from {known}: {said} {}", bar.date, bar.volume.ln());
            }
        }
        let plain = PooledHar { volume: har.volume.iter().map(|own| own[..5].to_vec()).collect(), ..har };
        let said = plain.forecast(&bars[..1728], &[day(1728)], Field::Volume).unwrap()[0];
        assert!(said < 200f64.ln(), "without the quarters nothing tells it: {said}");
    }

    #[test]
    fn a_rule_of_an_older_bundle_has_no_quarters_and_still_forecasts() {
        let bars = quarterly(600);
        let rule = |range: usize, volume: usize| PooledHar {
            range: vec![vec![0.1; range]],
            volume: vec![vec![0.1; volume]],
            rows: 0,
        };
        let of = |rule: &PooledHar, field| rule.forecast(&bars, &[day(600)], field).unwrap()[0];
        let without = [vec![0.1; 12], vec![0.0; 2]].concat();
        let padded = PooledHar { range: vec![without], volume: vec![[vec![0.1; 5], vec![0.0; 2]].concat()], rows: 0 };
        for field in [Field::Range, Field::Volume] {
            assert_eq!(of(&rule(12, 5), field), of(&padded, field), "{field}");
        }
    }

    fn random_walk(count: u64, volume: impl Fn(u64) -> f64) -> Vec<Bar> {
        let noise = |i: u64| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
        let bar = |i: u64| {
            let close = 10.0 + noise(i);
            Bar {
                date: day(i),
                open: close,
                high: close * (1.02 + 0.01 * noise(i + 5000)),
                low: close,
                close,
                volume: volume(i),
            }
        };
        (0..count).map(bar).collect()
    }

    #[test]
    fn a_series_without_volume_has_the_rule_for_its_range() {
        let next: Vec<NaiveDate> = (400..405).map(day).collect();
        for volume in [0.0, 1.0] {
            let bars = random_walk(400, |_| volume);
            let har = PooledHar::fit(&[&bars], 5).unwrap();
            assert_eq!((har.range[0].len(), har.volume.len()), (RANGE_WIDTH_WITHOUT_VOLUME, 0));
            assert!(har.forecast(&bars, &next, Field::Range).unwrap().iter().all(|range| range.is_finite()));
            assert!(har.forecast(&bars, &next, Field::Volume).is_none() && !har.has(Field::Volume));
            assert!(PooledHar::fit(&[&bars[..300]], 5).is_none(), "300 rows are needed");
        }
    }

    #[test]
    fn among_others_a_series_without_volume_takes_part() {
        let (with, without) = (random_walk(400, |i| 100.0 + (i * 7919 % 100) as f64), random_walk(400, |_| 0.0));
        let har = PooledHar::fit(&[&with, &without], 5).unwrap();
        assert_eq!((har.range[0].len(), har.volume[0].len()), (RANGE_WIDTH, VOLUME_WIDTH));
        let of = |field| har.forecast(&without, &[day(400)], field);
        assert!(of(Field::Range).is_some() && of(Field::Volume).is_none());
    }

    #[test]
    fn a_child_keeps_what_only_its_parent_knows_and_adds_what_only_it_knows() {
        let rule = |range: &[f64], volume: &[f64]| PooledHar {
            range: vec![range.to_vec()],
            volume: if volume.is_empty() { Vec::new() } else { vec![volume.to_vec()] },
            rows: 1000,
        };
        let (with, without) = (rule(&[1.0, 2.0], &[4.0]), rule(&[3.0], &[]));
        // Both have 1,000 rows, so the mean of both.
        assert_eq!(with.shrunk_towards(&without), PooledHar { rows: 2000, ..rule(&[2.0, 2.0], &[4.0]) });
        assert_eq!(without.shrunk_towards(&with), PooledHar { rows: 2000, ..rule(&[2.0, 1.0], &[4.0]) });
        assert_eq!(with.shrunk_towards(&with), PooledHar { rows: 2000, ..with.clone() });
    }
}
