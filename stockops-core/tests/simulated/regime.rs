//! Simulated daily bars of a stock whose habits change at some bars: how long volume and the width of a day remember.

use chrono::{Datelike, NaiveDate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stockops_core::{Bar, Bars, Ticker};

/// The habits of a stock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Regime {
    /// What is left the next day of a volume (log scale) above the usual; below 0 a low day follows a high one.
    pub(crate) volume_memory: f64,
    /// Deviation of the log volume.
    pub(crate) volume_spread: f64,
    /// What is left the next day of a width above the usual (log scale).
    pub(crate) range_memory: f64,
    /// Deviation of the log width.
    pub(crate) range_spread: f64,
}

/// Volume and width remember, as those of real stocks do.
pub(crate) const USUAL: Regime =
    Regime { volume_memory: 0.7, volume_spread: 0.3, range_memory: 0.8, range_spread: 0.35 };

/// `count` bars from the first weekday of `first` on; `regime` says the habits of each.
pub(crate) fn stock(seed: u64, first: NaiveDate, count: usize, regime: impl Fn(usize) -> Regime) -> Bars {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal =
        move || (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos();
    let (mut last, mut volume, mut width) = (50.0f64, 0.0f64, 0.0f64);
    let bar = |(i, date): (usize, NaiveDate)| {
        let Regime { volume_memory, volume_spread, range_memory, range_spread } = regime(i);
        let rest = |memory: f64| (1.0 - memory * memory).sqrt();
        volume = volume_memory * volume + rest(volume_memory) * volume_spread * normal();
        width = range_memory * width + rest(range_memory) * range_spread * normal();
        let unit = 0.01 * width.exp();
        let close = last * (unit * normal()).exp();
        let high = last.max(close) * (0.4 * unit * (1.0 + normal().abs())).exp();
        let low = last.min(close) / (0.4 * unit * (1.0 + normal().abs())).exp();
        let open = std::mem::replace(&mut last, close);
        Bar { date, open, high, low, close, volume: (14.0 + volume).exp() }
    };
    let days = first.iter_days().filter(|day| day.weekday().number_from_monday() < 6).take(count);
    Bars::new(Ticker::new("SIM").expect("a ticker"), days.enumerate().map(bar).collect()).expect("good bars")
}
