//! Simulated daily bars whose truth is known: a process, and at one day a change.

use chrono::{Datelike, NaiveDate, Weekday};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stockops_core::{Bar, Bars, Ticker};

/// How volatility moves from day to day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// Not at all.
    Iid,
    /// GARCH(1,1) with alpha 0.08 and beta 0.90.
    Garch,
    /// Its logarithm is an AR(1) of coefficient 0.95 and stationary deviation 0.35.
    Stochastic,
}

/// What changes, from one day on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// Returns get a mean of so many daily deviations.
    Mean(f64),
    /// Deviations of returns and widths of days are so many times as large.
    Volatility(f64),
    /// Volume is so many times as large.
    Volume(f64),
    /// Returns are Student t with 3 degrees of freedom and the same variance.
    Tail,
    /// Volatility is drawn anew each day from the distribution that it has: what the model leans on is gone.
    Relation,
}

/// Days since the first of 2000, weekends left out.
pub(crate) fn days(count: usize) -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2000, 1, 3).unwrap_or_default();
    let is_weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    first.iter_days().filter(is_weekday).take(count).collect()
}

/// `count` bars of `process`, with `change` from bar `from` on.
pub(crate) fn simulate(seed: u64, process: Process, change: Change, count: usize, from: usize) -> Bars {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut close = 100.0;
    let (mut variance, mut log_volatility, mut volume_memory) = (1.0f64, 0.35 * normal(&mut rng), 0.0);
    let bar = |(i, date): (usize, NaiveDate)| {
        let change = if i >= from { change } else { Change::None };
        let memory = if change == Change::Relation { 0.0 } else { 0.95f64 };
        log_volatility = memory * log_volatility + 0.35 * (1.0 - memory * memory).sqrt() * normal(&mut rng);
        let mut volatility = 0.01
            * match process {
                Process::Iid => 1.0,
                Process::Garch => variance.sqrt(),
                Process::Stochastic => log_volatility.exp(),
            };
        let unit = volatility;
        let mut mean = 0.0;
        match change {
            Change::Volatility(factor) => volatility *= factor,
            Change::Mean(deviations) => mean = deviations * volatility,
            // A t is a normal over the root of a mean of squares; 3 - 2 over 3 of them make the variance 1.
            Change::Tail => volatility /= (0..3).map(|_| normal(&mut rng).powi(2)).sum::<f64>().sqrt(),
            _ => {}
        }
        let bar = session(&mut rng, date, close, volatility, mean);
        let shock = (bar.close / close).ln() / 0.01;
        variance = 0.02 + 0.08 * (shock * unit / volatility).powi(2) + 0.90 * variance;
        close = bar.close;
        volume_memory = 0.7 * volume_memory + 0.2 * normal(&mut rng);
        let factor = if let Change::Volume(factor) = change { factor } else { 1.0 };
        let wide = 0.4 * ((bar.high / bar.low).ln() / 0.015).ln();
        Bar { volume: (1e6 * factor * (volume_memory + wide).exp()).round(), ..bar }
    };
    let bars = days(count).into_iter().enumerate().map(bar).collect();
    Bars::new(Ticker::new("SIM").expect("a ticker"), bars).expect("good bars")
}

/// One session of 26 quarter hours.
fn session(rng: &mut ChaCha8Rng, date: NaiveDate, last: f64, volatility: f64, mean: f64) -> Bar {
    const STEPS: usize = 26;
    let (mut price, mut high, mut low) = (0.0f64, 0.0f64, 0.0f64);
    for _ in 0..STEPS {
        price += mean / STEPS as f64 + volatility / (STEPS as f64).sqrt() * normal(rng);
        high = high.max(price);
        low = low.min(price);
    }
    let [high, low, close] = [high, low, price].map(|log| last * log.exp());
    Bar { date, open: last, high, low, close, volume: 0.0 }
}

/// Standard normal, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
