//! Wilder's smoothing, shared by ATR and one kind of RSI.

use super::Period;

/// A running mean that is the plain mean of the first `period` values, and then
/// `mean = (mean * (period - 1) + value) / period`.
///
/// Source: J. W. Wilder, *New Concepts in Technical Trading Systems* (1978); the seed is that of TA-Lib.
#[derive(Debug, Clone)]
pub(super) struct Wilder {
    period: Period,
    seen: usize,
    /// The sum until `period` values were seen, the mean from then on.
    mean: f64,
}

impl Wilder {
    /// A mean of nothing yet.
    pub(super) fn new(period: Period) -> Self {
        Self { period, seen: 0, mean: 0.0 }
    }

    /// Take `value`; the mean from the `period`th value on.
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        let period = self.period.as_f64();
        if self.seen == self.period.get() {
            self.mean = (self.mean * (period - 1.0) + value) / period;
            return Some(self.mean);
        }
        self.seen += 1;
        self.mean += value;
        if self.seen < self.period.get() {
            return None;
        }
        self.mean /= period;
        Some(self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_with_the_plain_mean_and_then_leans_by_one_part_in_period() {
        let mut wilder = Wilder::new(Period::new(2).unwrap());
        let means = [1.0, 3.0, 6.0, 0.0].map(|value| wilder.push(value));
        assert_eq!(means, [None, Some(2.0), Some(4.0), Some(2.0)]);
    }
}
