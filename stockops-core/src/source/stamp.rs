//! `Stamp`: what a cell of the date column means.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

/// What a cell of the date column means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stamp {
    Day(NaiveDate),
    /// A time without a zone.
    Local(NaiveDateTime),
    Instant(DateTime<FixedOffset>),
}

impl Stamp {
    /// Its day, on the clock that it was written by.
    pub(super) fn date(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Local(time) => time.date(),
            Self::Instant(instant) => instant.date_naive(),
        }
    }
}
