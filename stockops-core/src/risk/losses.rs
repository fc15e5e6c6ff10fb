//! `Losses`: what may be lost, and the two measures of its tail.

use super::percent;
use crate::error::{Error, Result, check};

/// Possible losses, each as likely as the others; a gain is a loss below 0.
///
/// # Example
///
/// ```
/// use stockops_core::risk::Losses;
///
/// let losses = Losses::new((1..=100).map(f64::from).collect())?;
/// assert_eq!(losses.value_at_risk(0.95)?, 95.0); // 95 of 100 are not larger
/// assert_eq!(losses.expected_shortfall(0.95)?, 98.0); // the mean of 96 to 100
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    /// Largest first.
    sorted: Vec<f64>,
}

impl Losses {
    /// From at least one finite value in any order; [`Error::Config`] otherwise.
    pub fn new(mut values: Vec<f64>) -> Result<Self> {
        let finite = values.iter().filter(|value| value.is_finite()).count();
        check(finite >= 1 && finite == values.len(), "losses", "at least one, all finite", finite)?;
        values.sort_by(|a, b| b.total_cmp(a));
        Ok(Self { sorted: values })
    }

    /// All of them, the largest first.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The smallest loss that is not exceeded with probability `level`, such as 0.99.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a level outside of 0 to 1; [`Error::TooShort`] where not one of the losses lies beyond the level:
    /// 99 % needs 100 of them.
    pub fn value_at_risk(&self, level: f64) -> Result<f64> {
        Ok(self.sorted[beyond(level, self.sorted.len())? as usize])
    }

    /// The mean of the worst `1 - level` of losses, the last of them counted as far as it belongs to these (Acerbi and
    /// Tasche 2002): never below [`value_at_risk`](Self::value_at_risk).
    ///
    /// # Errors
    ///
    /// Those of [`value_at_risk`](Self::value_at_risk).
    pub fn expected_shortfall(&self, level: f64) -> Result<f64> {
        let beyond = beyond(level, self.sorted.len())?;
        let weighed = self.sorted.iter().zip(weights(beyond)).map(|(loss, weight)| weight * loss);
        Ok(weighed.sum::<f64>() / beyond)
    }
}

/// How many of `count` losses lie beyond `level`, with a fraction; at least 1, below `count`.
pub(super) fn beyond(level: f64, count: usize) -> Result<f64> {
    check(level > 0.0 && level < 1.0, "level", "a share between 0 and 1, such as 0.99", level)?;
    let exact = count as f64 * (1.0 - level);
    // `1 - 0.99` is a hair more than 0.01: what is nearly a whole number is one.
    let whole = exact.round();
    let beyond = if (exact - whole).abs() < 1e-9 { whole } else { exact };
    if beyond < 1.0 {
        let what = format!("a value at risk at {} %", percent(level));
        return Err(Error::TooShort { what, needed: (1.0 / (1.0 - level) - 1e-9).ceil() as usize, got: count });
    }
    // A tiny level rounds to all of them.
    Ok(beyond.min(count as f64 * (1.0 - f64::EPSILON)))
}

/// Weights of losses, largest first, in the mean of the worst `beyond`: 1, and what is left for the last.
pub(super) fn weights(beyond: f64) -> impl Iterator<Item = f64> {
    (0..=beyond as usize).map(move |rank| (beyond - rank as f64).min(1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fraction_of_a_loss_counts_as_a_fraction() {
        let losses = Losses::new((1..=10).map(f64::from).collect()).unwrap();
        // The worst 2.5 of ten: 10, 9 and half of 8.
        assert_eq!(losses.value_at_risk(0.75).unwrap(), 8.0);
        assert!((losses.expected_shortfall(0.75).unwrap() - (10.0 + 9.0 + 4.0) / 2.5).abs() < 1e-9);
        // Exactly two are beyond 80 %: rounding in 1 - 0.8 does not move the rank.
        assert_eq!(losses.value_at_risk(0.8).unwrap(), 8.0);
    }

    #[test]
    fn a_level_that_the_losses_cannot_tell_is_refused() {
        let losses = Losses::new(vec![0.0; 99]).unwrap();
        let text = losses.value_at_risk(0.99).unwrap_err().to_string();
        assert_eq!(text, "a value at risk at 99 % needs at least 100 bars, got 99; give a longer history");
        assert!(Losses::new(vec![0.0; 100]).unwrap().value_at_risk(0.99).is_ok());
        for level in [0.0, 1.0, 99.0, -0.1, f64::NAN] {
            assert_eq!(losses.expected_shortfall(level).unwrap_err().kind(), "config", "{level}");
        }
        assert!(Losses::new(vec![]).is_err() && Losses::new(vec![1.0, f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn measures_grow_with_the_level_and_shortfall_is_the_larger(
            values in prop::collection::vec(-10.0f64..10.0, 100..400), low in 0.01f64..0.99, high in 0.01f64..0.99,
        ) {
            let losses = Losses::new(values.clone()).unwrap();
            let at = |level| (losses.value_at_risk(level).unwrap(), losses.expected_shortfall(level).unwrap());
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!(at(low).0 <= at(high).0 && at(low).1 <= at(high).1 + 1e-9);
            // The weighted mean of equal losses strays by a few ulp.
            prop_assert!(at(low).1 >= at(low).0 - 1e-9);
            let doubled = Losses::new(values.iter().map(|value| 2.0 * value).collect()).unwrap();
            prop_assert_eq!(doubled.value_at_risk(high).unwrap(), 2.0 * at(high).0);
        }

        /// The definition itself: at least the share `level` is not larger, and no smaller value has that.
        #[test]
        fn value_at_risk_is_the_smallest_that_is_not_exceeded(
            values in prop::collection::vec(-10.0f64..10.0, 100..200), level in 0.01f64..0.98,
        ) {
            let at_risk = Losses::new(values.clone()).unwrap().value_at_risk(level).unwrap();
            let count = |holds: &dyn Fn(&f64) -> bool| values.iter().filter(|value| holds(value)).count() as f64;
            let share = values.len() as f64 * level;
            prop_assert!(count(&|value| *value <= at_risk) >= share - 1e-6);
            prop_assert!(count(&|value| *value < at_risk) < share + 1e-6);
        }
    }
}
