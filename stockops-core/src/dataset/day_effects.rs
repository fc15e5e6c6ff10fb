//! `DayEffects`: what a half day, an expiry or a holiday usually does to volume and range.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::spans::{MONTH, WEEK};
use super::{bar_within, log_range, position};
use crate::least_squares::LeastSquares;
use crate::market::{Bar, Bars, Days, EventKind, KnownDay};

/// Regressors beside those of the day: the last value and the week against the month, and the level.
const PAST: usize = 3;

/// Days of a kind that what was known before counts for, where the history is long.
const PRIOR_DAYS: f64 = 10.0;

/// Days of history at which what a parent knows counts for twice as many: all effects together are 25 numbers, too many for
/// a hundred days.
const PARENT_ROWS: f64 = 1000.0;

/// The same for a kind of event that only the series itself knows: few of them come in a year.
const PRIOR_EVENTS: f64 = 3.0;

/// Times that effects are fitted, each time against means without the effects found before.
const PASSES: usize = 3;

/// What the calendar, and events that somebody gave, usually do to the log volume and the log range of a session.
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
/// let effects = DayEffects::fit(&[(index.as_slice(), index.days())], None);
/// let after_thanksgiving = "2019-11-29".parse().unwrap();
/// let (volume, range) = effects.at(&index.days(), after_thanksgiving);
/// assert!(volume < -0.4 && range < -0.2);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayEffects {
    /// Of log volume, one a regressor, and two a kind of event: on its session and on the next; empty where there are none.
    volume: Vec<f64>,
    /// Of log range, likewise.
    range: Vec<f64>,
    /// The kinds of events, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<EventKind>,
}

impl DayEffects {
    /// Fit on the bars of one or several series, drawn towards no effect as if that had been seen on ten days of each kind; or
    /// towards `prior`, a parent's, as if that had been seen on `10 (1 + 1000 / n)` days, with the n days of the history. So
    /// what a short history cannot tell stays as its parent has it.
    ///
    /// Kinds of events are those of the series and of the prior. One that the prior does not know is drawn to no effect as if
    /// that had been seen three times.
    pub fn fit(series: &[(&[Bar], Days)], prior: Option<&Self>) -> Self {
        let seen = |(bars, days): &(&[Bar], Days)| days.kinds(bars.iter().map(|bar| bar.date));
        let mut kinds: BTreeSet<EventKind> = series.iter().flat_map(seen).collect();
        kinds.extend(prior.iter().flat_map(|prior| prior.events.iter().cloned()));
        let prior = Self::prior(prior, kinds.into_iter().collect());
        let regressors = |(bars, days): &(&[Bar], Days)| {
            bars.iter().map(|bar| prior.effects.regressors(days, bar.date).collect()).collect()
        };
        let regressors: Vec<Vec<Vec<f64>>> = series.iter().map(regressors).collect();
        let rows: usize = series.iter().map(|(bars, _)| bars.len()).sum();
        let weights = prior.weights(rows);
        let of = |value: fn(&Bar) -> Option<f64>, effects: &[f64]| {
            let values = series.iter().map(|(bars, _)| bars.iter().map(value).collect());
            let series: Vec<Known<'_>> = values.zip(regressors.iter().map(Vec::as_slice)).collect();
            fitted(&series, effects, &weights)
        };
        Self {
            volume: of(log_volume, &prior.effects.volume),
            range: of(|bar| Some(log_range(bar).ln()), &prior.effects.range),
            events: prior.effects.events,
        }
    }

    /// Whether there are none, as in forecasters of before.
    pub fn is_none(&self) -> bool {
        self.volume.is_empty() && self.range.is_empty()
    }

    /// Whether it has a number for each regressor, or none at all.
    pub(crate) fn is_whole(&self) -> bool {
        let counts = [self.volume.len(), self.range.len()];
        counts.iter().all(|count| *count == KnownDay::REGRESSORS + 2 * self.events.len()) || self.is_none()
    }

    /// What the session on `date` adds to log volume and to log range.
    pub fn at(&self, days: &Days, date: NaiveDate) -> (f64, f64) {
        let mut sums = (0.0, 0.0);
        // Two loops in the place of one over `regressors`: a forecast asks this of some seven hundred days, few of which have events.
        for ((volume, range), x) in self.volume.iter().zip(&self.range).zip(days.known_day(date).regressors()) {
            sums = (sums.0 + volume * x, sums.1 + range * x);
        }
        let more = self.volume.iter().zip(&self.range).skip(KnownDay::REGRESSORS);
        for ((volume, range), x) in more.zip(self.events.iter().flat_map(|kind| days.event(date, kind))) {
            sums = (sums.0 + volume * x, sums.1 + range * x);
        }
        sums
    }

    fn regressors(&self, days: &Days, date: NaiveDate) -> impl Iterator<Item = f64> {
        let events = self.events.iter().flat_map(move |kind| days.event(date, kind));
        days.known_day(date).regressors().into_iter().chain(events)
    }

    /// What is to be said where events were learned and none are given, or where a kind on one of `dates` was not learned.
    pub(crate) fn note(&self, days: &Days, dates: &[NaiveDate]) -> Option<String> {
        let words =
            |kinds: &mut dyn Iterator<Item = &EventKind>| kinds.map(EventKind::as_str).collect::<Vec<_>>().join(", ");
        if !self.events.is_empty() && !days.has_events() {
            let kinds = words(&mut self.events.iter());
            return Some(format!(
                "no events were given, of which this forecaster knows {kinds}: days are taken as without"
            ));
        }
        let ahead = days.kinds(dates.iter().copied());
        let unknown = words(&mut ahead.iter().filter(|kind| !self.events.contains(kind)));
        let note = "this forecaster was not trained with events of the kind";
        (!unknown.is_empty()).then(|| format!("{note} {unknown}: they change nothing; train it with them"))
    }

    /// `bars` as they would have been on ordinary days.
    pub fn ordinary(&self, bars: &Bars) -> Bars {
        if self.is_none() {
            return bars.clone();
        }
        let days = bars.days();
        bars.map(|bar| self.without(bar, &days))
    }

    /// `bar` as it would have been on an ordinary day.
    pub fn without(&self, bar: &Bar, days: &Days) -> Bar {
        self.changed(bar, days, -1.0)
    }

    /// `bar`, forecast as if its day were ordinary, on its day.
    pub fn of_day(&self, bar: &Bar, days: &Days) -> Bar {
        self.changed(bar, days, 1.0)
    }

    fn changed(&self, bar: &Bar, days: &Days, sign: f64) -> Bar {
        if self.is_none() {
            return *bar;
        }
        let (volume, range) = self.at(days, bar.date);
        let volume = if bar.volume > 0.0 { (bar.volume * (sign * volume).exp()).min(f64::MAX) } else { 0.0 };
        if bar.high == bar.low || range == 0.0 {
            // A day without range has none on any day.
            return Bar { volume, ..*bar };
        }
        let places = [position(bar, bar.open), position(bar, bar.close)];
        bar_within(bar.date, bar.close.ln(), (bar.high / bar.low).ln() * (sign * range).exp(), places, volume)
    }
}

/// Effects before the bars are looked at.
struct Prior {
    effects: DayEffects,
    /// Whether a parent knows them.
    of_a_parent: bool,
    /// For each kind of event whether the parent knows it.
    known: Vec<bool>,
}

impl DayEffects {
    /// Those of `parent` where it has them, else none, with numbers for all `kinds` of events.
    fn prior(parent: Option<&Self>, kinds: Vec<EventKind>) -> Prior {
        let parent = parent.filter(|parent| !parent.is_none());
        let place = |kind: &EventKind| parent?.events.iter().position(|own| own == kind);
        let of = |effects: fn(&Self) -> &Vec<f64>| {
            let days =
                parent.map_or(vec![0.0; KnownDay::REGRESSORS], |own| effects(own)[..KnownDay::REGRESSORS].to_vec());
            let two = |kind: &EventKind| -> [f64; 2] {
                let at = |i: usize| parent.and_then(|own| effects(own).get(i).copied()).unwrap_or_default();
                place(kind).map_or([0.0; 2], |place| [0, 1].map(|i| at(KnownDay::REGRESSORS + 2 * place + i)))
            };
            days.into_iter().chain(kinds.iter().flat_map(two)).collect()
        };
        let (volume, range) = (of(|own| &own.volume), of(|own| &own.range));
        let known = kinds.iter().map(|kind| place(kind).is_some()).collect();
        Prior { effects: Self { volume, range, events: kinds }, of_a_parent: parent.is_some(), known }
    }
}

impl Prior {
    /// Days of each kind that these effects count for beside a history of `rows` days.
    fn weights(&self, rows: usize) -> Vec<f64> {
        let more = if self.of_a_parent { 1.0 + PARENT_ROWS / rows.max(1) as f64 } else { 1.0 };
        let days = std::iter::repeat_n(PRIOR_DAYS * more, KnownDay::REGRESSORS);
        let event = |known: &bool| [if *known { PRIOR_DAYS * more } else { PRIOR_EVENTS }; 2];
        days.chain(self.known.iter().flat_map(event)).collect()
    }
}

/// Values of one series, and the regressors of their days.
type Known<'a> = (Vec<Option<f64>>, &'a [Vec<f64>]);

fn log_volume(bar: &Bar) -> Option<f64> {
    (bar.volume > 0.0).then(|| bar.volume.ln())
}

fn product(effects: &[f64], regressors: &[f64]) -> f64 {
    effects.iter().zip(regressors).map(|(effect, x)| effect * x).sum()
}

/// The effects of days on `series`, drawn towards `prior` as if that had been seen on so many days of each kind as its
/// weight says.
fn fitted(series: &[Known<'_>], prior: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut effects = prior.to_vec();
    for _ in 0..PASSES {
        let mut fit = LeastSquares::new(PAST + prior.len());
        for (place, (effect, weight)) in prior.iter().zip(weights).enumerate() {
            fit.draw(PAST + place, *effect, *weight);
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
fn add_rows(fit: &mut LeastSquares, values: &[Option<f64>], days: &[Vec<f64>], effects: &[f64]) {
    let mut past: Vec<f64> = Vec::with_capacity(values.len());
    for (value, regressors) in values.iter().zip(days) {
        let Some(value) = value else { continue };
        if past.len() >= MONTH {
            let mean = |days: usize| past[past.len() - days..].iter().sum::<f64>() / days as f64;
            let month = mean(MONTH);
            let mut row = vec![mean(1) - month, mean(WEEK) - month, 1.0];
            row.extend(regressors);
            fit.add(&row, value - month);
        }
        past.push(value - product(effects, regressors));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Calendar, Ticker};
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
        DayEffects::fit(&[(bars.as_slice(), bars.days())], prior)
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
        let volume = product(&effects.volume, &half_day().regressors());
        let range = product(&effects.range, &half_day().regressors());
        let without = product(&effects.volume, &ordinary.regressors());
        assert!(volume < without - 0.4 && range < -0.1, "{volume} {without} {range}");
    }

    /// Four times the volume and twice the range on each 63rd session, half of that on the next, after 40 such events.
    #[test]
    fn the_effect_of_an_event_is_learned_on_its_session_and_the_next_and_a_child_keeps_its_parents() {
        let plain = bars(2520, [0.5, 0.75]);
        let on = |place: usize| place % 63 == 30;
        let factors = |place: usize| match place {
            place if on(place) => (4.0, 2.0),
            place if place > 0 && on(place - 1) => (2.0, 2f64.sqrt()),
            _ => (1.0, 1.0),
        };
        let bar = |(place, bar): (usize, &Bar)| {
            let (volume, range) = factors(place);
            Bar { volume: bar.volume * volume, high: bar.low * ((bar.high / bar.low).ln() * range).exp(), ..*bar }
        };
        let rows: Vec<Bar> = plain.iter().enumerate().map(bar).collect();
        let earnings = EventKind::new("earnings").unwrap();
        let dates =
            rows.iter().enumerate().filter(|(place, _)| on(*place)).map(|(_, bar)| (bar.date, earnings.clone()));
        let events = std::sync::Arc::new(dates.collect::<crate::market::Events>());
        let bars = Bars::new(plain.ticker().clone(), rows).unwrap().with_events(Some(events));
        let effects = fit(&bars, None);
        assert!(effects.is_whole());
        let said = |effects: &DayEffects, place: usize| effects.at(&bars.days(), bars.as_slice()[place].date);
        let more = |place: usize| {
            let without = DayEffects { events: Vec::new(), ..effects.clone() };
            let (with, without) = (said(&effects, place), said(&without, place));
            (with.0 - without.0, with.1 - without.1)
        };
        // Drawn to no effect by 3 in 43.
        for (place, volume, range) in [(30, 4f64.ln(), 2f64.ln()), (31, 2f64.ln(), 2f64.ln() / 2.0), (32, 0.0, 0.0)] {
            let (own_volume, own_range) = more(place);
            assert!(
                (own_volume - volume * 40.0 / 43.0).abs() < 0.1,
                "{place}: volume {own_volume}, made with {volume}"
            );
            assert!((own_range - range * 40.0 / 43.0).abs() < 0.1, "{place}: range {own_range}, made with {range}");
        }
        let child = fit(&bars.last(100).with_events(None), Some(&effects));
        assert_eq!(child.events, [earnings], "nothing of its own, so what the parent knows");
        assert_relative_eq!(child.volume[KnownDay::REGRESSORS], effects.volume[KnownDay::REGRESSORS], epsilon = 0.01);
        let dates = [bars.last_day().unwrap()];
        assert!(effects.note(&bars.calendar().into(), &dates).unwrap().contains("knows earnings"));
        assert_eq!(effects.note(&bars.days(), &dates), None);
        let ahead = fit(&plain, None).note(&bars.days(), &[bars.as_slice()[30].date]).unwrap();
        assert!(ahead.contains("events of the kind earnings"), "{ahead}");
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
            assert!(effects.is_whole() && effects.at(&bars.days(), half_day().date) == (0.0, 0.0));
            assert_eq!(effects.ordinary(&bars), bars);
        }
    }

    proptest! {
        /// Taking the effects out and putting them back changes nothing, and closes never change.
        #[test]
        fn of_day_undoes_ordinary(bars in random_bars(60..61), sizes in prop::collection::vec(-1.0f64..1.0, 2 * KnownDay::REGRESSORS)) {
            let (volume, range) = sizes.split_at(KnownDay::REGRESSORS);
            let effects = DayEffects { volume: volume.to_vec(), range: range.to_vec(), events: Vec::new() };
            let (ordinary, days) = (effects.ordinary(&bars), bars.days());
            for (bar, ordinary) in bars.iter().zip(ordinary.iter()) {
                prop_assert!((ordinary.close / bar.close - 1.0).abs() < 1e-12);
                let back = effects.of_day(ordinary, &days);
                for (a, b) in [(back.open, bar.open), (back.high, bar.high), (back.low, bar.low), (back.volume, bar.volume)] {
                    prop_assert!((a - b).abs() <= 1e-9 * b.abs(), "{back:?} {bar:?}");
                }
            }
        }

        /// The effect of a day comes from its date alone.
        #[test]
        fn later_bars_move_no_ordinary_bar(bars in random_bars(60..61), cut in 20usize..59) {
            let effects = DayEffects { volume: vec![0.3; KnownDay::REGRESSORS], range: vec![-0.2; KnownDay::REGRESSORS], events: Vec::new() };
            let past = bars.between(None, Some(bars.as_slice()[cut - 1].date));
            prop_assert_eq!(effects.ordinary(&bars).as_slice()[..cut].to_vec(), effects.ordinary(&past).as_slice().to_vec());
        }
    }
}
