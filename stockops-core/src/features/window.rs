//! `Window`: the last values as one slice, and a sum over them.

use super::Period;

/// The last `period` values, oldest first.
///
/// Each value is written twice, one period apart, so the window is one slice at every step. Sums are taken anew over
/// that slice: unlike a running sum they cannot drift, and they depend on nothing before the window.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// Two copies of the ring, shape `(2 * period)`.
    buffer: Vec<f64>,
    /// Where the next value goes, below `period`.
    next: usize,
    /// Values seen, counted up to `period`.
    seen: usize,
}

impl Window {
    /// An empty window.
    pub(super) fn new(period: Period) -> Self {
        Self { buffer: vec![0.0; 2 * period.get()], next: 0, seen: 0 }
    }

    /// Take `value`; the whole window once it is full.
    pub(super) fn push(&mut self, value: f64) -> Option<&[f64]> {
        let period = self.buffer.len() / 2;
        self.buffer[self.next] = value;
        self.buffer[self.next + period] = value;
        self.next = if self.next + 1 == period { 0 } else { self.next + 1 };
        self.seen = period.min(self.seen + 1);
        (self.seen == period).then(|| &self.buffer[self.next..self.next + period])
    }
}

/// Sum of `term` over `values`, in four lanes so that the processor adds side by side.
pub(super) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += term(value);
        }
    }
    rest.iter().fold((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]), |sum, &value| sum + term(value))
}

/// Mean of a window.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values, |value| value) / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_last_values_oldest_first() {
        for period in 1..=9 {
            let values: Vec<f64> = (0..40).map(f64::from).collect();
            let mut window = Window::new(Period::new(period).unwrap());
            for end in 1..=values.len() {
                let expected = end.checked_sub(period).map(|start| &values[start..end]);
                assert_eq!(window.push(values[end - 1]), expected, "period {period}, end {end}");
            }
        }
    }

    #[test]
    fn the_sum_takes_every_value_once() {
        for length in 0..12_u32 {
            let values: Vec<f64> = (0..length).map(|i| f64::from(1 << i)).collect();
            // Powers of two: each subset has its own sum, and all sums are exact.
            assert_eq!(sum(&values, |value| value), f64::from((1 << length) - 1));
        }
    }
}
