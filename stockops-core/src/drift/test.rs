//! `Test`: what is compared between the last 21 rows and those before, and its value on each day.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ks::ks_statistic;
use super::rows::{Row, Sums};

/// Rows that are looked at: 30 calendar days, as the contract.
pub const CURRENT_ROWS: usize = 21;

/// Rows before them that they are compared with: 150 calendar days, as the contract.
pub const BEFORE_ROWS: usize = 105;

/// Rows of the test of the tails, where 21 are too few.
const TAIL_ROWS: usize = 63;

/// Rows that a day's tests need.
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
    let ends = rows.len() + 1 - WINDOW.min(rows.len() + 1);
    let rows = &rows[ends.saturating_sub(days)..];
    let excess = |row: &Row| Some((1.0 - usual.tail_from / row.usual_return.abs()).max(0.0));
    let mean_of = Sums::of(rows.iter().map(|row| Some(row.usual_return)));
    let returns = Sums::of(rows.iter().map(|row| Some(row.log_return)));
    let ranges = Sums::of(rows.iter().map(|row| Some(row.log_range)));
    let volumes = Sums::of(rows.iter().map(|row| row.log_volume));
    let tails = Sums::of(rows.iter().map(excess));
    let at = |end: usize| {
        let (start, from) = (end - WINDOW, end - CURRENT_ROWS);
        let change = |sums: &Sums| Some(sums.mean(from, end)? - sums.mean(start, from)?);
        // A stretch of equal closes has no variance; a millionth of a per cent a day stands for it.
        let spread = |from: usize, to: usize| returns.variance(from, to).max(1e-16).ln();
        [
            mean_of.mean(from, end).map(|mean| mean * (CURRENT_ROWS as f64).sqrt()),
            Some(shape(&rows[from..end], usual)),
            Some(spread(from, end) - spread(start, from)),
            change(&ranges),
            change(&volumes),
            tails.mean(end - TAIL_ROWS, end),
        ]
    };
    (WINDOW..=rows.len()).map(at).collect()
}

fn shape(current: &[Row], usual: &Usual) -> f64 {
    let mut returns: [f64; CURRENT_ROWS] = std::array::from_fn(|i| current[i].usual_return);
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
