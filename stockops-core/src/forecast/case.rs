//! `Case`: one forecast of the past beside the bars that came.

use std::collections::BTreeMap;

use super::{Distribution, Field};
use crate::dataset::IndexDay;
use crate::market::{Bar, Days};

/// A forecast made at the close of one day, and what came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case<'a> {
    /// All bars up to and with the day of the forecast.
    pub history: &'a [Bar],
    /// The bars that came, one for each horizon.
    pub actual: &'a [Bar],
    /// What is known of days before they come.
    pub days: Days,
    /// The index on the day of the forecast, where it is known.
    pub index: Option<IndexDay>,
    /// The bars that were forecast, one for each horizon.
    pub predicted: Vec<Bar>,
    /// Usual log width of a day when the forecast was made, [`usual_range`](crate::dataset::usual_range) of `history`: its
    /// volatility.
    pub unit: f64,
    /// What was said beyond the point, one for each horizon; no field where nothing was calibrated.
    pub spreads: BTreeMap<Field, Vec<Spread>>,
    /// Intervals that are to hold the closes of all sessions at once with 80, 90 and 95 %, one for each horizon, on the log
    /// scale of the close; empty where nothing was calibrated.
    pub path: Vec<[[f64; 2]; 3]>,
}

/// How a forecast of one field at one horizon is spread around its point, on the field's log scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The distribution that was forecast.
    pub distribution: Distribution,
    /// Intervals that are to hold 80, 90 and 95 % of outcomes, each [low end, high end], as they were stated that day.
    pub intervals: [[f64; 2]; 3],
}

impl Case<'_> {
    /// Close of the day of the forecast.
    pub fn last_close(&self) -> f64 {
        self.history[self.history.len() - 1].close
    }

    /// What came minus what was forecast, `horizon` from 0; `None` where the volume is unknown.
    pub fn error(&self, field: Field, horizon: usize) -> Option<f64> {
        Some(self.actual(field, horizon)? - self.predicted(field, horizon)?)
    }

    /// What came, `horizon` from 0.
    pub fn actual(&self, field: Field, horizon: usize) -> Option<f64> {
        field.value(&self.actual[horizon], self.last_close())
    }

    /// What was forecast, `horizon` from 0.
    pub fn predicted(&self, field: Field, horizon: usize) -> Option<f64> {
        field.value(&self.predicted[horizon], self.last_close())
    }

    /// Whether every close lay within the path interval of its session, level by level; `None` where none was stated.
    pub fn path_held(&self) -> Option<[bool; 3]> {
        if self.path.is_empty() {
            return None;
        }
        let held = |level: usize| {
            let inside = |(horizon, intervals): (usize, &[[f64; 2]; 3])| {
                let [low, high] = intervals[level];
                self.actual(Field::Close, horizon).is_some_and(|close| (low..=high).contains(&close))
            };
            self.path.iter().enumerate().all(inside)
        };
        Some(std::array::from_fn(held))
    }

    /// How the forecast of `field` at `horizon`, from 0, is spread; `None` where nothing was calibrated.
    pub fn spread(&self, field: Field, horizon: usize) -> Option<&Spread> {
        self.spreads.get(&field)?.get(horizon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    #[test]
    fn errors_are_what_came_less_what_was_forecast() {
        let bar = |close: f64, volume: f64| Bar { date: day(0), open: close, high: close, low: close, close, volume };
        let history = [bar(50.0, 1.0), bar(100.0, 1.0)];
        let actual = [bar(110.0, 8.0), bar(120.0, 0.0)];
        let case = Case { history: &history, actual: &actual, predicted: vec![bar(105.0, 4.0); 2], ..Case::default() };
        assert_eq!(case.last_close(), 100.0);
        assert_eq!(case.actual(Field::Close, 1), Some(1.2f64.ln()));
        assert_eq!(case.error(Field::Close, 0), Some(1.1f64.ln() - 1.05f64.ln()));
        assert_eq!(case.error(Field::Volume, 0), Some(8f64.ln() - 4f64.ln()));
        assert_eq!(case.error(Field::Volume, 1), None, "the volume is unknown");
        assert_eq!((case.spread(Field::Close, 0), case.path_held()), (None, None));
    }

    #[test]
    fn a_path_holds_its_ends_and_every_day_counts() {
        let bar = |close: f64| Bar { date: day(0), open: close, high: close, low: close, close, volume: 1.0 };
        let history = [bar(1.0)];
        let actual = [bar(1f64.exp()), bar((-1f64).exp())];
        let path = vec![[[0.0, 1.0], [0.0, 0.9], [-2.0, 2.0]], [[-1.0, 0.0], [-1.0, 0.0], [-2.0, 2.0]]];
        let case = Case { history: &history, actual: &actual, predicted: vec![bar(1.0); 2], path, ..Case::default() };
        assert_eq!(case.path_held(), Some([true, false, true]));
    }
}
