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
