//! `DayEffects`: what a half day, an expiry or a holiday usually does to volume and range.

use serde::{Deserialize, Serialize};

use super::{bar_within, log_range, position};
use crate::least_squares::LeastSquares;
use crate::market::{Bar, Bars, Calendar, KnownDay};

/// Days of a week and of a month of trading.
const WEEK: usize = 5;
const MONTH: usize = 22;

/// Regressors beside those of the day: the last value and the week against the month, and the level.
const PAST: usize = 3;

/// Days of a kind that what was known before counts for, where the history is long.
const PRIOR_DAYS: f64 = 10.0;

/// Days of history at which what a parent knows counts for twice as many: all effects together are 25 numbers, too many for
/// a hundred days.
const PARENT_ROWS: f64 = 1000.0;

/// Times that effects are fitted, each time against means without the effects found before.
const PASSES: usize = 3;

/// What the calendar usually does to the log volume and the log range of a session.
///
/// One number for each of the [regressors](KnownDay::regressors) of a day: volume is `e^-0.6` of what it would be where the
/// number for half days is -0.6. They are coefficients of a regression of the day's value, less the mean of the month
/// before, on last value, week and day, in which the past too is rid of its days' effects.
///
/// [`ordinary`](Self::ordinary) takes the effects out of bars, so that what comes after it sees a series without holidays
/// and expiries; [`of_day`](Self::of_day) puts the effect of a day on the bar that is forecast for it. Closes stay as they
/// are.
///
/// # Example
///
/// ```
/// use stockops_core::dataset::DayEffects;
/// use stockops_core::source::builtin_bars;
///
/// let index = builtin_bars(&"^GSPC".parse()?)?.bars;
/// let effects = DayEffects::fit(&[(index.as_slice(), index.calendar())], None);
/// let after_thanksgiving = index.calendar().known_day("2019-11-29".parse().unwrap());
/// let (volume, range) = effects.at(&after_thanksgiving);
/// assert!(volume < -0.4 && range < -0.2);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayEffects {
    /// Of log volume, one a regressor; empty where there are none.
    volume: Vec<f64>,
    /// Of log range, one a regressor; empty where there are none.
    range: Vec<f64>,
}

impl DayEffects {
    /// Fit on the bars of one or several series, drawn towards no effect as if that had been seen on ten days of each kind; or
    /// towards `prior`, a parent's, as if that had been seen on `10 (1 + 1000 / n)` days, with the n days of the history. So
    /// what a short history cannot tell stays as its parent has it.
    pub fn fit(series: &[(&[Bar], Calendar)], prior: Option<&Self>) -> Self {
        let days =
            |(bars, calendar): &(&[Bar], Calendar)| bars.iter().map(|bar| calendar.known_day(bar.date)).collect();
        let days: Vec<Vec<KnownDay>> = series.iter().map(days).collect();
        let rows: usize = series.iter().map(|(bars, _)| bars.len()).sum();
        let weight = prior.map_or(PRIOR_DAYS, |_| PRIOR_DAYS * (1.0 + PARENT_ROWS / rows.max(1) as f64));
        let of = |value: fn(&Bar) -> Option<f64>, prior: Option<&Vec<f64>>| {
            let values = series.iter().map(|(bars, _)| bars.iter().map(value).collect());
            let series: Vec<(Vec<Option<f64>>, &[KnownDay])> = values.zip(days.iter().map(Vec::as_slice)).collect();
            let prior = prior.filter(|prior| !prior.is_empty()).cloned();
            fitted(&series, &prior.unwrap_or_else(|| vec![0.0; KnownDay::REGRESSORS]), weight)
        };
        Self {
            volume: of(log_volume, prior.map(|prior| &prior.volume)),
            range: of(|bar| Some(log_range(bar).ln()), prior.map(|prior| &prior.range)),
        }
    }

    /// Whether there are none, as in forecasters of before.
    pub fn is_none(&self) -> bool {
        self.volume.is_empty() && self.range.is_empty()
    }

    /// Whether it has a number for each regressor, or none at all.
    pub(crate) fn is_whole(&self) -> bool {
        let counts = [self.volume.len(), self.range.len()];
        counts.iter().all(|count| *count == KnownDay::REGRESSORS) || self.is_none()
    }

    /// What `day` adds to log volume and to log range.
    pub fn at(&self, day: &KnownDay) -> (f64, f64) {
        let regressors = day.regressors();
        (product(&self.volume, &regressors), product(&self.range, &regressors))
    }

    /// `bars` as they would have been on ordinary days.
    pub fn ordinary(&self, bars: &Bars) -> Bars {
        if self.is_none() {
            return bars.clone();
        }
        let calendar = bars.calendar();
        bars.map(|bar| self.without(bar, &calendar))
    }

    /// `bar` as it would have been on an ordinary day.
    pub fn without(&self, bar: &Bar, calendar: &Calendar) -> Bar {
        self.changed(bar, calendar, -1.0)
    }

    /// `bar`, forecast as if its day were ordinary, on its day.
    pub fn of_day(&self, bar: &Bar, calendar: &Calendar) -> Bar {
        self.changed(bar, calendar, 1.0)
    }

    fn changed(&self, bar: &Bar, calendar: &Calendar, sign: f64) -> Bar {
        if self.is_none() {
            return *bar;
        }
        let (volume, range) = self.at(&calendar.known_day(bar.date));
        let volume = if bar.volume > 0.0 { (bar.volume * (sign * volume).exp()).min(f64::MAX) } else { 0.0 };
        if bar.high == bar.low || range == 0.0 {
            // A day without range has none on any day.
            return Bar { volume, ..*bar };
        }
        let places = [position(bar, bar.open), position(bar, bar.close)];
        bar_within(bar.date, bar.close.ln(), (bar.high / bar.low).ln() * (sign * range).exp(), places, volume)
    }
}

fn log_volume(bar: &Bar) -> Option<f64> {
    (bar.volume > 0.0).then(|| bar.volume.ln())
}

fn product(effects: &[f64], regressors: &[f64]) -> f64 {
    effects.iter().zip(regressors).map(|(effect, x)| effect * x).sum()
}

/// The effects of days on `series`, drawn towards `prior` as if that had been seen on `weight` days of each kind.
fn fitted(series: &[(Vec<Option<f64>>, &[KnownDay])], prior: &[f64], weight: f64) -> Vec<f64> {
    let mut effects = prior.to_vec();
    for _ in 0..PASSES {
        let mut fit = LeastSquares::new(PAST + prior.len());
        for (place, effect) in prior.iter().enumerate() {
            let mut row = vec![0.0; PAST + prior.len()];
            row[PAST + place] = weight.sqrt();
            fit.add(&row, weight.sqrt() * effect);
        }
        series.iter().for_each(|(values, days)| add_rows(&mut fit, values, days, &effects));
        match fit.solve() {
            Some(found) => effects = found[PAST..].to_vec(),
            // A series that never varies, or none at all.
            None => return prior.to_vec(),
        }
    }
    effects
}

/// A row for each day that is known and has a month before it.
fn add_rows(fit: &mut LeastSquares, values: &[Option<f64>], days: &[KnownDay], effects: &[f64]) {
    let mut past: Vec<f64> = Vec::with_capacity(values.len());
    for (value, day) in values.iter().zip(days) {
        let Some(value) = value else { continue };
        let regressors = day.regressors();
        if past.len() >= MONTH {
            let mean = |days: usize| past[past.len() - days..].iter().sum::<f64>() / days as f64;
            let month = mean(MONTH);
            let mut row = vec![mean(1) - month, mean(WEEK) - month, 1.0];
            row.extend(regressors);
            fit.add(&row, value - month);
        }
        past.push(value - product(effects, &regressors));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Ticker;
    use crate::testing::random_bars;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    /// Sessions of New York from 2011 on whose log volume and log range wander a little, with half days at a half of the
    /// volume and three quarters of the range.
    fn bars(count: usize, half_day: [f64; 2]) -> Bars {
        let ticker = Ticker::new("GOOG").unwrap();
        let calendar = Calendar::of(&ticker);
        let sessions = calendar.next_sessions("2011-01-01".parse().unwrap(), count);
        let noise = |i: usize| ((i as f64 * 12.9898).sin() * 43758.5453).fract() * 0.1;
        let bar = |(i, session): (usize, &crate::market::Session)| {
            let [volume, range] = if session.early_close { half_day } else { [1.0, 1.0] };
            let range = 0.02 * range * noise(i + 7000).exp();
            let volume = 1e6 * volume * noise(i).exp();
            Bar { date: session.date, open: 10.0, high: 10.0 * range.exp(), low: 10.0, close: 10.0, volume }
        };
        Bars::new(ticker, sessions.iter().enumerate().map(bar).collect()).unwrap()
    }

    fn fit(bars: &Bars, prior: Option<&DayEffects>) -> DayEffects {
        DayEffects::fit(&[(bars.as_slice(), bars.calendar())], prior)
    }

    fn half_day() -> KnownDay {
        Calendar::of(&Ticker::new("GOOG").unwrap()).known_day("2030-12-24".parse().unwrap())
    }

    #[test]
    fn a_known_effect_is_found() {
        let effects = fit(&bars(3000, [0.5, 0.75]), None);
        let place = half_day().regressors().iter().position(|x| *x == 1.0).unwrap();
        // Some 30 half days beside a prior of ten days without effect, and Christmas Eve is the end of December too.
        let shrunk = effects.volume[place] / 0.5f64.ln();
        assert!((0.6..1.0).contains(&shrunk), "{shrunk}");
        let ordinary = KnownDay { half_day: false, ..half_day() };
        let (volume, range) = effects.at(&half_day());
        let (without, _) = effects.at(&ordinary);
        assert!(volume < without - 0.4 && range < -0.1, "{volume} {without} {range}");
    }

    #[test]
    fn a_short_history_keeps_what_its_parent_knows() {
        let parent = fit(&bars(3000, [0.5, 0.75]), None);
        let child = fit(&bars(100, [1.0, 1.0]), Some(&parent));
        // No half day is among the first 100 sessions of 2011.
        assert_relative_eq!(child.volume[0], parent.volume[0], epsilon = 0.01);
        let long = fit(&bars(3000, [1.0, 1.0]), Some(&parent));
        assert!(long.volume[0] > parent.volume[0] / 2.0, "30 days of its own outweigh thirteen of the parent");
    }

    #[test]
    fn a_series_that_never_varies_or_is_empty_has_the_prior() {
        let still = |count| {
            Bars::new(
                Ticker::new("GOOG").unwrap(),
                bars(count, [1.0, 1.0]).iter().map(|bar| Bar { volume: 0.0, high: 10.0, ..*bar }).collect(),
            )
            .unwrap()
        };
        for bars in [still(0), still(300)] {
            let effects = fit(&bars, None);
            assert!(effects.is_whole() && effects.at(&half_day()) == (0.0, 0.0));
            assert_eq!(effects.ordinary(&bars), bars);
        }
    }

    proptest! {
        /// Taking the effects out and putting them back changes nothing, and closes never change.
        #[test]
        fn of_day_undoes_ordinary(bars in random_bars(60..61), sizes in prop::collection::vec(-1.0f64..1.0, 2 * KnownDay::REGRESSORS)) {
            let (volume, range) = sizes.split_at(KnownDay::REGRESSORS);
            let effects = DayEffects { volume: volume.to_vec(), range: range.to_vec() };
            let (ordinary, calendar) = (effects.ordinary(&bars), bars.calendar());
            for (bar, ordinary) in bars.iter().zip(ordinary.iter()) {
                prop_assert!((ordinary.close / bar.close - 1.0).abs() < 1e-12);
                let back = effects.of_day(ordinary, &calendar);
                for (a, b) in [(back.open, bar.open), (back.high, bar.high), (back.low, bar.low), (back.volume, bar.volume)] {
                    prop_assert!((a - b).abs() <= 1e-9 * b.abs(), "{back:?} {bar:?}");
                }
            }
        }

        /// The effect of a day comes from its date alone.
        #[test]
        fn later_bars_move_no_ordinary_bar(bars in random_bars(60..61), cut in 20usize..59) {
            let effects = DayEffects { volume: vec![0.3; KnownDay::REGRESSORS], range: vec![-0.2; KnownDay::REGRESSORS] };
            let past = bars.between(None, Some(bars.as_slice()[cut - 1].date));
            prop_assert_eq!(effects.ordinary(&bars).as_slice()[..cut].to_vec(), effects.ordinary(&past).as_slice().to_vec());
        }
    }
}
