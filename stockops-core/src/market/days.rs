//! `Days`: what is known of sessions before they come, by the calendar and by events that somebody gave.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::events::{EventDays, When};
use super::{Calendar, EventKind, Events, KnownDay};

/// What is known of the sessions of one ticker before they come: the [calendar](Calendar), and [events](Events) where
/// somebody gave them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Days {
    calendar: Calendar,
    events: Option<Arc<EventDays>>,
}

impl From<Calendar> for Days {
    /// A calendar without events.
    fn from(calendar: Calendar) -> Self {
        Self { calendar, events: None }
    }
}

impl Days {
    /// A calendar with events.
    pub fn new(calendar: Calendar, events: &Events) -> Self {
        Self { calendar, events: Some(Arc::new(events.on_sessions(&calendar))) }
    }

    /// The days of trading.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// What anyone knows of the session on `date`.
    pub fn known_day(&self, date: NaiveDate) -> KnownDay {
        self.calendar.known_day(date)
    }

    /// Whether somebody gave events, be it none.
    pub fn has_events(&self) -> bool {
        self.events.is_some()
    }

    /// The kinds of events that count for one of the sessions on `dates`.
    pub(crate) fn kinds(&self, dates: impl Iterator<Item = NaiveDate>) -> BTreeSet<EventKind> {
        dates.flat_map(|date| self.of(date)).map(|(kind, _)| kind.clone()).collect()
    }

    /// Whether an event of `kind` counts for the session on `date`, as 1 or 0: on its day, and on the day after.
    pub(crate) fn event(&self, date: NaiveDate, kind: &EventKind) -> [f64; 2] {
        let is = |when: When| self.of(date).iter().any(|(own, at)| own == kind && *at == when);
        [When::On, When::After].map(|when| f64::from(u8::from(is(when))))
    }

    fn of(&self, date: NaiveDate) -> &[(EventKind, When)] {
        self.events.as_ref().map_or(&[], |events| events.of(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(events: &[(&str, &str)]) -> Days {
        let events = events.iter().map(|(date, kind)| (date.parse().unwrap(), EventKind::new(kind).unwrap()));
        Days::new("XNYS".parse().unwrap(), &events.collect())
    }

    #[test]
    fn an_event_counts_for_its_session_and_the_next_one() {
        let earnings = EventKind::new("earnings").unwrap();
        let days = days(&[("2024-04-25", "earnings"), ("2024-03-29", "earnings"), ("2024-04-26", "split")]);
        let of = |date: &str| days.event(date.parse().unwrap(), &earnings);
        // A Thursday; a Friday; Good Friday, which is closed, so Monday and Tuesday.
        assert_eq!([of("2024-04-25"), of("2024-04-26"), of("2024-04-29")], [[1.0, 0.0], [0.0, 1.0], [0.0; 2]]);
        assert_eq!([of("2024-03-28"), of("2024-04-01"), of("2024-04-02")], [[0.0; 2], [1.0, 0.0], [0.0, 1.0]]);
        let friday = std::iter::once("2024-04-26".parse().unwrap());
        assert_eq!(days.kinds(friday).len(), 2);
        assert!(days.has_events() && !Days::from(*days.calendar()).has_events());
    }
}
