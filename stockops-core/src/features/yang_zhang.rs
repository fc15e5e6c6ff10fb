//! `YangZhang`: volatility with the nights in it.

use super::window::{Window, mean, sum};
use super::{Overnight, Period, rogers_satchell};
use crate::market::Bar;

/// Weight of the variance from open to close where there are many days, Yang and Zhang's own choice.
const ALPHA: f64 = 1.34;

/// Volatility by Yang and Zhang, per day and as a logarithm, over the last `n = period` days:
/// `sqrt(variance(nights) + k variance(ln(close / open)) + (1 - k) rs)`.
///
/// Nights are `ln(open / previous close)`, variances are about the mean and divided by `n - 1`, `rs` is the mean variance of
/// [`RogersSatchell`](super::RogersSatchell), and `k = 0.34 / (1.34 + (n + 1) / (n - 1))`. It sees nights and drift alike.
/// One day has no variance about its mean, so with a period of 1 `rs` is left. The first night needs a close before it: `lookback`
/// is `period`.
///
/// Source: Yang and Zhang (2000), with `k` as TTR's `volatility` has it.
#[derive(Debug, Clone)]
pub struct YangZhang {
    overnight: Overnight,
    nights: Window,
    days: Window,
    within: Window,
    lookback: usize,
}

impl YangZhang {
    /// A volatility of nothing yet.
    pub fn new(period: Period) -> Self {
        let window = || Window::new(period);
        let overnight = Overnight::new();
        Self { overnight, nights: window(), days: window(), within: window(), lookback: period.get() }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next bar; the volatility once there are enough.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        let night = self.overnight.push(bar)?;
        let days = self.days.push((bar.close / bar.open).ln());
        let within = self.within.push(rogers_satchell::variance(bar));
        let (nights, days, within) = (self.nights.push(night)?, days?, within?);
        let k = weight(nights.len() as f64);
        Some((variance(nights) + k * variance(days) + (1.0 - k) * mean(within)).sqrt())
    }
}

/// `k` for `n` days.
fn weight(n: f64) -> f64 {
    if n > 1.0 { (ALPHA - 1.0) / (ALPHA + (n + 1.0) / (n - 1.0)) } else { 0.0 }
}

/// Variance about the mean, divided by one less than there are; 0 for one value.
fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    sum(values, |value| (value - centre) * (value - centre)) / (values.len() - 1).max(1) as f64
}

/// [`YangZhang`] over `bars`, shape `(rows)` in and out; NaN in the first `period` rows.
///
/// # Example
///
/// ```
/// use stockops_core::Bar;
/// use stockops_core::features::{Period, yang_zhang};
///
/// // Days without a move, and nights that go up and down by a factor of e^0.01.
/// let at = |price: f64| Bar { date: Default::default(), open: price, high: price, low: price, close: price, volume: 0.0 };
/// let bars = [at(10.0), at(10.0 * 0.01_f64.exp()), at(10.0)];
/// let volatility = yang_zhang(&bars, Period::new(2)?);
/// assert!(volatility[1].is_nan());
/// assert!((volatility[2] - 0.01 * 2.0_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn yang_zhang(bars: &[Bar], period: Period) -> Vec<f64> {
    let mut step = YangZhang::new(period);
    bars.iter().map(|bar| step.push(bar).unwrap_or(f64::NAN)).collect()
}
