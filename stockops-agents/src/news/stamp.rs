//! `Stamp`: when something was published, and from when on it was surely known.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

/// When something was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// As a reader sees it; the last second of the day for a day without a time.
    pub(super) published: DateTime<Utc>,
    /// From when on it was known, whatever the zone in which it was written.
    pub(super) known: DateTime<Utc>,
}

/// How far behind UTC the last place on Earth is: a time without a zone is over everywhere after this.
const LAST_ZONE: TimeDelta = TimeDelta::hours(12);

/// Years that a stamp may be of; what lies outside is no date but a number of another kind.
const YEARS: std::ops::RangeInclusive<i32> = 1980..=2200;

impl Stamp {
    /// The stamp that `value` is, as text or as a number since 1970; none where it is none.
    ///
    /// | written | known from |
    /// | --- | --- |
    /// | RFC 3339 or 2822 with its zone; seconds, milli-, micro- or nanoseconds since 1970 | that moment |
    /// | date and time without a zone | that time in the last zone on Earth, 12 hours behind UTC |
    /// | a day alone: `2026-01-05`, `20260105`, `January 5, 2026` | the end of that day in the last zone |
    ///
    /// `01/05/2026` may be two days and `2 hours ago` is none: both are refused.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let stamp = match value {
            Value::Number(number) => number.as_f64().and_then(counted).or_else(|| written(&number.to_string())),
            Value::String(text) => written(text.trim()),
            _ => None,
        };
        stamp.filter(|stamp| YEARS.contains(&stamp.published.year()))
    }

    /// With a zone.
    pub(super) fn at(moment: DateTime<Utc>) -> Self {
        Self { published: moment, known: moment }
    }

    /// Without a zone.
    fn local(time: NaiveDateTime) -> Self {
        Self { published: time.and_utc(), known: time.and_utc() + LAST_ZONE }
    }

    /// Without a time.
    fn on(day: NaiveDate) -> Option<Self> {
        let over = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
        Some(Self { published: over.and_utc() - TimeDelta::seconds(1), known: over.and_utc() + LAST_ZONE })
    }
}

/// A text.
fn written(text: &str) -> Option<Stamp> {
    const ZONED: [&str; 4] =
        ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y%m%dT%H%M%S%#z"];
    const LOCAL: [&str; 5] =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%S"];
    const DAYS: [&str; 5] = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%B %d, %Y", "%d %B %Y"];
    let zoned = || {
        let known = DateTime::parse_from_rfc2822(text).ok();
        known.or_else(|| ZONED.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()))
    };
    let utc = || text.strip_suffix(" UTC").or(text.strip_suffix('Z')).and_then(|text| first(&LOCAL, text));
    if let Some(moment) = zoned().map(|moment| moment.to_utc()).or_else(|| utc().map(|time| time.and_utc())) {
        return Some(Stamp::at(moment));
    }
    if let Some(time) = first(&LOCAL, text) {
        return Some(Stamp::local(time));
    }
    let is_number = text.len() != 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number {
        return text.parse().ok().and_then(counted);
    }
    DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok()).and_then(Stamp::on)
}

fn first(forms: &[&str], text: &str) -> Option<NaiveDateTime> {
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

/// Seconds since 1970 or a thousandth, millionth or billionth of them; none before 1980, where zeros and days as numbers lie.
fn counted(number: f64) -> Option<Stamp> {
    const FROM: f64 = 315_532_800.0;
    // 10^11 s is the year 5138, and 10^11 ms is 1973.
    let per_second = [(1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)];
    let unit = per_second.iter().find(|(below, _)| number < *below)?.1;
    let seconds = (number / unit).floor();
    if seconds < FROM { None } else { DateTime::from_timestamp(seconds as i64, 0).map(Stamp::at) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(value: Value) -> Option<String> {
        Stamp::of(&value).map(|stamp| stamp.known.format("%Y-%m-%dT%H:%M:%S").to_string())
    }

    #[test]
    fn a_moment_with_its_zone_is_that_moment() {
        // 2026-01-05 15:30:00 in UTC is 1767627000 by `date -u -d @1767627000`.
        let same = [
            json!(1_767_627_000),
            json!(1_767_627_000.0),
            json!("1767627000"),
            json!(1_767_627_000_000_u64),
            json!("1767627000000"),
            json!(1_767_627_000_000_000_u64),
            json!("2026-01-05T15:30:00Z"),
            json!("2026-01-05T10:30:00-05:00"),
            json!("2026-01-05T15:30:00.000+0000"),
            json!("2026-01-05 10:30:00-05:00"),
            json!("2026-01-05 15:30:00 UTC"),
            json!("Mon, 05 Jan 2026 15:30:00 GMT"),
            json!("Mon, 05 Jan 2026 10:30:00 -0500"),
        ];
        for value in same {
            assert_eq!(known(value.clone()).as_deref(), Some("2026-01-05T15:30:00"), "{value}");
        }
    }

    #[test]
    fn without_a_zone_it_is_known_when_it_was_over_everywhere() {
        for value in ["2026-01-05T15:30:00", "2026-01-05 15:30:00", "2026-01-05 15:30", "20260105T153000"] {
            assert_eq!(known(json!(value)).as_deref(), Some("2026-01-06T03:30:00"), "{value}");
        }
    }

    #[test]
    fn a_day_counts_from_its_end_and_is_shown_as_that_day() {
        for value in [json!("2026-01-05"), json!("2026/01/05"), json!("20260105"), json!(20_260_105)] {
            assert_eq!(known(value.clone()).as_deref(), Some("2026-01-06T12:00:00"), "{value}");
        }
        for value in ["January 5, 2026", "Jan 5, 2026", "5 January 2026"] {
            assert_eq!(known(json!(value)).as_deref(), Some("2026-01-06T12:00:00"), "{value}");
        }
        let shown = Stamp::of(&json!("2026-01-05")).unwrap().published;
        assert_eq!(shown.to_rfc3339(), "2026-01-05T23:59:59+00:00");
    }

    #[test]
    fn what_is_no_date_or_may_be_two_is_none() {
        let none = [
            json!(null),
            json!(0),
            json!(-1),
            json!(7),
            json!(""),
            json!("0"),
            json!("01/05/2026"),
            json!("2 hours ago"),
            json!("yesterday"),
            json!("2026-02-30"),
            json!("9999-12-31"),
            json!(1e300),
            json!({"date": 1}),
            json!([1_767_627_000]),
            json!(true),
        ];
        for value in none {
            assert_eq!(known(value.clone()), None, "{value}");
        }
    }
}
