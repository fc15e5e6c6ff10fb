//! Faults in the bars: changes such as no market makes.

use super::Reference;
use super::test::{Test, Values};

/// A fault is so many levels of alarm away from the usual.
const LEVELS_AWAY: f64 = 2.0;

/// The tests that show a fault, and the least change that is one, on their own scale: a factor of 30 in the variance of
/// returns, of 4 in the width of a day, of 10 in volume.
const LEAST_CHANGES: [(Test, f64); 3] = [(Test::Variance, 3.4), (Test::Range, 1.4), (Test::Volume, 2.3)];

/// Whether the bars look broken: by a split that was not adjusted, another unit of volume, prices that stand still.
pub(super) fn is_broken(reference: &Reference, values: &Values) -> bool {
    LEAST_CHANGES.into_iter().any(|(test, least)| {
        values[test as usize].is_some_and(|value| {
            let distance = reference.distance_of(test, value).unwrap_or(0.0);
            distance > LEVELS_AWAY * reference.alarm_level() && value.abs() > least
        })
    })
}

/// Whether a fault shows in `test`, by its name. What it does to the others says nothing more.
pub(super) fn shows_in(test: &str) -> bool {
    LEAST_CHANGES.into_iter().any(|(shown, _)| shown.to_string() == test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Bar, Bars};
    use crate::source::builtin_bars;

    /// The only change of a day is `value` of `test`.
    fn with(test: Test, value: f64) -> bool {
        let bars = builtin_bars(&"IBM".parse().unwrap()).unwrap().bars;
        let reference = Reference::of(&bars.last(1_500)).unwrap();
        let mut values = Values::default();
        values[test as usize] = Some(value);
        is_broken(&reference, &values)
    }

    #[test]
    fn a_split_another_unit_and_prices_that_stand_still_are_faults() {
        // A move of 20 usual days in 21 days, half the volume of a day in lots of 100, days of one price.
        assert!(with(Test::Variance, 6.0) && with(Test::Volume, -4.6) && with(Test::Range, -4.0));
    }

    #[test]
    fn neither_a_wild_month_nor_another_test_is() {
        assert!(!with(Test::Variance, 3.3) && !with(Test::Range, 1.3) && !with(Test::Volume, 2.2));
        assert!(!with(Test::ReturnMean, 100.0) && !with(Test::Tail, 1.0));
        assert!(shows_in("range") && !shows_in("return_mean"));
    }

    /// A large change is no fault where such changes are usual.
    #[test]
    fn a_change_has_to_be_far_from_the_usual_as_well() {
        let bars = builtin_bars(&"IBM".parse().unwrap()).unwrap().bars;
        // Volume changes by a factor of 50 every 40 days.
        let erratic = bars.last(1_500);
        let erratic = erratic
            .iter()
            .enumerate()
            .map(|(i, bar)| Bar { volume: if (i / 40) % 2 == 0 { bar.volume } else { 50.0 * bar.volume }, ..*bar });
        let erratic = Bars::new(bars.ticker().clone(), erratic.collect()).unwrap();
        let mut values = Values::default();
        values[Test::Volume as usize] = Some(3.0);
        assert!(!is_broken(&Reference::of(&erratic).unwrap(), &values));
    }
}
