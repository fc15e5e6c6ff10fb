//! `Zone`: the clock of an exchange, and the day of a row on it.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::shape::Meta;

/// The time of `seconds` of Unix, from about 1870 to 2920: far beyond any market local clocks overflow.
pub(super) fn instant(seconds: i64) -> Option<DateTime<Utc>> {
    let is_possible = (-3_000_000_000..=30_000_000_000).contains(&seconds);
    DateTime::from_timestamp(seconds, 0).filter(|_| is_possible)
}

/// The clock of the exchange.
#[derive(Debug)]
pub(super) enum Zone {
    Named(Tz),
    Offset(FixedOffset),
}

impl Zone {
    pub(super) fn of(meta: &Meta) -> Self {
        let named = meta.exchange_timezone_name.as_deref().and_then(|name| name.parse().ok());
        let offset = meta.gmtoffset.and_then(FixedOffset::east_opt).map(Self::Offset);
        named.map(Self::Named).or(offset).unwrap_or(Self::Named(Tz::UTC))
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Named(zone) => zone.name().to_owned(),
            Self::Offset(offset) => offset.to_string(),
        }
    }

    fn local(&self, seconds: i64) -> Option<NaiveDateTime> {
        let instant = instant(seconds)?.naive_utc();
        Some(match self {
            Self::Named(zone) => zone.from_utc_datetime(&instant).naive_local(),
            Self::Offset(offset) => offset.from_utc_datetime(&instant).naive_local(),
        })
    }

    pub(super) fn day(&self, seconds: i64) -> Option<NaiveDate> {
        Some(self.local(seconds)?.date())
    }

    /// The day of a row. Days are marked by midnight or by the opening; where the source took summer time for winter time
    /// they stand an hour or two before midnight. The live row stands at the time of its last trade.
    pub(super) fn row_day(&self, seconds: i64, is_live: bool) -> Option<NaiveDate> {
        let local = self.local(seconds)?;
        let is_early = local.hour() >= 22 && local.minute() == 0 && local.second() == 0 && !is_live;
        if is_early { local.date().succ_opt() } else { Some(local.date()) }
    }
}
