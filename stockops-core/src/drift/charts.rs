//! The charts of a forecaster's record, day by day and as tests of a report.

use chrono::NaiveDate;

use super::concept::{Point, Promise, WATCHED, points};
use super::cusum::Cusum;
use super::report::{Direction, Kind, TestReport};
use super::{FieldOutcome, Outcome, TrackRecord, words};
use crate::forecast::Field;

/// One chart of the record, with the outcomes that its words speak of.
pub(super) struct Chart {
    promise: Promise,
    field: Field,
    points: Vec<Point>,
    outcomes: Vec<FieldOutcome>,
}

/// All charts of `track`.
pub(super) fn charts(track: &TrackRecord) -> Vec<Chart> {
    let mut next_day: Vec<&Outcome> = track.outcomes.iter().filter(|outcome| outcome.horizon == 1).collect();
    next_day.sort_by_key(|outcome| outcome.day);
    let chart = |(promise, field): (Promise, Field)| {
        let watched = next_day.iter().filter(|outcome| outcome.day > track.since);
        let outcomes = watched.filter_map(|outcome| outcome.fields.get(&field)).copied().collect();
        Chart { promise, field, points: points(&next_day, track.since, promise, field), outcomes }
    };
    WATCHED.into_iter().map(chart).collect()
}

impl Chart {
    /// Scores that it has seen.
    pub(super) fn scored(&self) -> usize {
        self.points.len()
    }

    /// The chart as it stood at the end of `day`; `None` before its first score.
    pub(super) fn on(&self, day: NaiveDate) -> Option<&Cusum> {
        let scored = self.points.partition_point(|point| point.day <= day);
        Some(&self.points[scored.checked_sub(1)?].chart)
    }

    /// The chart today as a test.
    pub(super) fn report(&self) -> TestReport {
        let name = format!("{}_{}", self.promise, self.field);
        let words = format!("too few scored forecasts to watch the {} of {}", self.promise, self.field);
        let untested = TestReport::untested(name, Kind::Concept, self.field.to_string(), words);
        let Some(Point { chart, .. }) = self.points.last() else { return untested };
        let in_alarm = self.points.iter().rev().take_while(|point| point.chart.is_alarm());
        TestReport {
            statistic: Some(chart.sum()),
            threshold: Some(chart.threshold()),
            direction: (chart.sum() > 0.0).then_some(Direction::Up),
            alarm: chart.is_alarm(),
            since: in_alarm.last().map(|point| point.day),
            words: words::of_concept(self.promise, self.field, &self.outcomes),
            ..untested
        }
    }
}
