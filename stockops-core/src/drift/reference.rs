//! `Reference`: what is usual, learned from a long history; small enough to live inside a bundle.

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::episode::Episode;
use super::rows::rows;
use super::test::{Test, Usual, Values, WINDOW, quantile, rounded, values};
use crate::dataset::USUAL_DAYS;
use crate::error::{Error, Result};
use crate::market::{Bars, Ticker};

/// Places of the kept quantiles of each test's values, denser at the ends.
const SHARES: [f64; 25] = [
    0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.925, 0.95,
    0.975, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0,
];

/// Places of the lower 2.5 %, the median and the upper 2.5 % among them.
const LOW: usize = 6;
const MEDIAN: usize = 12;
const HIGH: usize = 18;

/// Least unit of a distance: a test whose values never moved would have none.
const LEAST_UNIT: f64 = 1e-9;

/// Days of a block of the bootstrap: half of the window, so that most of a window's own dependence stays in one.
const BLOCK_DAYS: usize = WINDOW / 2;

/// Replicas of the history that the bootstrap draws.
const REPLICAS: usize = 200;

/// Share of the replicas in which episodes are as rare as promised.
const PROMISED: f64 = 0.9;

/// Halvings of the bracket in which the level is searched: to four digits.
const HALVINGS: usize = 14;

/// An episode of alarm begins at most once in so many days where nothing has changed.
pub const DAYS_PER_EPISODE: usize = 350;

/// What a series usually does: distributions of all [tests](Test) over a long history, and the level of alarm.
///
/// A test's distance is that of its value from the median of its values on the days of the history, in units of the
/// distance to the 2.5 % quantile on the same side; so tests of any scale and skew can be compared, and the largest of the
/// six is the day's distance. Windows have the same sizes as later, and days in a row hold the true dependence. The level
/// of alarm is the least distance at which, in 90 % of 200 moving-block bootstrap replicas of the history's days
/// (blocks of 63 days, a fixed seed), an episode begins at most once in 350 days: that corrects for the number of tests and
/// of days, and a short history gets a stricter level by itself.
///
/// All tests are free of scale, so the reference of a parent serves a child whose own history is too short.
///
/// # Example
///
/// ```
/// use stockops_core::drift::Reference;
/// use stockops_core::source::builtin_bars;
///
/// let reference = Reference::of(&builtin_bars(&"^GSPC".parse()?)?.bars)?;
/// assert!(reference.alarm_level() > 1.0);
/// assert!(serde_json::to_string(&reference).unwrap().len() < 6_000, "a few KB in the bundle");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Whose history.
    pub ticker: Ticker,
    /// First day of it.
    pub first_day: NaiveDate,
    /// Last day of it.
    pub last_day: NaiveDate,
    /// Days with a value of each test.
    pub days: usize,
    pub(super) usual: Usual,
    /// For each test the quantiles of its values at [`SHARES`]; `None` where volumes are unknown.
    #[serde(rename = "nulls")]
    quantiles: [Option<Vec<f64>>; Test::ALL.len()],
    /// The distance at which an episode begins.
    level: f64,
}

impl Reference {
    /// Fewest bars of a history: two years, in which two episodes would be expected.
    pub const MIN_BARS: usize = 500 + WINDOW + USUAL_DAYS;

    /// Learn what is usual from `bars`.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] with fewer than [`MIN_BARS`](Self::MIN_BARS).
    pub fn of(bars: &Bars) -> Result<Self> {
        let (Some(first_day), Some(last_day), true) = (bars.first_day(), bars.last_day(), bars.len() >= Self::MIN_BARS)
        else {
            let what = format!("what is usual for {}", bars.ticker());
            return Err(Error::TooShort { what, needed: Self::MIN_BARS, got: bars.len() });
        };
        let rows = rows(bars.as_slice());
        let usual = Usual::of(&rows);
        let history = values(&rows, &usual, usize::MAX);
        let quantiles = std::array::from_fn(|test| quantiles(&history, test));
        let ticker = bars.ticker().clone();
        let without_level = Self { ticker, first_day, last_day, days: history.len(), usual, quantiles, level: 0.0 };
        let distances: Vec<f64> = history.iter().map(|values| without_level.distance(values)).collect();
        Ok(Self { level: rounded(alarm_level(&distances)), ..without_level })
    }

    /// The distance from the usual, over all tests, at which alarm begins.
    pub fn alarm_level(&self) -> f64 {
        self.level
    }

    /// Share of the history's days whose value was as far out as `value`, at least 1 / (days + 1); `None` for a test that
    /// was not learned.
    pub(super) fn p(&self, test: Test, value: f64) -> Option<f64> {
        let share = self.share_below(test, value)?;
        let p = if test.is_one_sided() { 1.0 - share } else { 2.0 * share.min(1.0 - share) };
        Some(p.max(1.0 / (self.days + 1) as f64))
    }

    /// How far out a day is: the largest distance of its tests.
    pub(super) fn distance(&self, values: &Values) -> f64 {
        let known = Test::ALL.into_iter().zip(values).filter_map(|(test, value)| self.distance_of(test, (*value)?));
        known.fold(0.0, f64::max)
    }

    /// How far `value` is from the usual; `None` for a test that was not learned. Below the usual nothing is unusual for
    /// the shape and the tail.
    pub(super) fn distance_of(&self, test: Test, value: f64) -> Option<f64> {
        let from = value - self.median(test)?;
        Some(if test.is_one_sided() && from < 0.0 { 0.0 } else { from.abs() / self.unit(test, from)? })
    }

    /// The value of `test` at which alarm begins, on the side of `value`.
    pub(super) fn threshold(&self, test: Test, value: f64) -> Option<f64> {
        let median = self.median(test)?;
        let side = if test.is_one_sided() { 1.0 } else { (value - median).signum() };
        Some(median + side * self.level * self.unit(test, side)?)
    }

    /// Median of the history's values.
    pub(super) fn median(&self, test: Test) -> Option<f64> {
        Some(self.quantiles_of(test)?[MEDIAN])
    }

    /// Distance of the 2.5 % quantile on one side from the median; a history that never moved gives the least there is.
    fn unit(&self, test: Test, side: f64) -> Option<f64> {
        let quantiles = self.quantiles_of(test)?;
        Some((quantiles[if side < 0.0 { LOW } else { HIGH }] - quantiles[MEDIAN]).abs().max(LEAST_UNIT))
    }

    fn quantiles_of(&self, test: Test) -> Option<&Vec<f64>> {
        self.quantiles[test as usize].as_ref()
    }

    fn share_below(&self, test: Test, value: f64) -> Option<f64> {
        let quantiles = self.quantiles_of(test)?;
        let above = quantiles.partition_point(|quantile| *quantile < value);
        if above == 0 || above == quantiles.len() {
            return Some(if above == 0 { 0.0 } else { 1.0 });
        }
        let (low, high) = (quantiles[above - 1], quantiles[above]);
        let within = if high > low { (value - low) / (high - low) } else { 0.0 };
        Some(SHARES[above - 1] + within * (SHARES[above] - SHARES[above - 1]))
    }
}

/// Quantiles of one test's values; `None` where it has one on fewer than half of the days.
fn quantiles(history: &[Values], test: usize) -> Option<Vec<f64>> {
    let mut known: Vec<f64> = history.iter().filter_map(|values| values[test]).collect();
    known.sort_by(f64::total_cmp);
    let enough = 2 * known.len() >= history.len();
    enough.then(|| SHARES.iter().map(|share| rounded(quantile(&known, *share))).collect())
}

/// The least level at which most replicas of the days keep to the rate of alarms.
fn alarm_level(distances: &[f64]) -> f64 {
    let replicas = replicas(distances.len());
    let allowed = distances.len() as f64 / DAYS_PER_EPISODE as f64;
    let is_high_enough = |level: f64| {
        let rare = replicas.iter().filter(|days| {
            let replica = days.iter().map(|day| distances[*day as usize]);
            episodes(replica, level) as f64 <= allowed
        });
        rare.count() as f64 >= PROMISED * REPLICAS as f64
    };
    let (mut low, mut high) = (0.5, distances.iter().copied().fold(1.0, f64::max) * 1.01);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if is_high_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Days of each replica: blocks of days in a row from anywhere in the history, set end to end.
fn replicas(days: usize) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let block = BLOCK_DAYS.min(days);
    let mut replica = || {
        let mut chosen = Vec::with_capacity(days + block);
        while chosen.len() < days {
            let start = rng.random_range(0..=days - block);
            chosen.extend((start..start + block).map(|day| day as u32));
        }
        chosen.truncate(days);
        chosen
    };
    (0..REPLICAS).map(|_| replica()).collect()
}

/// How often an episode begins.
fn episodes(distances: impl Iterator<Item = f64>, level: f64) -> usize {
    let (mut episode, mut inside, mut begun) = (Episode::new(level), false, 0);
    for distance in distances {
        let before = std::mem::replace(&mut inside, episode.push(distance));
        begun += usize::from(inside && !before);
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::builtin_bars;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    fn reference() -> Reference {
        Reference::of(&builtin_bars(&"IBM".parse().unwrap()).unwrap().bars.last(1_500)).unwrap()
    }

    /// On either side, for a test of two sides and for one of one side.
    #[test]
    fn at_the_threshold_the_distance_is_the_level_of_alarm() {
        let reference = reference();
        for (test, side) in [(Test::Range, 1.0), (Test::Range, -1.0), (Test::Tail, 1.0)] {
            let far = reference.median(test).unwrap() + side;
            let threshold = reference.threshold(test, far).unwrap();
            assert!(side * threshold > side * reference.median(test).unwrap());
            let distance = reference.distance_of(test, threshold).unwrap();
            assert_relative_eq!(distance, reference.alarm_level(), max_relative = 1e-12);
        }
        assert_eq!(reference.distance_of(Test::Tail, -5.0), Some(0.0));
        assert!(reference.threshold(Test::Tail, -5.0) > reference.median(Test::Tail));
    }

    #[test]
    fn a_day_is_as_far_out_as_its_farthest_test_and_what_is_unknown_does_not_count() {
        let reference = reference();
        let at = |test: Test, distance: f64| {
            let median = reference.median(test).unwrap();
            median + distance * reference.unit(test, 1.0).unwrap()
        };
        let mut values = Values::default();
        assert_eq!(reference.distance(&values), 0.0);
        values[Test::Range as usize] = Some(at(Test::Range, 1.5));
        values[Test::Volume as usize] = Some(at(Test::Volume, 0.5));
        assert_relative_eq!(reference.distance(&values), 1.5, max_relative = 1e-9);
    }

    /// The share of the history's own days that were as far out, counted.
    #[test]
    fn p_is_the_share_of_days_that_were_as_far_out() {
        let bars = builtin_bars(&"IBM".parse().unwrap()).unwrap().bars.last(1_500);
        let (reference, rows) = (Reference::of(&bars).unwrap(), rows(bars.as_slice()));
        let history = values(&rows, &reference.usual, usize::MAX);
        let share = |test: Test, is_far: &dyn Fn(f64) -> bool| {
            history.iter().filter(|values| is_far(values[test as usize].unwrap())).count() as f64 / history.len() as f64
        };
        for value in [-0.3, -0.1, 0.0, 0.2, 0.3] {
            let (above, below) = (share(Test::Range, &|own| own > value), share(Test::Range, &|own| own < value));
            // Between the kept quantiles, at most 15 % apart, the share is interpolated.
            assert_abs_diff_eq!(reference.p(Test::Range, value).unwrap(), 2.0 * above.min(below), epsilon = 0.03);
        }
        for value in [0.1, 0.2, 0.3] {
            let above = share(Test::ReturnShape, &|own| own > value);
            assert_abs_diff_eq!(reference.p(Test::ReturnShape, value).unwrap(), above, epsilon = 0.03);
        }
        for value in [-1e9, 1e9] {
            assert_eq!(reference.p(Test::Range, value), Some(1.0 / (reference.days + 1) as f64));
        }
    }

    #[test]
    fn it_says_whose_history_it_is_and_how_long() {
        let reference = reference();
        assert_eq!((reference.ticker.as_str(), reference.days), ("IBM", 1_500 - 20 - 125));
        let again: Reference = serde_json::from_str(&serde_json::to_string(&reference).unwrap()).unwrap();
        assert_eq!(again, reference);
        assert!(serde_json::to_value(&reference).unwrap()["nulls"].is_array(), "the name in bundles");
    }

    /// At the level episodes are as rare as promised in most replicas, and just below it in fewer.
    #[test]
    fn the_level_is_the_least_that_keeps_the_promise() {
        // Distances of 2,000 days with memory, as those of windows have.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut state = 0.0;
        let mut step = || {
            state = 0.95 * state + 0.31 * (rng.random::<f64>() * 3.46 - 1.73);
            f64::abs(state)
        };
        let distances: Vec<f64> = (0..2_000).map(|_| step()).collect();
        let share = |level: f64| {
            let rare = replicas(2_000).into_iter().filter(|days| {
                let count = episodes(days.iter().map(|day| distances[*day as usize]), level);
                count * DAYS_PER_EPISODE <= 2_000
            });
            rare.count() as f64 / REPLICAS as f64
        };
        let level = alarm_level(&distances);
        assert!(share(level) >= 0.9 && share(level - 0.02) < 0.9, "{level}: {} {}", share(level), share(level - 0.02));
    }

    #[test]
    fn replicas_are_blocks_of_days_in_a_row() {
        for days in replicas(200) {
            assert_eq!(days.len(), 200);
            let seams = days.windows(2).filter(|pair| pair[0] + 1 != pair[1]).count();
            assert!(seams <= 3 && days.iter().all(|day| *day < 200), "{seams} seams");
        }
        assert_ne!(replicas(200)[0], replicas(200)[1]);
    }

    #[test]
    fn episodes_are_counted_where_they_begin() {
        let count = |distances: &[f64]| episodes(distances.iter().copied(), 1.0);
        assert_eq!(count(&[0.9, 1.0, 0.8, 1.2, 0.6, 0.9, 1.1, 1.1]), 2);
    }
}
