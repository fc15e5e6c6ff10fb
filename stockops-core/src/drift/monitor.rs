//! `DriftMonitor`: what is usual against the newest bars, and the forecaster's record against its promises.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rayon::prelude::*;

use super::charts::{Chart, charts};
use super::cusum::Cusum;
use super::episode::{Episode, LONGEST};
use super::report::{Direction, DriftReport, Kind, Status, TestReport, TrailDay};
use super::rows::rows;
use super::test::{Values, WINDOW, values};
use super::{Health, LegacyDrift, Outcome, Reference, RetrainPolicy, Test, TrackRecord, fault, words};
use crate::dataset::USUAL_DAYS;
use crate::market::Bars;

/// Days that a report shows, by default.
const TRAIL_DAYS: usize = 250;

/// Days among which the first of an alarm is looked for.
const SINCE_DAYS: usize = 250;

/// Watches one series.
///
/// Data drift: six [tests](Test) of the last 21 rows, with thresholds from the [`Reference`], so that an episode of alarm
/// begins less than once in 250 days where nothing has changed. Concept drift: five CUSUM charts of the forecaster's record.
///
/// What is said of a day follows from the bars and the record up to it: neither the days that are shown nor bars older than
/// the last [`SETTLED_BARS`](Self::SETTLED_BARS) change it. A reference may be that of another ticker, such as the
/// parent's, since no test depends on scale; then the summary says so.
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

    /// Bars that settle a report: older ones change nothing in it. They are those of one day's tests (146), those of the
    /// longest episode (126), and the 250 days among which the first of an alarm is looked for.
    pub const SETTLED_BARS: usize = Self::MIN_BARS + LONGEST + SINCE_DAYS;

    /// Watch a series that usually is as `reference` says.
    pub fn new(reference: Reference) -> Self {
        Self { reference, trail: TRAIL_DAYS }
    }

    /// Show so many days; at least 1, 250 by default.
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
        let days = self.days(bars);
        let charts: Vec<Chart> = track.map(charts).unwrap_or_default();
        let trail = self.trail(&days, &charts);
        let health = trail.last().map(|day| day.health);
        let tests: Vec<TestReport> =
            Test::ALL.into_iter().map(|test| self.test(test, &days)).chain(charts.iter().map(Chart::report)).collect();
        let scored = charts.iter().map(Chart::scored).max().unwrap_or(0);
        let broken = days.last().is_some_and(|(_, values)| fault::is_broken(&self.reference, values));
        let mut summary = words::summary(health.unwrap_or_default(), broken, &tests, scored);
        if self.reference.ticker != ticker {
            summary += &words::of_reference(&self.reference.ticker, &ticker);
        }
        let legacy = LegacyDrift::of(bars);
        let mut report = DriftReport {
            status: Status::Ok,
            reason: None,
            health,
            summary,
            drift_score: legacy.as_ref().map(|legacy| legacy.drift_score),
            volatility_index: legacy.as_ref().map(|legacy| legacy.volatility_index),
            feature_metrics: legacy.as_ref().map(|legacy| legacy.feature_metrics.clone()).unwrap_or_default(),
            tests,
            legacy,
            reference: Some((&self.reference).into()),
            scored,
            replayed: track.map_or(0, replayed),
            trail,
            ..DriftReport::skipped(ticker, bars.last_day(), timestamp, String::new())
        };
        // What would be done if nothing had been done before.
        let sessions: Vec<NaiveDate> = bars.iter().map(|bar| bar.date).collect();
        report.retrain = RetrainPolicy::default().decide(&report, &sessions, &[], &[]);
        report
    }

    /// The last days with the values of their tests: those that are shown or looked through, and before them as many as an
    /// episode can last.
    fn days(&self, bars: &Bars) -> Vec<(NaiveDate, Values)> {
        let days = self.trail.max(SINCE_DAYS).saturating_add(LONGEST);
        let needed = days.saturating_add(Self::MIN_BARS);
        let rows = rows(&bars.as_slice()[bars.len().saturating_sub(needed)..]);
        let values = values(&rows, &self.reference.usual, days);
        rows[rows.len() - values.len()..].iter().map(|row| row.day).zip(values).collect()
    }

    /// The verdict on each day that is shown.
    fn trail(&self, days: &[(NaiveDate, Values)], charts: &[Chart]) -> Vec<TrailDay> {
        let level = self.reference.alarm_level();
        let mut episode = Episode::new(level);
        let day = |(day, values): &(NaiveDate, Values)| {
            let distance = self.reference.distance(values);
            let unusual = episode.push(distance);
            let charts = || charts.iter().filter_map(|chart| chart.on(*day));
            let critical = charts().any(Cusum::is_alarm) || fault::is_broken(&self.reference, values);
            let health = match (critical, unusual) {
                (true, _) => Health::Critical,
                (false, true) => Health::Degraded,
                (false, false) => Health::Healthy,
            };
            let concept = charts().map(|chart| chart.sum() / chart.threshold()).reduce(f64::max);
            TrailDay { day: *day, health, data: distance / level, concept }
        };
        let all: Vec<TrailDay> = days.iter().map(day).collect();
        all[all.len().saturating_sub(self.trail)..].to_vec()
    }

    /// One test of the bars today, with the first day of its alarm.
    fn test(&self, test: Test, days: &[(NaiveDate, Values)]) -> TestReport {
        let words = format!("{} is unknown on most days, now or in the reference", test.field());
        let untested = TestReport::untested(test.to_string(), Kind::Data, test.field(), words);
        let today = days.last().and_then(|(_, values)| values[test as usize]);
        let (Some(value), Some(p)) = (today, today.and_then(|value| self.reference.p(test, value))) else {
            return untested;
        };
        let since = self.since(test, days);
        let median = self.reference.median(test).unwrap_or(value);
        TestReport {
            statistic: Some(value),
            threshold: self.reference.threshold(test, value),
            p: Some(p),
            direction: Some(if value >= median { Direction::Up } else { Direction::Down }),
            alarm: since.is_some(),
            since,
            words: words::of_data(test, value, median, p, since.is_some()),
            ..untested
        }
    }

    /// First day of the episode of one test that today belongs to, among the last 250.
    fn since(&self, test: Test, days: &[(NaiveDate, Values)]) -> Option<NaiveDate> {
        let mut episode = Episode::new(self.reference.alarm_level());
        let distance = |values: &Values| self.reference.distance_of(test, values[test as usize]?);
        let alarm = |(day, values): &(NaiveDate, Values)| (*day, episode.push(distance(values).unwrap_or(0.0)));
        let alarms: Vec<(NaiveDate, bool)> = days.iter().map(alarm).collect();
        let unbroken = alarms.iter().rev().take(SINCE_DAYS).take_while(|(_, alarm)| *alarm);
        unbroken.last().map(|(day, _)| *day)
    }
}

/// Watched outcomes that were replayed.
fn replayed(track: &TrackRecord) -> usize {
    let is_replayed = |outcome: &&Outcome| outcome.replayed && outcome.horizon == 1 && outcome.day > track.since;
    track.outcomes.iter().filter(is_replayed).count()
}
