//! Samples: whole possible paths of the next sessions, for quantiles of anything.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{DayErrors, Field, Forecast, Units};
use crate::dataset::{drawn, log_range};
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
    errors: Vec<Vec<DayErrors>>,
    /// Factors of close, range and volume, one a horizon.
    factors: Vec<[f64; 3]>,
}

impl Sampler {
    /// For the forecast `predicted` after `known`, with the `errors` of whole past forecasts and the `factors` of their
    /// close, range and volume, one a horizon; none where nothing was calibrated.
    pub(crate) fn of(known: &[Bar], predicted: &[Bar], errors: &[Vec<DayErrors>], factors: Vec<[f64; 3]>) -> Self {
        let Some(last) = known.last().filter(|_| !errors.is_empty()) else { return Self(None) };
        Self(Some(Arc::new(Source {
            last_close: last.close,
            predicted: predicted.to_vec(),
            units: Units::of(known, predicted),
            errors: errors.to_vec(),
            factors,
        })))
    }
}

impl Source {
    /// The forecast with the errors of one past forecast, scaled to today.
    fn path(&self, errors: &[DayErrors]) -> Vec<Bar> {
        let (mut close, mut forecast) = (self.last_close.ln(), self.last_close.ln());
        let day = |(horizon, (bar, errors)): (usize, (&Bar, &DayErrors))| {
            let DayErrors(moved, wider, busier, opened, closed) = *errors;
            let [of_close, of_range, of_volume] = self.factors[horizon];
            let range = log_range(bar);
            close += bar.close.ln() - forecast + f64::from(moved) * range * of_close;
            forecast = bar.close.ln();
            let unit = |field| self.units.of_field(field, horizon);
            let range = range * (f64::from(wider) * unit(Field::Range) * of_range).exp();
            let volume = bar.volume * (f64::from(busier) * unit(Field::Volume) * of_volume).exp();
            drawn(bar.date, close, range, [opened, closed].map(f64::from), volume)
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
        let source = self.sampler.0.as_ref().ok_or_else(|| Error::NotFound {
            kind: "record of past errors",
            name: self.ticker.to_string(),
            hint:
                "take samples from a forecast as a forecaster made it, with intervals, not from one that was read back"
                    .into(),
        })?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Ok((0..count).map(|_| source.path(&source.errors[rng.random_range(0..source.errors.len())])).collect())
    }
}
