//! Whether losses exceed a value at risk as often as it says, and not in clusters.

use std::f64::consts::FRAC_1_SQRT_2;

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

/// How often a value at risk was exceeded, and three tests of it; each p-value says how often a true one strays as far.
///
/// The p-values are of the likelihood ratio against chi-square, which holds for many days; with fewer than a dozen
/// expected exceedances it is rough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exceedances {
    /// Days that were tested.
    pub n: usize,
    /// Days on which more was lost.
    pub exceeded: usize,
    /// How many that were to be.
    pub expected: f64,
    /// Kupiec (1995), unconditional coverage: are they as many as they should be?
    pub kupiec_p: f64,
    /// Christoffersen (1998), independence: is a day after an exceedance like any other day?
    pub independence_p: f64,
    /// Christoffersen (1998), conditional coverage: both at once.
    pub conditional_p: f64,
}

impl Exceedances {
    /// Of the days in order of time, `true` where more was lost, at the `level` of the value at risk, such as 0.99; `None`
    /// without days.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::risk::Exceedances;
    ///
    /// let every_20th: Vec<bool> = (0..1000).map(|day| day % 20 == 0).collect();
    /// let test = Exceedances::of(&every_20th, 0.99).unwrap();
    /// assert!(test.exceeded == 50 && (test.expected - 10.0).abs() < 1e-9);
    /// assert!(test.kupiec_p < 1e-10); // at 99 % that is far too often
    /// assert!(Exceedances::of(&every_20th, 0.95).unwrap().kupiec_p > 0.99);
    /// ```
    pub fn of(days: &[bool], level: f64) -> Option<Self> {
        let (n, exceeded) = (days.len(), count(days.iter(), |day| *day));
        if n == 0 {
            return None;
        }
        let coverage = 2.0 * (likelihood(exceeded, n, share(exceeded, n)) - likelihood(exceeded, n, 1.0 - level));
        let independence = independence(days);
        Some(Self {
            n,
            exceeded,
            expected: n as f64 * (1.0 - level),
            kupiec_p: chi_square_1(coverage),
            independence_p: chi_square_1(independence),
            conditional_p: chi_square_2(coverage + independence),
        })
    }
}

/// Likelihood ratio of a chain whose next day depends on this one against one whose does not.
fn independence(days: &[bool]) -> f64 {
    let after = |before: bool| {
        let pairs = || days.windows(2).filter(move |pair| pair[0] == before);
        (count(pairs(), |pair| pair[1]), pairs().count())
    };
    let (calm, all_calm) = after(false);
    let (again, all_again) = after(true);
    let (hits, all) = (calm + again, all_calm + all_again);
    let apart =
        likelihood(calm, all_calm, share(calm, all_calm)) + likelihood(again, all_again, share(again, all_again));
    2.0 * (apart - likelihood(hits, all, share(hits, all)))
}

/// Log likelihood of `hits` among `n` at probability `p`, with 0 log 0 = 0.
fn likelihood(hits: usize, n: usize, p: f64) -> f64 {
    let term = |count: usize, p: f64| if count == 0 { 0.0 } else { count as f64 * p.ln() };
    term(hits, p) + term(n - hits, 1.0 - p)
}

fn share(hits: usize, n: usize) -> f64 {
    if n == 0 { 0.0 } else { hits as f64 / n as f64 }
}

fn count<T>(items: impl Iterator<Item = T>, holds: impl Fn(T) -> bool) -> usize {
    items.map(|item| usize::from(holds(item))).sum()
}

/// Upper tail of chi-square with one degree of freedom; rounding may leave a ratio a hair below 0.
fn chi_square_1(ratio: f64) -> f64 {
    erfc(ratio.max(0.0).sqrt() * FRAC_1_SQRT_2)
}

/// The same with two.
fn chi_square_2(ratio: f64) -> f64 {
    (-0.5 * ratio.max(0.0)).exp()
}
