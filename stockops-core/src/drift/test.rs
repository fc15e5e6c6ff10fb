//! `Test`: what is compared between the last 21 rows and those before, and its value on each day.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ks::ks_statistic;
use super::rows::Row;

/// Rows that are looked at: 30 calendar days, as the contract.
pub const CURRENT_ROWS: usize = 21;

/// Rows before them that they are compared with: 150 calendar days, as the contract.
pub const BEFORE_ROWS: usize = 105;

/// Rows of the test of the tails, where 21 are too few.
pub(super) const TAIL_ROWS: usize = 63;

/// Rows that the tests of one day see.
pub(super) const WINDOW: usize = CURRENT_ROWS + BEFORE_ROWS;

/// One test of the data.
///
/// Returns in usual widths are log returns over the geometric mean log range of the 20 days before, so that neither the
/// level of prices nor a calm or wild month counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// `sqrt(21)` times the mean of the last 21 returns in usual widths.
    ReturnMean,
    /// Kolmogorov-Smirnov distance of the last 21 returns in usual widths from those of the long history.
    ReturnShape,
    /// log of the variance of the last 21 returns over that of the 105 before.
    Variance,
    /// Mean log of log(High/Low) of the last 21 days less that of the 105 before.
    Range,
    /// Mean log volume of the last 21 days less that of the 105 before.
    Volume,
    /// Weight of large moves among the last 63 returns in usual widths: the mean of `1 - q / |r|` over those beyond `q`, the
    /// long history's 95 % quantile, the others counted as 0. It is bounded, so that one day is never enough.
    Tail,
}

impl Test {
    /// All tests.
    pub const ALL: [Self; 6] =
        [Self::ReturnMean, Self::ReturnShape, Self::Variance, Self::Range, Self::Volume, Self::Tail];

    /// Whether only large values are a change.
    pub(super) fn is_one_sided(self) -> bool {
        matches!(self, Self::ReturnShape | Self::Tail)
    }

    /// The column that it looks at.
    pub fn field(self) -> &'static str {
        match self {
            Self::ReturnMean | Self::ReturnShape | Self::Variance | Self::Tail => "return",
            Self::Range => "range",
            Self::Volume => "volume",
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReturnMean => "return_mean",
            Self::ReturnShape => "return_shape",
            Self::Variance => "variance",
            Self::Range => "range",
            Self::Volume => "volume",
            Self::Tail => "tail",
        })
    }
}

/// Least variance of returns that is told apart: a stretch of equal closes has none, and moves of a millionth of a per cent a
/// day stand for it.
const LEAST_VARIANCE: f64 = 1e-16;

/// What the returns of the long history look like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Usual {
    /// 99 quantiles of returns in usual widths, ascending.
    pub(super) returns: Vec<f64>,
    /// 95 % quantile of their absolute values.
    pub(super) tail_from: f64,
}

impl Usual {
    pub(super) fn of(rows: &[Row]) -> Self {
        let sorted = |values: &mut dyn Iterator<Item = f64>| {
            let mut values: Vec<f64> = values.collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let returns = sorted(&mut rows.iter().map(|row| row.usual_return));
        let sizes = sorted(&mut rows.iter().map(|row| row.usual_return.abs()));
        let grid = (1..100).map(|percent| rounded(quantile(&returns, f64::from(percent) / 100.0)));
        Self { returns: grid.collect(), tail_from: rounded(quantile(&sizes, 0.95)) }
    }
}

/// The values of all tests on one day; `None` where volumes are unknown.
pub(super) type Values = [Option<f64>; Test::ALL.len()];

/// The values of all tests on each of the last `days` rows that has a window, oldest first.
pub(super) fn values(rows: &[Row], usual: &Usual, days: usize) -> Vec<Values> {
    let windows = rows.windows(WINDOW);
    let skipped = windows.len().saturating_sub(days);
    windows.skip(skipped).map(|window| of_window(window, usual)).collect()
}

/// The values of all tests on the last day of `window`. They are sums over its rows alone, so they do not depend, not even in
/// the last bit, on how many rows came before.
fn of_window(window: &[Row], usual: &Usual) -> Values {
    let (before, current) = window.split_at(BEFORE_ROWS);
    let change = |column: fn(&Row) -> Option<f64>| Some(mean(current, column)? - mean(before, column)?);
    let variance = |rows: &[Row]| variance(rows).max(LEAST_VARIANCE);
    let large = |row: &Row| Some((1.0 - usual.tail_from / row.usual_return.abs()).max(0.0));
    [
        mean(current, |row| Some(row.usual_return)).map(|mean| mean * (CURRENT_ROWS as f64).sqrt()),
        Some(shape(current, usual)),
        Some((variance(current) / variance(before)).ln()),
        change(|row| Some(row.log_range)),
        change(|row| row.log_volume),
        mean(&window[WINDOW - TAIL_ROWS..], large),
    ]
}

/// Mean of the known values; `None` where fewer than half are known.
fn mean(rows: &[Row], column: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
    let (count, sum) = rows.iter().filter_map(column).fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
    (2 * count >= rows.len()).then(|| sum / count as f64)
}

/// Mean square of the log returns about their mean.
fn variance(rows: &[Row]) -> f64 {
    let count = rows.len() as f64;
    let mean = rows.iter().map(|row| row.log_return).sum::<f64>() / count;
    rows.iter().map(|row| (row.log_return - mean).powi(2)).sum::<f64>() / count
}

/// Kolmogorov-Smirnov distance of the returns of `current` from those of the long history.
fn shape(current: &[Row], usual: &Usual) -> f64 {
    let mut returns: Vec<f64> = current.iter().map(|row| row.usual_return).collect();
    returns.sort_by(f64::total_cmp);
    ks_statistic(&returns, &usual.returns)
}

/// The quantile at `share` of ascending `sorted`, which is not empty, by linear interpolation (numpy's default).
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// Six digits: what is kept of a history is an estimate, and its file is small.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;
    use approx::assert_relative_eq;

    /// 105 rows of a calm market, then 21 of another, whose returns alternate about 0.
    fn window(current: impl Fn(usize) -> Row) -> Vec<Row> {
        let calm = |i| row(i, 0.01);
        (0..BEFORE_ROWS).map(calm).chain((BEFORE_ROWS..WINDOW).map(current)).collect()
    }

    fn row(i: usize, size: f64) -> Row {
        let log_return = if i.is_multiple_of(2) { size } else { -size };
        let (usual_return, log_range) = (log_return / 0.02, -4.0);
        Row { day: day(i as u64), log_return, usual_return, log_range, log_volume: Some(14.0) }
    }

    fn usual() -> Usual {
        Usual { returns: (1..100).map(|percent| f64::from(percent) / 50.0 - 1.0).collect(), tail_from: 1.0 }
    }

    fn value(window: &[Row], test: Test) -> Option<f64> {
        values(window, &usual(), 1)[0][test as usize]
    }

    #[test]
    fn the_mean_and_the_variance_are_those_of_the_last_21_rows() {
        // An even number of moves up and down leaves the mean of one.
        let wild = window(|i| row(i, 0.03));
        let mean = -0.03 / 0.02 / 21.0;
        assert_relative_eq!(value(&wild, Test::ReturnMean).unwrap(), mean * 21f64.sqrt(), epsilon = 1e-12);
        let variance = |size: f64, count: f64| size * size * (1.0 - 1.0 / (count * count));
        let expected = (variance(0.03, 21.0) / variance(0.01, 105.0)).ln();
        assert_relative_eq!(value(&wild, Test::Variance).unwrap(), expected, epsilon = 1e-12);
    }

    #[test]
    fn width_and_volume_are_those_of_the_last_21_rows_less_those_of_the_105_before() {
        let wide = window(|i| Row { log_range: -3.5, log_volume: Some(14.7), ..row(i, 0.01) });
        assert_relative_eq!(value(&wide, Test::Range).unwrap(), 0.5, epsilon = 1e-12);
        assert_relative_eq!(value(&wide, Test::Volume).unwrap(), 0.7, epsilon = 1e-12);
    }

    #[test]
    fn a_volume_that_is_known_on_half_of_the_days_is_enough() {
        let known = |days: usize| {
            let volume = move |i: usize| (i < BEFORE_ROWS + days).then_some(15.0);
            value(&window(|i| Row { log_volume: volume(i), ..row(i, 0.01) }), Test::Volume)
        };
        assert_relative_eq!(known(11).unwrap(), 1.0, epsilon = 1e-12);
        assert_eq!(known(10), None);
    }

    #[test]
    fn the_shape_is_the_distance_from_the_long_history() {
        // All returns lie above the history, whose 99 values end below 1.
        let above = window(|i| Row { usual_return: 1.5, ..row(i, 0.01) });
        assert_eq!(value(&above, Test::ReturnShape), Some(1.0));
        // 11 of 21 moves are -0.5, where 25 of the history's 99 are no larger; the others are 0.5.
        let distance = value(&window(|i| row(i, 0.01)), Test::ReturnShape).unwrap();
        assert_relative_eq!(distance, 11.0 / 21.0 - 25.0 / 99.0, epsilon = 1e-12);
    }

    #[test]
    fn the_tail_weighs_large_moves_of_the_last_63_rows_by_their_excess() {
        let weight = |large: &[usize], size: f64| {
            let mut rows = window(|i| row(i, 0.01));
            for place in large {
                rows[*place].usual_return = size;
            }
            value(&rows, Test::Tail).unwrap()
        };
        // A move of four times the quantile weighs 1 - 1/4, whichever its sign.
        assert_relative_eq!(weight(&[63, 125], -4.0), 2.0 * 0.75 / 63.0, epsilon = 1e-12);
        assert_eq!(weight(&[62], 4.0), 0.0);
        assert_eq!(weight(&[100], 0.99), 0.0);
    }

    #[test]
    fn there_is_a_value_for_each_row_with_125_before_it_and_no_more_than_are_asked_for() {
        let rows: Vec<Row> = (0..WINDOW + 9).map(|i| row(i, 0.01)).collect();
        let count = |rows: &[Row], days: usize| values(rows, &usual(), days).len();
        assert_eq!((count(&rows, 100), count(&rows, 3), count(&rows[..WINDOW - 1], 3)), (10, 3, 0));
        assert_eq!(values(&rows, &usual(), 3), values(&rows, &usual(), 10)[7..]);
    }

    #[test]
    fn quantiles_are_numpys() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (share, value) in [(0.0, 1.0), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert_relative_eq!(quantile(&sorted, share), value, epsilon = 1e-12);
        }
        assert_eq!(rounded(0.123_456_789), 0.123_456_8);
    }
}
