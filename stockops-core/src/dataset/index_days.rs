//! `IndexDays`: what the index did, day by day, for the forecast of a stock's range.

use chrono::NaiveDate;

use super::log_range;
use super::spans::{MONTH, QUARTER, WEEK};
use crate::market::Bars;

/// Largest move of a day that counts, in usual widths of a day.
const MOST: f64 = 3.0;

/// The index at the close of one day: its log range against the mean of its last month, and its move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexDay {
    /// Log range of the day less the mean of 22 days.
    pub last: f64,
    /// Mean of 5 days less that of 22.
    pub week: f64,
    /// Mean of 66 days less that of 22.
    pub quarter: f64,
    /// Log return of the day in usual widths of a day, from -3 to 3.
    pub change: f64,
}

impl IndexDay {
    /// Numbers that a regression can take in.
    pub const REGRESSORS: usize = 4;

    /// It as numbers.
    pub fn regressors(&self) -> [f64; Self::REGRESSORS] {
        [self.last, self.week, self.quarter, self.change]
    }
}

/// What an index did on each of its days, from bars up to that day alone.
///
/// # Example
///
/// ```
/// use stockops_core::dataset::IndexDays;
/// use stockops_core::source::builtin_bars;
///
/// let index = IndexDays::of(&builtin_bars(&"^GSPC".parse()?)?.bars);
/// let crash = index.at("2008-10-15".parse().unwrap()).unwrap();
/// assert!(crash.last > 0.0 && crash.change < -1.0);
/// assert!(index.at("2008-10-18".parse().unwrap()).is_none(), "a Saturday");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IndexDays(Vec<(NaiveDate, IndexDay)>);

impl IndexDays {
    /// Those of the bars of an index, from its 22nd day on.
    pub fn of(index: &Bars) -> Self {
        let bars = index.as_slice();
        let ranges = bars.iter().map(|bar| log_range(bar).ln());
        let running = ranges.scan(0.0, |sum, range| {
            *sum += range;
            Some(*sum)
        });
        let sums: Vec<f64> = std::iter::once(0.0).chain(running).collect();
        let day = |end: usize| {
            let mean = |days: usize| (sums[end] - sums[end.saturating_sub(days)]) / days.min(end) as f64;
            let month = mean(MONTH);
            let change = (bars[end - 1].close / bars[end - 2].close).ln() / month.exp();
            let (last, week, quarter) = (mean(1) - month, mean(WEEK) - month, mean(QUARTER) - month);
            (bars[end - 1].date, IndexDay { last, week, quarter, change: change.clamp(-MOST, MOST) })
        };
        Self((MONTH..=bars.len()).map(day).collect())
    }

    /// The index at the close of `date`; `None` where it has no bar of that day.
    pub fn at(&self, date: NaiveDate) -> Option<&IndexDay> {
        self.0.binary_search_by_key(&date, |(day, _)| *day).ok().map(|place| &self.0[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random_bars;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    proptest! {
        /// Against means that are added up anew for each day, which see nothing of later ones.
        #[test]
        fn each_day_is_that_of_the_bars_up_to_it(bars in random_bars(90..91), count in 22usize..90) {
            let known = bars.at(0..count);
            let date = known.last_day().unwrap();
            prop_assert!(IndexDays::of(&bars).at(date).is_some());
            let ranges: Vec<f64> = known.iter().map(|bar| log_range(bar).ln()).collect();
            let mean = |days: usize| ranges.iter().rev().take(days).sum::<f64>() / days.min(count) as f64;
            let day = *IndexDays::of(&bars).at(date).unwrap();
            for (own, days) in [(day.last, 1), (day.week, 5), (day.quarter, 66)] {
                prop_assert!((own - (mean(days) - mean(22))).abs() < 1e-9);
            }
            let closes = known.closes();
            let change = (closes[count - 1] / closes[count - 2]).ln() / mean(22).exp();
            prop_assert!((day.change - change.clamp(-3.0, 3.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn the_first_month_and_days_without_a_bar_are_not_known() {
        let index = crate::source::builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars;
        let days = IndexDays::of(&index);
        let at = |place: usize| days.at(index.as_slice()[place].date);
        assert!(at(20).is_none() && at(21).is_some());
        assert!(IndexDays::of(&index.at(0..21)).at(index.as_slice()[20].date).is_none());
        assert_relative_eq!(at(5000).unwrap().week, IndexDays::of(&index.at(4900..5001)).0[79].1.week, epsilon = 1e-9);
    }
}
