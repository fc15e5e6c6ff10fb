//! `Reference`: what is usual, learned from a long history; small enough to live inside a bundle.

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::rows::{USUAL_DAYS, rows};
use super::test::{Test, Usual, Values, WINDOW, quantile, rounded, values};
use crate::error::{Error, Result};
use crate::market::{Bars, Ticker};

/// Places of the kept quantiles of each test's values, denser at the ends.
const SHARES: [f64; 25] = [
    0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.925, 0.95,
    0.975, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0,
];

/// Places of the lower 2.5 %, the median and the upper 2.5 % among them.
const LOW: usize = 6;
const MIDDLE: usize = 12;
const HIGH: usize = 18;

/// Days of a block of the bootstrap: half of the window, so that most of a window's own dependence stays in one.
const BLOCK_DAYS: usize = 63;

/// Replicas of the history, and how many of them must keep to the rate of alarms.
const REPLICAS: usize = 200;
const KEPT: f64 = 0.9;

/// An episode of alarm begins at most once in so many days where nothing has changed.
pub const DAYS_PER_EPISODE: usize = 350;

/// An episode ends below this share of the level that began it.
const EXIT: f64 = 0.7;

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
    nulls: [Option<Vec<f64>>; Test::ALL.len()],
    /// The distance of a day that is alarming.
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
        let nulls = std::array::from_fn(|test| null(&history, test));
        let ticker = bars.ticker().clone();
        let blank = Self { ticker, first_day, last_day, days: history.len(), usual, nulls, level: 0.0 };
        let distances: Vec<f64> = history.iter().map(|values| blank.distance(values)).collect();
        Ok(Self { level: rounded(alarm_level(&distances)), ..blank })
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
        let from = value - self.middle(test)?;
        Some(if test.is_one_sided() && from < 0.0 { 0.0 } else { from.abs() / self.unit(test, from)? })
    }

    /// The value of `test` at which alarm begins, on the side of `value`.
    pub(super) fn threshold(&self, test: Test, value: f64) -> Option<f64> {
        let middle = self.middle(test)?;
        let side = if test.is_one_sided() { 1.0 } else { (value - middle).signum() };
        Some(middle + side * self.level * self.unit(test, side)?)
    }

    /// Median of the history's values.
    pub(super) fn middle(&self, test: Test) -> Option<f64> {
        Some(self.null(test)?[MIDDLE])
    }

    /// Distance of the quantile on one side from the median; a history that never moved gives the least there is.
    fn unit(&self, test: Test, side: f64) -> Option<f64> {
        let null = self.null(test)?;
        Some((null[if side < 0.0 { LOW } else { HIGH }] - null[MIDDLE]).abs().max(1e-9))
    }

    fn null(&self, test: Test) -> Option<&Vec<f64>> {
        self.nulls[test as usize].as_ref()
    }

    fn share_below(&self, test: Test, value: f64) -> Option<f64> {
        let null = self.null(test)?;
        let above = null.partition_point(|quantile| *quantile < value);
        if above == 0 || above == null.len() {
            return Some(if above == 0 { 0.0 } else { 1.0 });
        }
        let (low, high) = (null[above - 1], null[above]);
        let within = if high > low { (value - low) / (high - low) } else { 0.0 };
        Some(SHARES[above - 1] + within * (SHARES[above] - SHARES[above - 1]))
    }
}

/// Quantiles of one test's values; `None` where it has one on fewer than half of the days.
fn null(history: &[Values], test: usize) -> Option<Vec<f64>> {
    let mut known: Vec<f64> = history.iter().filter_map(|values| values[test]).collect();
    known.sort_by(f64::total_cmp);
    let enough = 2 * known.len() >= history.len();
    enough.then(|| SHARES.iter().map(|share| rounded(quantile(&known, *share))).collect())
}

/// The least level at which most replicas of the days keep to the rate of alarms.
fn alarm_level(distances: &[f64]) -> f64 {
    let replicas = replicas(distances.len());
    let allowed = distances.len() as f64 / DAYS_PER_EPISODE as f64;
    let keeps = |level: f64| {
        let kept = replicas.iter().filter(|days| {
            let replica = days.iter().map(|day| distances[*day as usize]);
            episodes(replica, level) as f64 <= allowed
        });
        kept.count() as f64 >= KEPT * REPLICAS as f64
    };
    let (mut low, mut high) = (0.5, distances.iter().copied().fold(1.0, f64::max) * 1.01);
    for _ in 0..14 {
        let middle = f64::midpoint(low, high);
        if keeps(middle) {
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
    let (mut inside, mut begun) = (false, 0);
    for distance in distances {
        let now = stays(inside, distance, level);
        begun += usize::from(now && !inside);
        inside = now;
    }
    begun
}

/// Whether a day at `distance` is one of alarm after a day that was (`inside`) or was not.
pub(super) fn stays(inside: bool, distance: f64, level: f64) -> bool {
    distance >= if inside { EXIT * level } else { level }
}
