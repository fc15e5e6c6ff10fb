//! `Rsi`: relative strength, with the three usual ways to take its means.

use super::window::{Window, sum};
use super::{Ema, Period, wilder::Wilder};

/// How the gains and losses of an [`Rsi`] are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum RsiKind {
    /// Simple means of the last `period` differences, where the first row counts as a difference of 0. The default.
    ///
    /// Source: D. Cutler; pandas' `rolling(period).mean()`. First value at row `period - 1`.
    #[default]
    Cutler,
    /// Wilder's means: the plain mean of the first `period` differences, then one part in `period` of each new one.
    ///
    /// Source: Wilder (1978), as in TA-Lib. First value at row `period`.
    Wilder,
    /// Exponential means with `alpha = 2 / (period + 1)`, started at 0 with the first row.
    ///
    /// The start cancels out of the ratio, so this is pandas' `ewm(span=period)` with either `adjust`; values before
    /// row `period - 1` are left out.
    Ema,
}

/// Relative strength index, in percent from 0 to 100: `100 * gain / (gain + loss)`.
///
/// `gain` and `loss` are means of the rises and of the falls from close to close, which [`RsiKind`] names. It is the
/// usual `100 - 100 / (1 + gain / loss)` without its division by 0.
///
/// Edges: no loss gives 100; no gain gives 0; neither (a flat series) gives 50, where pandas has no value and TA-Lib
/// says 0.
#[derive(Debug, Clone)]
pub struct Rsi {
    previous: Option<f64>,
    means: Means,
    lookback: usize,
}

/// Means of gains and losses in progress.
#[derive(Debug, Clone)]
enum Means {
    Cutler { changes: Window },
    Wilder { gain: Wilder, loss: Wilder },
    Ema { gain: Ema, loss: Ema, waiting: usize },
}

impl Rsi {
    /// An index that has seen nothing yet.
    pub fn new(period: Period, kind: RsiKind) -> Self {
        let sessions = period.get();
        let (means, lookback) = match kind {
            RsiKind::Cutler => (Means::Cutler { changes: Window::new(period) }, sessions - 1),
            RsiKind::Wilder => (Means::Wilder { gain: Wilder::new(period), loss: Wilder::new(period) }, sessions),
            RsiKind::Ema => {
                (Means::Ema { gain: Ema::new(period), loss: Ema::new(period), waiting: sessions - 1 }, sessions - 1)
            }
        };
        Self { previous: None, means, lookback }
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        self.lookback
    }

    /// Take the next close; the index once there are enough.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        let change = self.previous.replace(close).map(|previous| close - previous);
        self.means.push(change).map(|(gain, loss)| strength(gain, loss))
    }
}

impl Means {
    /// Take a change from close to close, `None` on the first row; mean gain and mean loss up to a common factor.
    fn push(&mut self, change: Option<f64>) -> Option<(f64, f64)> {
        match self {
            Self::Cutler { changes } => {
                let changes = changes.push(change.unwrap_or(0.0))?;
                Some((sum(changes, rise), sum(changes, fall)))
            }
            Self::Wilder { gain, loss } => {
                let change = change?;
                gain.push(rise(change)).zip(loss.push(fall(change)))
            }
            Self::Ema { gain, loss, waiting } => {
                let change = change.unwrap_or(0.0);
                let means = gain.push(rise(change)).zip(loss.push(fall(change)));
                let ready = *waiting == 0;
                *waiting = waiting.saturating_sub(1);
                means.filter(|_| ready)
            }
        }
    }
}

fn rise(change: f64) -> f64 {
    change.max(0.0)
}

fn fall(change: f64) -> f64 {
    (-change).max(0.0)
}

fn strength(gain: f64, loss: f64) -> f64 {
    let moved = gain + loss;
    if moved == 0.0 { 50.0 } else { 100.0 * (gain / moved) }
}

/// [`Rsi`] over `closes`, shape `(rows)` in and out; NaN before the first value.
///
/// # Example
///
/// ```
/// use stockops_core::features::{Period, RsiKind, rsi};
///
/// let values = rsi(&[10.0, 11.0, 10.0, 13.0], Period::new(3)?, RsiKind::Cutler);
/// assert!(values[1].is_nan());
/// assert_eq!(values[2..], [50.0, 80.0]); // gains 1 and losses 1, then gains 1 + 3 and losses 1
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn rsi(closes: &[f64], period: Period, kind: RsiKind) -> Vec<f64> {
    let mut step = Rsi::new(period, kind);
    closes.iter().map(|&close| step.push(close).unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [RsiKind; 3] = [RsiKind::Cutler, RsiKind::Wilder, RsiKind::Ema];

    fn last(closes: impl Iterator<Item = f64>, kind: RsiKind) -> f64 {
        rsi(&closes.collect::<Vec<_>>(), Period::RSI, kind)[59]
    }

    #[test]
    fn without_a_loss_it_is_100_without_a_gain_0_and_flat_50() {
        for kind in KINDS {
            assert_eq!(last((0..60).map(|day| 10.0 + f64::from(day)), kind), 100.0);
            assert_eq!(last((0..60).map(|day| 100.0 - f64::from(day)), kind), 0.0);
            assert_eq!(last((0..60).map(|_| 7.3), kind), 50.0);
        }
    }

    #[test]
    fn cutler_forgets_a_fall_when_it_leaves_the_window() {
        let mut closes = vec![10.0, 9.0];
        closes.extend((0..14).map(|day| 9.0 + f64::from(day)));
        let values = rsi(&closes, Period::RSI, RsiKind::Cutler);
        assert!(values[14] < 100.0);
        assert_eq!(values[15], 100.0);
    }

    #[test]
    fn the_first_value_stands_where_lookback_says() {
        let closes: Vec<f64> = (0..60).map(|day| 100.0 + f64::from(day).sin()).collect();
        for (kind, row) in KINDS.into_iter().zip([13, 14, 13]) {
            let values = rsi(&closes, Period::RSI, kind);
            assert_eq!(values.iter().position(|value| !value.is_nan()), Some(row));
            assert_eq!(Rsi::new(Period::RSI, kind).lookback(), row);
        }
    }
}
