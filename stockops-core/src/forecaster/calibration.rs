//! `Calibration`: how past forecasts missed, in units that carry over from day to day and from ticker to ticker.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::adaptation::Adaptation;
use crate::dataset::Past;
use crate::forecast::{Case, DayErrors, Distribution, Field, LEVELS, Shape, Spread, Units};
use crate::market::Bar;

/// Values of a shape that are kept, evenly spaced in rank.
const KEPT_VALUES: usize = 199;

/// Windows of errors that are kept for sampling, evenly spaced in time.
const KEPT_WINDOWS: usize = 400;

/// Errors of past forecasts by field and horizon, each divided by its unit.
///
/// Split conformal prediction with normalised scores (Papadopoulos et al. 2002; Lei et al. 2018): the intervals of a
/// forecast are its point plus its own unit times quantiles of these errors. The unit of prices follows the
/// forecast volatility, those of volume and range the ticker's own spread, so the errors of a parent serve its children;
/// what is still too wide or too narrow for a ticker its [`Adaptation`] takes away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Errors, one shape a horizon; no field where nothing is known.
    shapes: BTreeMap<Field, Vec<Shared>>,
    /// Mean absolute error of the close, one a horizon, and the largest of a path in those.
    path: Option<Path>,
    /// Errors of whole forecasts, day by day.
    errors: SharedErrors,
    /// Forecasts that it was learned from.
    pub forecasts: usize,
    /// Whose forecasts: the ticker itself, or its parent's.
    pub source: String,
    /// The state after the calibration days of the ticker itself.
    pub start: Adaptation,
    /// Last day that `start` has seen; the outcomes after it are still to be learned from.
    pub last_day: Option<NaiveDate>,
}

/// How far closes stray from the forecast anywhere on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Path {
    means: Vec<f64>,
    largest: Shared,
}

/// A shape that every forecast points to; in the bundle it is its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Shape", into = "Shape")]
struct Shared(Arc<Shape>);

impl From<Shape> for Shared {
    fn from(shape: Shape) -> Self {
        Self(Arc::new(shape))
    }
}

impl From<Shared> for Shape {
    fn from(Shared(shape): Shared) -> Self {
        Arc::unwrap_or_clone(shape)
    }
}

/// Errors that every forecast points to; in the bundle they are a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<DayErrors>>", into = "Vec<Vec<DayErrors>>")]
struct SharedErrors(Arc<[Vec<DayErrors>]>);

impl From<Vec<Vec<DayErrors>>> for SharedErrors {
    fn from(errors: Vec<Vec<DayErrors>>) -> Self {
        Self(errors.into())
    }
}

impl From<SharedErrors> for Vec<Vec<DayErrors>> {
    fn from(SharedErrors(errors): SharedErrors) -> Self {
        errors.to_vec()
    }
}

impl Calibration {
    /// Learn from `cases`, of one or several tickers; nothing from fewer than two.
    pub(crate) fn of(cases: &[Case<'_>], source: String) -> Self {
        let units: Vec<Units> = cases.iter().map(|case| Units::of(Past::of(case.history), &case.predicted)).collect();
        let horizons = cases.first().map_or(0, |case| case.predicted.len());
        let errors = |field: Field, horizon: usize| -> Vec<f64> {
            let of =
                |(case, units): (&Case<'_>, &Units)| Some(case.error(field, horizon)? / units.of_field(field, horizon));
            cases.iter().zip(&units).filter_map(of).collect()
        };
        let shape = |field, horizon| Shape::new(thinned(errors(field, horizon), KEPT_VALUES)).ok().map(Shared::from);
        let of_field = |field: Field| {
            let shapes: Option<Vec<_>> = (0..horizons).map(|horizon| shape(field, horizon)).collect();
            Some((field, shapes.filter(|shapes| !shapes.is_empty())?))
        };
        let step = cases.len().div_ceil(KEPT_WINDOWS).max(1);
        let kept = cases.iter().zip(&units).step_by(step);
        Self {
            shapes: Field::ALL.into_iter().filter_map(of_field).collect(),
            path: Path::of(&(0..horizons).map(|horizon| errors(Field::Close, horizon)).collect::<Vec<_>>()),
            errors: SharedErrors(kept.map(|(case, units)| DayErrors::of(case, units)).collect()),
            forecasts: cases.len(),
            source,
            start: Adaptation::default(),
            last_day: None,
        }
    }

    /// Nothing is known yet.
    pub(crate) fn unknown() -> Self {
        Self::of(&[], "nothing".into())
    }

    /// The same errors for a ticker that has not adapted yet.
    pub(crate) fn afresh(self) -> Self {
        Self { start: Adaptation::default(), last_day: None, ..self }
    }

    /// Whether it has errors of exactly `horizons` sessions, or knows nothing.
    pub(super) fn has_horizons(&self, horizons: usize) -> bool {
        let shapes = self.shapes.values().map(Vec::len);
        let paths = self.path.iter().map(|path| path.means.len());
        shapes.chain(paths).chain(self.errors.0.iter().map(Vec::len)).all(|count| count == horizons)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Errors of whole past forecasts.
    pub(crate) fn errors(&self) -> &Arc<[Vec<DayErrors>]> {
        &self.errors.0
    }

    /// Spreads of the forecast `predicted`, made after a day that closed at `last_close`, in the state `now`; `units` are those of its errors.
    pub(crate) fn spreads(
        &self,
        last_close: f64,
        predicted: &[Bar],
        units: &Units,
        now: &Adaptation,
    ) -> BTreeMap<Field, Vec<Spread>> {
        let spread = |field: Field, horizon: usize, Shared(shape): &Shared| {
            let location = field.value(&predicted[horizon], last_close)?;
            let (unit, factors) = (units.of_field(field, horizon), now.factors(field, horizon));
            // Half of what the 80 % interval learned, on the log scale: its factor wavers from week to week, and a score of
            // the whole distribution pays for that.
            let distribution = Distribution { location, scale: unit * factors[0].sqrt(), shape: shape.clone() };
            let interval = |level: usize| {
                let scale = unit * factors[level];
                Distribution { location, scale, shape: shape.clone() }.interval(self.widened(LEVELS[level]))
            };
            Some(Spread { distribution, intervals: nested(std::array::from_fn(interval)) })
        };
        let of_field = |(field, shapes): (&Field, &Vec<Shared>)| {
            let at = |(horizon, shape)| spread(*field, horizon, shape);
            Some((*field, shapes.iter().take(predicted.len()).enumerate().map(at).collect::<Option<Vec<_>>>()?))
        };
        let mut spreads = self.shapes.iter().filter_map(of_field).collect();
        take_in_open_and_close(&mut spreads);
        spreads
    }

    /// Intervals that are to hold the closes of all days at once, on the log scale: for each horizon one a level.
    pub(crate) fn path(
        &self,
        last_close: f64,
        predicted: &[Bar],
        units: &Units,
        now: &Adaptation,
    ) -> Option<Vec<[[f64; 2]; 3]>> {
        let path = self.path.as_ref()?;
        let at = |(horizon, bar): (usize, &Bar)| {
            let location = Field::Close.value(bar, last_close)?;
            let unit = units.of_field(Field::Close, horizon) * path.means[horizon];
            let factors = now.factors(Field::Close, horizon);
            let half = |level: usize| {
                let shape = path.largest.0.clone();
                Distribution { location: 0.0, scale: unit * factors[level], shape }.quantile(LEVELS[level])
            };
            Some(nested(std::array::from_fn(|level| [location - half(level), location + half(level)])))
        };
        predicted.iter().enumerate().map(at).collect()
    }

    /// The level that quantiles of a finite sample have to be taken at, so that a new outcome is held with `level`.
    fn widened(&self, level: f64) -> f64 {
        let count = self.forecasts.max(1) as f64;
        (level * (count + 1.0) / count).min(1.0)
    }
}

impl Path {
    fn of(errors: &[Vec<f64>]) -> Option<Self> {
        let count = errors.iter().map(Vec::len).min().filter(|count| *count >= 2)?;
        let mean = |own: &Vec<f64>| own.iter().map(|error| error.abs()).sum::<f64>() / own.len() as f64;
        let means: Vec<f64> = errors.iter().map(mean).map(|mean| mean.max(f64::MIN_POSITIVE)).collect();
        let largest =
            |case: usize| errors.iter().zip(&means).map(|(own, mean)| own[case].abs() / mean).fold(0.0, f64::max);
        let largest = Shape::new(thinned((0..count).map(largest).collect(), KEPT_VALUES)).ok()?;
        Some(Self { means, largest: largest.into() })
    }
}

/// At most `count` of `values`, evenly spaced in rank, to four digits.
fn thinned(mut values: Vec<f64>, count: usize) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let digits = |value: f64| (value * 1e4).round() / 1e4;
    if values.len() <= count {
        return values.into_iter().map(digits).collect();
    }
    let rank = |i: usize| (i as f64 + 0.5) * values.len() as f64 / count as f64;
    (0..count).map(|i| digits(values[(rank(i) as usize).min(values.len() - 1)])).collect()
}

/// A wider level takes in the narrower ones, which adapt by themselves.
fn nested(mut intervals: [[f64; 2]; 3]) -> [[f64; 2]; 3] {
    for level in 1..intervals.len() {
        let inner = intervals[level - 1];
        intervals[level] = [intervals[level][0].min(inner[0]), intervals[level][1].max(inner[1])];
    }
    intervals
}

/// Each field is calibrated alone; what open and close may reach, high and low may too.
fn take_in_open_and_close(spreads: &mut BTreeMap<Field, Vec<Spread>>) {
    let inner: Vec<Vec<Spread>> =
        [Field::Open, Field::Close].iter().filter_map(|field| spreads.get(field).cloned()).collect();
    for (field, side) in [(Field::Low, 0), (Field::High, 1)] {
        for (horizon, spread) in spreads.get_mut(&field).into_iter().flatten().enumerate() {
            for (level, interval) in spread.intervals.iter_mut().enumerate() {
                for other in inner.iter().map(|own| own[horizon].intervals[level][side]) {
                    interval[side] = if side == 0 { interval[0].min(other) } else { interval[1].max(other) };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::testing::day;

    #[test]
    fn thinning_keeps_the_quantiles() {
        let values: Vec<f64> = (0..=10_000).map(|i| f64::from(i) / 1e4).collect();
        let kept = thinned(values, 199);
        assert_eq!(kept.len(), 199);
        // The step between two of 199 is 0.005.
        assert!((kept[99] - 0.5).abs() < 0.0026 && (kept[189] - 0.952).abs() < 0.0051, "{} {}", kept[99], kept[189]);
        assert_eq!(thinned(vec![2.0, 1.0], 199), [1.0, 2.0]);
    }

    #[test]
    fn without_forecasts_nothing_is_stated() {
        let unknown = Calibration::unknown();
        assert!(
            unknown.is_empty()
                && unknown.spreads(1.0, &[], &Units::of(Past::of(&[]), &[]), &Adaptation::default()).is_empty()
        );
        assert_eq!(nested([[-1.0, 1.0], [-0.5, 3.0], [-2.0, 2.0]]), [[-1.0, 1.0], [-1.0, 3.0], [-2.0, 3.0]]);
    }

    /// Forecasts of a walk of normal steps, each of its own stretch: the forecast is "tomorrow equals today", 2 % wide.
    fn walks<'a>(history: &'a [Bar], futures: &'a [Vec<Bar>]) -> Vec<Case<'a>> {
        let case = |future: &'a Vec<Bar>| {
            let flat = |bar: &Bar| Bar { open: 100.0, high: 101.0, low: 99.0, close: 100.0, ..*bar };
            Case { history, actual: future, predicted: future.iter().map(flat).collect(), ..Case::default() }
        };
        futures.iter().map(case).collect()
    }

    fn futures(count: usize, horizon: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<Bar>> {
        let mut future = || {
            let mut close: f64 = 100.0;
            let mut bar = |i: u64| {
                let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                close *= (0.01 * normal).exp();
                Bar { date: day(i), open: close, high: close * 1.01, low: close * 0.99, close, volume: 1.0 }
            };
            (0..horizon as u64).map(|i| bar(100 + i)).collect()
        };
        (0..count).map(|_| future()).collect()
    }

    #[test]
    fn a_path_holds_all_closes_together_as_often_as_it_says_and_single_intervals_do_not() {
        const COUNT: usize = 4000;
        let history = futures(1, 30, &mut ChaCha8Rng::seed_from_u64(9)).concat();
        for horizon in [1, 5, 21] {
            let mut rng = ChaCha8Rng::seed_from_u64(horizon as u64);
            let (past, next) = (futures(COUNT, horizon, &mut rng), futures(COUNT, horizon, &mut rng));
            let calibration = Calibration::of(&walks(&history, &past), "SIM".into());
            let now = Adaptation::default();
            let mut cases = walks(&history, &next);
            for case in &mut cases {
                let units = Units::of(Past::of(&history), &case.predicted);
                case.path = calibration.path(case.last_close(), &case.predicted, &units, &now).unwrap();
                case.spreads = calibration.spreads(case.last_close(), &case.predicted, &units, &now);
            }
            for (level, wanted) in LEVELS.into_iter().enumerate() {
                let share = |held: &dyn Fn(&Case<'_>) -> bool| {
                    cases.iter().filter(|case| held(case)).count() as f64 / COUNT as f64
                };
                let path = share(&|case| case.path_held().unwrap()[level]);
                // Both the quantile and the share stray by a binomial error; half a step between two of 199 kept values.
                let error = (2.0 * wanted * (1.0 - wanted) / COUNT as f64).sqrt();
                assert!((path - wanted).abs() < 3.0 * error + 0.0025, "{horizon} sessions, {wanted}: {path}");
                let single = share(&|case| {
                    let spreads = case.spreads[&Field::Close].iter().enumerate();
                    spreads.into_iter().all(|(ahead, spread)| {
                        let [low, high] = spread.intervals[level];
                        (low..=high).contains(&case.actual(Field::Close, ahead).unwrap())
                    })
                });
                assert!(horizon == 1 || single < wanted - 0.03, "{horizon} sessions, {wanted}: {single}");
            }
        }
    }
}
