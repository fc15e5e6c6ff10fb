//! `DriftMonitor`: what is usual against the newest bars, and the forecaster's record against its promises.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rayon::prelude::*;

use super::concept::{Point, Promise, WATCHED, points};
use super::cusum::Cusum;
use super::reference::stays;
use super::report::{Direction, DriftReport, Kind, Status, TestReport, TrailDay};
use super::rows::{Row, USUAL_DAYS, rows};
use super::test::{Values, WINDOW, values};
use super::words;
use super::{FieldOutcome, Health, LegacyDrift, Outcome, Reference, Retrain, RetrainPolicy, Test};
use crate::forecast::Field;
use crate::market::Bars;

/// Days that a report looks back on, by default.
const TRAIL_DAYS: usize = 250;

/// A fault in the bars is so many levels of alarm out, and a change by such a factor (in log units) all the same.
const BEYOND: f64 = 2.0;
pub(super) const FAULTS: [(Test, f64); 3] = [(Test::Variance, 3.4), (Test::Range, 1.4), (Test::Volume, 2.3)];

/// What a forecaster has done so far.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackRecord {
    /// Last day that the forecaster saw; outcomes up to it only tell how errors usually spread.
    pub since: NaiveDate,
    /// Its outcomes, by day. Only those one session ahead are watched, since those of more overlap.
    pub outcomes: Vec<Outcome>,
}

/// Watches one series.
///
/// Data drift: six [tests](Test) of the last 21 rows, with thresholds from the [`Reference`], so that an episode of alarm
/// begins less than once in 250 days where nothing has changed. Concept drift: five CUSUM charts of the forecaster's record.
///
/// # Example
///
/// ```
/// use stockops_core::drift::{DriftMonitor, Health, Reference};
/// use stockops_core::source::builtin_bars;
///
/// let bars = builtin_bars(&"^GSPC".parse()?)?.bars;
/// let calm = bars.between(None, "2017-12-31".parse().ok());
/// let monitor = DriftMonitor::new(Reference::of(&calm)?);
/// // April 2020, and no forecaster: the data are unusual, and nothing is known of a model.
/// let report = monitor.report(&bars, None, Default::default());
/// assert_eq!(report.health, Some(Health::Degraded));
/// assert!(!report.retrain.wanted);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DriftMonitor {
    reference: Reference,
    trail: usize,
}

/// What to report on, for [`reports`].
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// The monitor of the series.
    pub monitor: &'a DriftMonitor,
    /// Its bars.
    pub bars: &'a Bars,
    /// Its forecaster's record.
    pub track: Option<&'a TrackRecord>,
}

/// A report on each, on all threads; the order and the reports are those of one after the other.
pub fn reports(watched: &[Watched<'_>], now: DateTime<Utc>) -> Vec<DriftReport> {
    watched.par_iter().map(|one| one.monitor.report(one.bars, one.track, now)).collect()
}

impl DriftMonitor {
    /// Fewest bars of a report: 126 rows, and 20 before them.
    pub const MIN_BARS: usize = WINDOW + USUAL_DAYS;

    /// Watch a series that usually is as `reference` says.
    pub fn new(reference: Reference) -> Self {
        Self { reference, trail: TRAIL_DAYS }
    }

    /// Look back on so many days; at least 1, 250 by default.
    pub fn with_trail(self, days: usize) -> Self {
        Self { trail: days.max(1), ..self }
    }

    /// Report on the last of `bars`; `now` is the time that stands in the report.
    ///
    /// With fewer than [`MIN_BARS`](Self::MIN_BARS) the report is [skipped](Status::Skipped), and says why.
    pub fn report(&self, bars: &Bars, track: Option<&TrackRecord>, now: DateTime<Utc>) -> DriftReport {
        let (ticker, timestamp) = (bars.ticker().clone(), now.to_rfc3339_opts(SecondsFormat::Secs, true));
        if bars.len() < Self::MIN_BARS {
            let reason = format!("drift of {ticker} needs at least {} bars, got {}", Self::MIN_BARS, bars.len());
            return DriftReport::skipped(ticker, bars.last_day(), timestamp, reason);
        }
        let needed = self.trail.saturating_add(Self::MIN_BARS);
        let rows = rows(&bars.as_slice()[bars.len().saturating_sub(needed)..]);
        let values = values(&rows, &self.reference.usual, self.trail);
        let days: Vec<NaiveDate> = rows[rows.len() - values.len()..].iter().map(|row: &Row| row.day).collect();
        let charts: Vec<Chart> = track.map(charts).unwrap_or_default();
        let trail = self.trail(&days, &values, &charts);
        let health = trail.last().map(|day| day.health);
        let today = &values[values.len() - 1];
        let mut tests = self.data_tests(&days, &values);
        tests.extend(charts.iter().map(Chart::report));
        let scored = charts.iter().map(|chart| chart.points.len()).max().unwrap_or(0);
        let is_replayed = |outcome: &&Outcome| outcome.replayed && outcome.horizon == 1;
        let replayed = track.map_or(0, |track| {
            track.outcomes.iter().filter(|outcome| outcome.day > track.since).filter(is_replayed).count()
        });
        let legacy = LegacyDrift::of(bars);
        let mut report = DriftReport {
            status: Status::Ok,
            reason: None,
            health,
            summary: words::summary(health.unwrap_or_default(), self.is_broken(today), &tests, scored),
            drift_score: legacy.as_ref().map(|legacy| legacy.drift_score),
            volatility_index: legacy.as_ref().map(|legacy| legacy.volatility_index),
            feature_metrics: legacy.as_ref().map(|legacy| legacy.feature_metrics.clone()).unwrap_or_default(),
            tests,
            legacy,
            reference: Some((&self.reference).into()),
            scored,
            replayed,
            trail,
            ..DriftReport::skipped(ticker, bars.last_day(), timestamp, String::new())
        };
        report.retrain = self.merits(&report, &days);
        report
    }

    /// What would be done if nothing had been done before.
    fn merits(&self, report: &DriftReport, days: &[NaiveDate]) -> Retrain {
        RetrainPolicy::default().decide(report, days, &[], &[])
    }

    fn trail(&self, days: &[NaiveDate], values: &[Values], charts: &[Chart]) -> Vec<TrailDay> {
        let level = self.reference.alarm_level();
        let mut inside = false;
        let mut places = vec![0; charts.len()];
        let day = |(day, values): (&NaiveDate, &Values)| {
            let distance = self.reference.distance(values);
            inside = stays(inside, distance, level);
            let mut concept: Option<Cusum> = None;
            let mut lost = false;
            for (chart, place) in charts.iter().zip(&mut places) {
                *place += chart.points[*place..].iter().take_while(|point| point.day <= *day).count();
                let Some(point) = place.checked_sub(1).map(|place| chart.points[place]) else { continue };
                lost |= point.chart.is_alarm();
                if concept.is_none_or(|worst| ratio(&worst) < ratio(&point.chart)) {
                    concept = Some(point.chart);
                }
            }
            let health = match (lost || self.is_broken(values), inside) {
                (true, _) => Health::Critical,
                (false, true) => Health::Degraded,
                (false, false) => Health::Healthy,
            };
            TrailDay { day: *day, health, data: distance / level, concept: concept.as_ref().map(ratio) }
        };
        days.iter().zip(values).map(day).collect()
    }

    /// Whether a change is such as no market makes: an unadjusted split, another unit of volume, prices that stand still.
    fn is_broken(&self, values: &Values) -> bool {
        FAULTS.iter().any(|(test, least)| {
            values[*test as usize].is_some_and(|value| {
                let distance = self.reference.distance_of(*test, value).unwrap_or(0.0);
                distance > BEYOND * self.reference.alarm_level() && value.abs() > *least
            })
        })
    }

    fn data_tests(&self, days: &[NaiveDate], values: &[Values]) -> Vec<TestReport> {
        Test::ALL.into_iter().map(|test| self.data_test(test, days, values)).collect()
    }

    fn data_test(&self, test: Test, days: &[NaiveDate], values: &[Values]) -> TestReport {
        let level = self.reference.alarm_level();
        let distance = |values: &Values| self.reference.distance_of(test, values[test as usize]?);
        let today = values[values.len() - 1][test as usize];
        let words = format!("{} is unknown on most days, now or in the reference", test.field());
        let blank = TestReport::untested(test.to_string(), Kind::Data, test.field(), words);
        let (Some(value), Some(p)) = (today, today.and_then(|value| self.reference.p(test, value))) else {
            return blank;
        };
        let mut since = None;
        for (day, values) in days.iter().zip(values) {
            let alarm = stays(since.is_some(), distance(values).unwrap_or(0.0), level);
            since = alarm.then(|| since.unwrap_or(*day));
        }
        let median = self.reference.middle(test).unwrap_or(value);
        TestReport {
            statistic: Some(value),
            threshold: self.reference.threshold(test, value),
            p: Some(p),
            direction: Some(if value >= median { Direction::Up } else { Direction::Down }),
            alarm: since.is_some(),
            since,
            words: words::of_data(test, value, median, p, since.is_some()),
            ..blank
        }
    }
}

/// One chart of the record with all that its report needs.
struct Chart {
    promise: Promise,
    field: Field,
    points: Vec<Point>,
    outcomes: Vec<FieldOutcome>,
}

fn charts(track: &TrackRecord) -> Vec<Chart> {
    let mut watched: Vec<&Outcome> = track.outcomes.iter().filter(|outcome| outcome.horizon == 1).collect();
    watched.sort_by_key(|outcome| outcome.day);
    let chart = |(promise, field): (Promise, Field)| {
        let own = watched.iter().filter(|outcome| outcome.day > track.since);
        let outcomes = own.filter_map(|outcome| outcome.fields.get(&field)).copied().collect();
        Chart { promise, field, points: points(&watched, track.since, promise, field), outcomes }
    };
    WATCHED.into_iter().map(chart).collect()
}

impl Chart {
    fn report(&self) -> TestReport {
        let words = format!("too few scored forecasts to watch the {} of {}", self.promise, self.field);
        let blank = TestReport::untested(
            format!("{}_{}", self.promise, self.field),
            Kind::Concept,
            self.field.to_string(),
            words,
        );
        let Some(last) = self.points.last() else { return blank };
        let before = self.points.iter().rev().take_while(|point| point.chart.is_alarm()).last();
        TestReport {
            statistic: Some(last.chart.sum()),
            threshold: Some(last.chart.threshold()),
            direction: (last.chart.sum() > 0.0).then_some(Direction::Up),
            alarm: last.chart.is_alarm(),
            since: before.map(|point| point.day),
            words: words::of_concept(self.promise, self.field, &self.outcomes),
            ..blank
        }
    }
}

fn ratio(chart: &Cusum) -> f64 {
    chart.sum() / chart.threshold()
}
