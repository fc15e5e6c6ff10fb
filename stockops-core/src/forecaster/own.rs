//! Errors of a forecaster on the ticker's own past: what the tail of a risk is counted over.

use std::sync::{Arc, OnceLock};

use super::fitted::RUN_UP;
use super::{Adaptation, Forecaster};
use crate::dataset::Past;
use crate::error::Result;
use crate::forecast::{Case, Dated, DayErrors, ENOUGH, Field, OwnErrors, Sampler, Units};
use crate::market::{Bar, Bars};
use crate::training::CancelFlag;

/// Fields that the factors of paths are of.
const FIELDS: [Field; 3] = [Field::Close, Field::Range, Field::Volume];

impl Forecaster {
    /// What paths of the forecast `predicted` after `bars` are made of, in the state `now`.
    pub(super) fn sampler(&self, bars: &Bars, predicted: &[Bar], units: Units, now: &Adaptation) -> Sampler {
        let factors = (0..predicted.len()).map(|h| FIELDS.map(|field| now.factors(field, h)[0])).collect();
        let errors = self.about.calibration.errors();
        Sampler::of(bars.as_slice(), predicted, units, errors, factors, self.own_errors_later(bars))
    }

    /// What paths of each of `cases` are made of, which are forecasts of days one after the other on `bars`: only from what
    /// had come by then.
    ///
    /// # Errors
    ///
    /// Those of [`past`](Self::past).
    pub(crate) fn samplers(&self, bars: &Bars, cases: &[Case<'_>], cancel: &CancelFlag) -> Result<Vec<Sampler>> {
        let Some(first) = cases.first().map(|case| case.history.len()) else { return Ok(Vec::new()) };
        let horizon = self.horizon();
        let begin = first.saturating_sub(ENOUGH + horizon - 1).max(self.needed_bars()).min(first);
        let before = self.cases_at(bars, begin..first, cancel)?;
        let all: Arc<[Dated]> = before.iter().chain(cases).map(|case| dated(case, &units_of(case))).collect();
        let errors = self.about.calibration.errors();
        let sampler = |case: &Case<'_>| {
            // The last forecast whose outcome is complete was made `horizon` days ago.
            let end = (case.history.len() + 1).saturating_sub(begin + horizon);
            let own = OwnErrors::Known(Arc::clone(&all), end.saturating_sub(ENOUGH)..end);
            let units = units_of(case);
            Sampler::of(case.history, &case.predicted, units.clone(), errors, factors(case, &units), own)
        };
        Ok(cases.iter().map(sampler).collect())
    }

    /// Errors of the last forecasts whose outcome is in `bars`, when somebody asks; once made they stay.
    fn own_errors_later(&self, bars: &Bars) -> OwnErrors {
        let (forecaster, made) = (self.clone(), OnceLock::new());
        let bars = bars.last(ENOUGH + RUN_UP);
        OwnErrors::Later(Arc::new(move || {
            if let Some(known) = made.get() {
                return Ok(Arc::clone(known));
            }
            let end = (bars.len() + 1).saturating_sub(forecaster.horizon());
            let begin = end.saturating_sub(ENOUGH).max(forecaster.needed_bars()).min(end);
            let cases = forecaster.cases_at(&bars, begin..end, &CancelFlag::default())?;
            Ok(Arc::clone(made.get_or_init(|| cases.iter().map(|case| dated(case, &units_of(case))).collect())))
        }))
    }
}

fn units_of(case: &Case<'_>) -> Units {
    Units::of(Past::of(case.history), &case.predicted)
}

/// Errors of a forecast of the past, with the day that it was made on.
fn dated(case: &Case<'_>, units: &Units) -> Dated {
    (case.history[case.history.len() - 1].date, DayErrors::of(case, units))
}

/// The factors that the spreads of `case` were stated with: their scale is unit times the root of the factor.
fn factors(case: &Case<'_>, units: &Units) -> Vec<[f64; 3]> {
    let factor = |field: Field, horizon: usize| {
        let spread = case.spread(field, horizon);
        spread.map_or(1.0, |spread| (spread.distribution.scale / units.of_field(field, horizon)).powi(2))
    };
    (0..case.predicted.len()).map(|horizon| FIELDS.map(|field| factor(field, horizon))).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::forecast::Horizon;
    use crate::model::Device;
    use crate::pipeline::shipped_parent;
    use crate::source::builtin_bars;

    fn index() -> Bars {
        builtin_bars(&"^GSPC".parse().unwrap()).unwrap().bars
    }

    /// The judge of the past says what a forecast on that day says, which has no bar of the days after it.
    #[test]
    fn paths_of_the_past_are_those_that_a_forecast_of_that_day_has() {
        let (parent, bars) = (shipped_parent(Device::Cpu).unwrap(), index());
        let cases = parent.past(&bars, None, 8).unwrap();
        let samplers = parent.samplers(&bars, &cases, &CancelFlag::default()).unwrap();
        for (case, sampler) in cases.iter().zip(&samplers).step_by(7) {
            let last = case.history[case.history.len() - 1].date;
            let forecast = parent.forecast(&bars.between(None, Some(last))).unwrap();
            let (judged, stated) = (sampler.paths().unwrap().unwrap(), forecast.dated_paths().unwrap());
            assert_eq!(judged.len(), ENOUGH);
            let known = bars.as_slice().partition_point(|bar| bar.date <= last);
            let newest = bars.as_slice()[known - 1 - parent.horizon()].date;
            assert_eq!(judged[ENOUGH - 1].0, Some(newest), "its last day came on the day of the forecast");
            for ((judged_day, judged), (stated_day, stated)) in judged.iter().zip(&stated) {
                assert_eq!(judged_day, stated_day);
                // The network computes in f32, and a batch of another size adds up in another order.
                for (judged, stated) in judged.iter().zip(stated) {
                    assert_relative_eq!(judged.close, stated.close, max_relative = 1e-5);
                    assert_relative_eq!(judged.high, stated.high, max_relative = 1e-4);
                }
            }
        }
    }

    #[test]
    fn a_short_history_is_filled_up_with_the_errors_of_others() {
        let (parent, bars) = (shipped_parent(Device::Cpu).unwrap(), index());
        let pool = parent.about().calibration.errors().len();
        let few = 10;
        let short = bars.last(parent.needed_bars() + parent.horizon() - 1 + few);
        let forecast = parent.forecast(&short).unwrap();
        let dated = forecast.dated_paths().unwrap();
        assert_eq!((dated.len(), dated.iter().filter(|(day, _)| day.is_some()).count()), (few + pool, few));
        // What others missed is scaled as samples are, so the whole is as wide as they are.
        assert!(forecast.risk().unwrap().value_at_risk(0.99, Horizon::NEXT).unwrap() > 0.0);
        let none = parent.forecast(&bars.last(parent.needed_bars())).unwrap();
        assert_eq!(none.paths().unwrap().len(), pool);
    }

    #[test]
    fn own_errors_are_made_once() {
        let forecast = shipped_parent(Device::Cpu).unwrap().forecast(&index()).unwrap();
        assert_eq!(forecast.risk().unwrap(), forecast.risk().unwrap());
        let read: crate::forecast::Forecast = serde_json::from_str(&serde_json::to_string(&forecast).unwrap()).unwrap();
        assert_eq!(read.risk().unwrap_err().kind(), "not_found");
    }
}
