//! `Events`: days of one ticker that somebody knows beforehand, such as those on which it reports its earnings.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Calendar;
use crate::error::{Result, check};

/// Longest word of a kind.
const MOST_LETTERS: usize = 32;

/// What happens, in one word: `earnings`, `split`, `investor_day`. Lower case; letters, digits, `-` and `_`, at most 32.
///
/// ```
/// use stockops_core::market::EventKind;
///
/// assert_eq!(EventKind::new(" Investor Day ")?.as_str(), "investor_day");
/// assert!(EventKind::new("").is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventKind(String);

impl EventKind {
    /// Check a word; spaces within it become `_`. [`Error::Config`](crate::Error::Config) for any other.
    pub fn new(word: &str) -> Result<Self> {
        let kind = word.trim().to_lowercase().replace(' ', "_");
        let plain = kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let rule = "a word of 1 to 32 letters, digits, - and _";
        check(plain && (1..=MOST_LETTERS).contains(&kind.len()), "kind of an event", rule, format!("{word:?}"))?;
        Ok(Self(kind))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EventKind {
    type Error = crate::Error;

    fn try_from(word: String) -> Result<Self> {
        Self::new(&word)
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.0
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Events of one ticker, past ones and ones to come.
///
/// An event counts for the session of its day, or for the next one where the exchange is closed, and for the session after
/// that: what comes after the close moves the next day. Whoever gives them says that they were known beforehand; a day that
/// was named only afterwards, such as that of a takeover bid, would let a test see the future.
///
/// # Example
///
/// ```
/// use stockops_core::market::{EventKind, Events};
///
/// let earnings = EventKind::new("earnings")?;
/// let events: Events = [("2024-04-25".parse().unwrap(), earnings)].into_iter().collect();
/// assert_eq!(events.len(), 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events(Vec<(NaiveDate, EventKind)>);

impl FromIterator<(NaiveDate, EventKind)> for Events {
    fn from_iter<I: IntoIterator<Item = (NaiveDate, EventKind)>>(events: I) -> Self {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort();
        events.dedup();
        Self(events)
    }
}

impl Events {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// They in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (NaiveDate, &EventKind)> {
        self.0.iter().map(|(date, kind)| (*date, kind))
    }

    /// They by the sessions that they count for.
    pub(super) fn on_sessions(&self, calendar: &Calendar) -> EventDays {
        let mut days = EventDays::default();
        for (date, kind) in self.iter() {
            let before = date.pred_opt().unwrap_or(date);
            for (session, when) in calendar.next_sessions(before, 2).iter().zip([When::On, When::After]) {
                days.0.entry(session.date).or_default().push((kind.clone(), when));
            }
        }
        days
    }
}

/// Whether a session is that of an event or the one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum When {
    On,
    After,
}

/// Events by session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct EventDays(BTreeMap<NaiveDate, Vec<(EventKind, When)>>);

impl EventDays {
    /// Those that count for the session on `date`.
    pub(super) fn of(&self, date: NaiveDate) -> &[(EventKind, When)] {
        self.0.get(&date).map_or(&[], Vec::as_slice)
    }
}
