//! Samples: whole possible paths of the next sessions, for quantiles of anything.

use std::sync::Arc;

use chrono::NaiveDate;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{DayErrors, Field, Forecast, OwnErrors, Units};
use crate::dataset::{bar_within, log_range};
use crate::error::{Error, Result, check};
use crate::market::Bar;

/// Most paths of one call.
const MOST_PATHS: usize = 1_000_000;

/// What paths are drawn from. Two are always equal: it is not part of what a forecast says, and JSON does not hold it.
#[derive(Debug, Clone, Default)]
pub struct Sampler(Option<Arc<Source>>);

impl PartialEq for Sampler {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Source {
    last_close: f64,
    predicted: Vec<Bar>,
    units: Units,
    errors: Arc<[Vec<DayErrors>]>,
    /// Factors of close, range and volume, one a horizon.
    factors: Vec<[f64; 3]>,
    own: OwnErrors,
}

/// Fewest of a ticker's own past errors that its paths are made of alone.
pub(crate) const ENOUGH: usize = 1000;

/// A possible path, and the past day whose errors it has; none where these are of other tickers.
pub(crate) type DatedPath = (Option<NaiveDate>, Vec<Bar>);

impl Sampler {
    /// For the forecast `predicted` after `history`. `units` are those of its errors, `errors` those of whole past forecasts, `factors` those of
    /// close, range and volume, one a horizon; `own` are the ticker's own errors. None where nothing was calibrated.
    pub(crate) fn of(
        history: &[Bar],
        predicted: &[Bar],
        units: Units,
        errors: &Arc<[Vec<DayErrors>]>,
        factors: Vec<[f64; 3]>,
        own: OwnErrors,
    ) -> Self {
        let Some(last) = history.last().filter(|_| !errors.is_empty()) else { return Self(None) };
        Self(Some(Arc::new(Source {
            last_close: last.close,
            predicted: predicted.to_vec(),
            units,
            errors: Arc::clone(errors),
            factors,
            own,
        })))
    }

    /// All possible paths, see [`Forecast::paths`]; `None` where nothing was calibrated.
    pub(crate) fn paths(&self) -> Option<Result<Vec<DatedPath>>> {
        self.0.as_ref().map(|source| source.paths())
    }
}

impl Source {
    fn paths(&self) -> Result<Vec<DatedPath>> {
        // Own errors have the ticker's own scale; what adapts others to it is not for them.
        let ones = vec![[1.0; 3]; self.factors.len()];
        let (all, places) = self.own.known()?;
        let own = all[places].iter().map(|(day, errors)| (Some(*day), self.path(errors, &ones)));
        let mut paths: Vec<DatedPath> = own.collect();
        if paths.len() < ENOUGH {
            paths.extend(self.errors.iter().map(|errors| (None, self.path(errors, &self.factors))));
        }
        Ok(paths)
    }

    /// The forecast with the errors of one past forecast, scaled to today.
    fn path(&self, errors: &[DayErrors], factors: &[[f64; 3]]) -> Vec<Bar> {
        let (mut close, mut forecast) = (self.last_close.ln(), self.last_close.ln());
        let day = |(horizon, (bar, errors)): (usize, (&Bar, &DayErrors))| {
            let DayErrors(moved, wider, busier, opened, closed) = *errors;
            let [of_close, of_range, of_volume] = factors[horizon];
            let range = log_range(bar);
            close += bar.close.ln() - forecast + f64::from(moved) * range * of_close;
            forecast = bar.close.ln();
            let unit = |field| self.units.of_field(field, horizon);
            let range = range * (f64::from(wider) * unit(Field::Range) * of_range).exp();
            let volume = bar.volume * (f64::from(busier) * unit(Field::Volume) * of_volume).exp();
            bar_within(bar.date, close, range, [opened, closed].map(f64::from), volume)
        };
        self.predicted.iter().zip(errors).enumerate().map(day).collect()
    }
}

impl Forecast {
    /// `count` possible paths of the sessions that are forecast, each of whole bars that are possible.
    ///
    /// A path is the forecast with the errors of one past forecast in units of today, day by day and field by field as
    /// they came together, so the fields of a day and the days of a path belong together. The same seed gives the same
    /// paths.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a forecast read from JSON, which does not hold what paths are drawn from, and for one
    /// without intervals; [`Error::Config`] for a `count` of 0 or above a million.
    ///
    /// # Example
    ///
    /// How likely is it that the next five sessions see a low 5 % under the last close?
    ///
    /// ```
    /// use stockops_core::Device;
    /// use stockops_core::pipeline::shipped_parent;
    /// use stockops_core::source::builtin_bars;
    ///
    /// let index = builtin_bars(&"^GSPC".parse()?)?.bars;
    /// let forecast = shipped_parent(Device::Cpu)?.forecast(&index)?;
    /// let paths = forecast.sample(1000, 42)?;
    /// let deep = paths.iter().filter(|path| path.iter().any(|bar| bar.low < 0.95 * forecast.last_price));
    /// assert!(deep.count() < 1000);
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn sample(&self, count: usize, seed: u64) -> Result<Vec<Vec<Bar>>> {
        check((1..=MOST_PATHS).contains(&count), "count", "from 1 to 1000000", count)?;
        let source = self.source()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut errors = || &source.errors[rng.random_range(0..source.errors.len())];
        Ok((0..count).map(|_| source.path(errors(), &source.factors)).collect())
    }

    /// The possible paths that [`risk`](Self::risk) is counted over, each as likely as the others.
    ///
    /// They are the forecast with the errors of the ticker's own last 1,000 forecasts, replayed on its bars, each whose outcome
    /// is known. Where there are fewer, the errors that [`sample`](Self::sample) draws from are added, which may be those of
    /// its parent: they know the middle of the distribution as well, and less of the tail. The first call on a forecast
    /// replays, which takes about twice as long as the forecast itself.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] as for [`sample`](Self::sample).
    pub fn paths(&self) -> Result<Vec<Vec<Bar>>> {
        Ok(self.dated_paths()?.into_iter().map(|(_, path)| path).collect())
    }

    /// As [`paths`](Self::paths), with the past day that each has its errors from.
    pub(crate) fn dated_paths(&self) -> Result<Vec<DatedPath>> {
        self.source()?.paths()
    }

    fn source(&self) -> Result<&Source> {
        self.sampler.0.as_deref().ok_or_else(|| Error::NotFound {
            kind: "record of past errors",
            name: self.ticker.to_string(),
            hint: "ask a forecast as a forecaster made it, with intervals, not one that was read back".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::Past;
    use crate::forecast::Case;
    use crate::testing::random_bars;

    proptest! {
        /// A forecast with its own errors is what came.
        #[test]
        fn a_forecast_with_its_own_errors_is_what_came(bars in random_bars(105..106), other in random_bars(105..106)) {
            let (history, actual) = bars.as_slice().split_at(100);
            let scale = history[99].close / other.as_slice()[99].close;
            let near = |(bar, other): (&Bar, &Bar)| {
                let prices = [other.open, other.high, other.low, other.close].map(|price| price * scale);
                Bar { date: bar.date, open: prices[0], high: prices[1], low: prices[2], close: prices[3], ..*other }
            };
            let predicted: Vec<Bar> = actual.iter().zip(&other.as_slice()[100..]).map(near).collect();
            let case = Case { history, actual, predicted, ..Case::default() };
            let units = Units::of(Past::of(history), &case.predicted);
            let errors = DayErrors::of(&case, &units);
            let ones = vec![[1.0; 3]; 5];
            let own = OwnErrors::default();
            let sampler = Sampler::of(history, &case.predicted, units, &Arc::from([errors.clone()]), ones.clone(), own);
            let path = sampler.0.unwrap().path(&errors, &ones);
            prop_assert_eq!(path.len(), 5);
            for (own, actual) in path.iter().zip(actual) {
                prop_assert_eq!(own.date, actual.date);
                // Errors are kept to three digits: half a thousandth of a unit, a few days of which add up. Units of log
                // prices are below 0.2, those of log range and log volume below 9.
                assert_relative_eq!(own.close.ln(), actual.close.ln(), epsilon = 1e-3);
                assert_relative_eq!(log_range(own).ln(), log_range(actual).ln(), epsilon = 5e-3);
                assert_relative_eq!(own.volume.ln(), actual.volume.ln(), epsilon = 5e-3);
                assert_relative_eq!(own.open.ln(), actual.open.ln(), epsilon = 2e-3);
            }
        }

        #[test]
        fn a_factor_widens_what_it_is_of(bars in random_bars(101..102), factor in 1.5f64..3.0) {
            let (history, actual) = bars.as_slice().split_at(100);
            let errors = vec![DayErrors(0.5, 0.5, 0.5, 0.0, 0.0)];
            let path = |factors: [f64; 3]| {
                let (pool, own) = (Arc::from([errors.clone()]), OwnErrors::default());
                let units = Units::of(Past::of(history), actual);
                let source = Sampler::of(history, actual, units, &pool, vec![factors], own).0.unwrap();
                source.path(&errors, &source.factors)[0]
            };
            let moved = |bar: Bar| [(bar.close / actual[0].close).ln(), (log_range(&bar) / log_range(&actual[0])).ln(), (bar.volume / actual[0].volume).ln()];
            let plain = moved(path([1.0; 3]));
            for of in 0..3 {
                let mut factors = [1.0; 3];
                factors[of] = factor;
                let wider = moved(path(factors));
                for field in 0..3 {
                    let wanted = plain[field] * if field == of { factor } else { 1.0 };
                    assert_relative_eq!(wider[field], wanted, epsilon = 1e-9, max_relative = 1e-9);
                }
            }
        }
    }

    #[test]
    fn without_past_errors_there_is_nothing_to_draw_from() {
        assert!(
            Sampler::of(&[], &[], Units::of(Past::of(&[]), &[]), &Arc::from([]), Vec::new(), OwnErrors::default())
                .0
                .is_none()
        );
    }
}
