//! Metrics: errors, quantiles, shares and differences in numbers.

mod difference;
mod proportion;

pub use difference::{Difference, diebold_mariano};
pub use proportion::wilson;

/// Root mean square; `None` without errors.
pub fn rmse(errors: &[f64]) -> Option<f64> {
    mean(errors.iter().map(|error| error * error)).map(f64::sqrt)
}

/// Mean absolute error; `None` without errors.
pub fn mae(errors: &[f64]) -> Option<f64> {
    mean(errors.iter().map(|error| error.abs()))
}

/// Mean; `None` without values.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Pinball loss of the quantile `quantile` of probability `p` (Koenker and Bassett 1978): `p` times what `y` lies above
/// it, `1 - p` times what it lies below.
pub fn pinball(p: f64, quantile: f64, y: f64) -> f64 {
    let above = y - quantile;
    (p * above).max((p - 1.0) * above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_by_hand() {
        assert_eq!((rmse(&[3.0, -4.0, 0.0, 5.0]), mae(&[3.0, -4.0, 0.0, 5.0])), (Some(12.5f64.sqrt()), Some(3.0)));
        assert_eq!((rmse(&[]), mae(&[])), (None, None));
        assert_eq!(wilson(0.0, 0.0), [0.0, 1.0]);
        assert_eq!((pinball(0.75, 10.0, 12.0), pinball(0.75, 10.0, 9.0)), (1.5, 0.25));
    }
}
