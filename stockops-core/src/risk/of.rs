//! `Risk`: what may be lost, reached and swung through by a forecast.

use super::Event;
use super::losses::Losses;
use super::paths::{Reached, reached};
use crate::error::{Result, check};
use crate::forecast::{Forecast, Horizon};
use crate::market::Bar;

/// The risk of one share (or one unit) that is held from the last close on.
///
/// It is counted over all possible paths of a forecast, which [`Forecast::paths`] has: exact, and the same each time.
/// Losses are shares of the last close, `1 - close / last close`, so a positive number is a loss.
///
/// # Example
///
/// ```
/// use stockops_core::forecast::Horizon;
/// use stockops_core::pipeline::shipped_parent;
/// use stockops_core::risk::Event;
/// use stockops_core::source::builtin_bars;
/// use stockops_core::Device;
///
/// let index = builtin_bars(&"^GSPC".parse()?)?.bars;
/// let forecast = shipped_parent(Device::Cpu)?.forecast(&index)?;
/// let (risk, friday) = (forecast.risk()?, Horizon::new(5)?);
/// assert!(risk.value_at_risk(0.99, friday)? > risk.value_at_risk(0.95, friday)?);
/// let floor = 0.95 * forecast.last_price;
/// let (touched, below) = (Event::Touch(floor), Event::CloseBelow(floor));
/// assert!(risk.probability(touched, friday)? >= risk.probability(below, friday)?);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    last_close: f64,
    /// For each session where each path stands.
    sessions: Vec<Vec<Reached>>,
}

impl Forecast {
    /// The risk that this forecast states.
    ///
    /// # Errors
    ///
    /// Those of [`paths`](Self::paths).
    pub fn risk(&self) -> Result<Risk> {
        Ok(Risk::of(self.last_price, self.paths()?.iter().map(Vec::as_slice)))
    }
}

impl Risk {
    /// Of `paths` that begin at `last_close` and are equally long; at least one.
    pub(crate) fn of<'a>(last_close: f64, paths: impl Iterator<Item = &'a [Bar]>) -> Self {
        let mut sessions = Vec::new();
        for path in paths {
            sessions.resize_with(path.len(), Vec::new);
            sessions.iter_mut().zip(reached(last_close, path)).for_each(|(all, own)| all.push(own));
        }
        Self { last_close, sessions }
    }

    /// Sessions that it reaches.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Paths that it is counted over.
    pub fn paths(&self) -> usize {
        self.sessions.first().map_or(0, Vec::len)
    }

    /// All possible losses at the close of session `horizon`, as shares of the last close.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a horizon beyond the sessions that are forecast.
    pub fn losses(&self, horizon: Horizon) -> Result<Losses> {
        Losses::new(self.at(horizon)?.iter().map(|path| 1.0 - path.close / self.last_close).collect())
    }

    /// The loss that is not exceeded with probability `level`, such as 0.99.
    ///
    /// # Errors
    ///
    /// Those of [`losses`](Self::losses) and of [`Losses::value_at_risk`].
    pub fn value_at_risk(&self, level: f64, horizon: Horizon) -> Result<f64> {
        self.losses(horizon)?.value_at_risk(level)
    }

    /// The mean loss of the worst `1 - level` of cases.
    ///
    /// # Errors
    ///
    /// Those of [`value_at_risk`](Self::value_at_risk).
    pub fn expected_shortfall(&self, level: f64, horizon: Horizon) -> Result<f64> {
        self.losses(horizon)?.expected_shortfall(level)
    }

    /// How likely `event` is until the end of session `horizon`, from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a price that is not above 0, a width below 0, and a horizon beyond the
    /// sessions that are forecast.
    pub fn probability(&self, event: Event, horizon: Horizon) -> Result<f64> {
        let (event, paths) = (event.check()?, self.at(horizon)?);
        let happens = |path: &&Reached| match event {
            Event::CloseAbove(price) => path.close > price,
            Event::CloseBelow(price) => path.close < price,
            Event::Touch(price) => path.low <= price && price <= path.high,
            Event::Wider(width) => path.width > width,
            Event::AnyWider(width) => path.widest > width,
        };
        Ok(paths.iter().filter(happens).count() as f64 / paths.len() as f64)
    }

    /// Mean of the highest price of the sessions up to `horizon`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a horizon beyond the sessions that are forecast.
    pub fn expected_high(&self, horizon: Horizon) -> Result<f64> {
        self.mean(horizon, |path| path.highest)
    }

    /// Mean of the lowest price of the sessions up to `horizon`.
    ///
    /// # Errors
    ///
    /// Those of [`expected_high`](Self::expected_high).
    pub fn expected_low(&self, horizon: Horizon) -> Result<f64> {
        self.mean(horizon, |path| path.lowest)
    }

    fn mean(&self, horizon: Horizon, value: fn(&Reached) -> f64) -> Result<f64> {
        let paths = self.at(horizon)?;
        Ok(paths.iter().map(value).sum::<f64>() / paths.len() as f64)
    }

    fn at(&self, horizon: Horizon) -> Result<&[Reached]> {
        let at = self.sessions.get(horizon.sessions() - 1).map(Vec::as_slice);
        check(at.is_some(), "horizon", "a session that is forecast", horizon.sessions())?;
        Ok(at.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{day, random_bars};

    const LAST: f64 = 100.0;

    fn horizon(sessions: usize) -> Horizon {
        Horizon::new(sessions).unwrap()
    }

    /// Paths of two sessions, each given as (high, low, close) of both.
    fn risk(paths: &[[[f64; 3]; 2]]) -> Risk {
        let bar = |(i, [high, low, close]): (usize, &[f64; 3])| Bar {
            date: day(i as u64),
            open: *close,
            high: *high,
            low: *low,
            close: *close,
            volume: 1.0,
        };
        let paths: Vec<Vec<Bar>> = paths.iter().map(|path| path.iter().enumerate().map(bar).collect()).collect();
        Risk::of(LAST, paths.iter().map(Vec::as_slice))
    }

    #[test]
    fn everything_is_counted_over_the_paths() {
        let risk = risk(&[
            [[102.0, 99.0, 101.0], [108.0, 100.0, 104.0]],
            [[101.0, 96.0, 97.0], [99.0, 90.0, 91.0]],
            [[103.0, 98.0, 102.0], [103.0, 101.0, 102.0]],
            [[100.0, 97.0, 98.0], [104.0, 98.0, 103.0]],
        ]);
        let (first, second) = (horizon(1), horizon(2));
        let chance = |event, at| risk.probability(event, at).unwrap();
        assert_eq!([first, second].map(|at| chance(Event::CloseAbove(102.0), at)), [0.0, 0.5]);
        assert_eq!([first, second].map(|at| chance(Event::CloseBelow(98.0), at)), [0.25, 0.25]);
        // A touch counts from the day on that it happens, on either side.
        assert_eq!([first, second].map(|at| chance(Event::Touch(103.0), at)), [0.25, 0.75]);
        assert_eq!([first, second].map(|at| chance(Event::Touch(96.0), at)), [0.25, 0.25]);
        assert_eq!(chance(Event::Touch(LAST), first), 1.0, "that is where it begins");
        // 102 / 99, 101 / 96, 103 / 98, 100 / 97; then 1.08, 1.1, 1.02, 1.061.
        assert_eq!([first, second].map(|at| chance(Event::Wider(0.05), at)), [0.5, 0.75]);
        assert_eq!([first, second].map(|at| chance(Event::AnyWider(0.05), at)), [0.5, 1.0]);
        assert_eq!(risk.expected_high(second).unwrap(), (108.0 + 101.0 + 103.0 + 104.0) / 4.0);
        assert_eq!(risk.expected_low(first).unwrap(), (99.0 + 96.0 + 98.0 + 97.0) / 4.0);
        assert_relative_eq!(risk.value_at_risk(0.5, second).unwrap(), -0.03, epsilon = 1e-12);
        // The two worst lose 9 % and win 2 %.
        assert_relative_eq!(risk.expected_shortfall(0.5, second).unwrap(), 0.035, epsilon = 1e-8);
        assert_eq!((risk.paths(), risk.sessions()), (4, 2));
    }

    #[test]
    fn what_cannot_be_asked_is_named() {
        let risk = risk(&[[[102.0, 99.0, 101.0], [108.0, 100.0, 104.0]]]);
        let text = risk.probability(Event::Touch(100.0), horizon(3)).unwrap_err().to_string();
        assert_eq!(text, "`horizon` must be a session that is forecast, got 3");
        for event in [Event::Touch(0.0), Event::CloseAbove(-1.0), Event::CloseBelow(f64::NAN), Event::Wider(-0.1)] {
            assert_eq!(risk.probability(event, horizon(1)).unwrap_err().kind(), "config", "{event:?}");
        }
    }

    proptest! {
        #[test]
        fn above_below_and_at_a_level_are_all_there_is_and_a_close_beyond_it_has_touched_it(
            bars in random_bars(120..121), level in 0.8f64..1.25,
        ) {
            let paths: Vec<Vec<Bar>> = bars.as_slice()[1..].chunks_exact(3).map(<[Bar]>::to_vec).collect();
            let last = bars.as_slice()[0].close;
            let risk = Risk::of(last, paths.iter().map(Vec::as_slice));
            let price = last * level;
            for at in (1..=3).map(horizon) {
                let chance = |event| risk.probability(event, at).unwrap();
                let tied = paths.iter().filter(|path| path[at.sessions() - 1].close == price).count();
                let all = chance(Event::CloseAbove(price)) + chance(Event::CloseBelow(price));
                prop_assert!((all + tied as f64 / paths.len() as f64 - 1.0).abs() < 1e-12);
                let beyond = if price > last { Event::CloseAbove(price) } else { Event::CloseBelow(price) };
                prop_assert!(chance(Event::Touch(price)) >= chance(beyond));
                prop_assert!(chance(Event::AnyWider(level - 0.8)) >= chance(Event::Wider(level - 0.8)));
                prop_assert!(risk.expected_high(at).unwrap() >= risk.expected_low(at).unwrap());
            }
            let chances: Vec<f64> =
                (1..=3).map(|at| risk.probability(Event::Touch(price), horizon(at)).unwrap()).collect();
            prop_assert!(chances.is_sorted(), "what was touched stays touched: {chances:?}");
        }
    }
}
