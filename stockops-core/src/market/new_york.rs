//! Holidays and half days of New York by rule, for the years of which exchange-hours has no list.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// First year for which the rules hold: Martin Luther King's day has been a holiday since.
pub(super) const FIRST_YEAR: i32 = 1998;

/// First year in which Juneteenth is a holiday.
const JUNETEENTH_SINCE: i32 = 2022;

/// First year in which July 3 is a half day where July 4 is a Thursday; before, July 5 was one.
const WEDNESDAY_SINCE: i32 = 2013;

/// Whether New York is closed on the weekday `date` for a holiday: rule 7.2 of the NYSE, a holiday on a Saturday kept on
/// the Friday before (but for New Year's day) and one on a Sunday on the Monday after.
pub(super) fn is_holiday(date: NaiveDate) -> bool {
    let (year, month, day, weekday) = (date.year(), date.month(), date.day(), date.weekday());
    let nth_monday = |n: u32| weekday == Weekday::Mon && day.div_ceil(7) == n;
    let observed = |month_of: u32, day_of: u32| {
        NaiveDate::from_ymd_opt(year, month_of, day_of).is_some_and(|holiday| match holiday.weekday() {
            Weekday::Sat => month_of != 1 && holiday.pred_opt() == Some(date),
            Weekday::Sun => holiday.succ_opt() == Some(date),
            _ => holiday == date,
        })
    };
    let fixed = observed(1, 1) || observed(7, 4) || observed(12, 25);
    let juneteenth = year >= JUNETEENTH_SINCE && observed(6, 19);
    let monday = match month {
        1 | 2 => nth_monday(3),
        5 => weekday == Weekday::Mon && day > 24,
        9 => nth_monday(1),
        _ => false,
    };
    let thanksgiving = month == 11 && weekday == Weekday::Thu && day.div_ceil(7) == 4;
    fixed || juneteenth || monday || thanksgiving || is_good_friday(date)
}

/// Whether New York closes at 13:00 on the session `date`: around Independence Day, after Thanksgiving, on Christmas Eve.
pub(super) fn is_half_day(date: NaiveDate) -> bool {
    let (year, day, weekday) = (date.year(), date.day(), date.weekday());
    match date.month() {
        7 if day == 3 => match weekday {
            Weekday::Mon | Weekday::Tue | Weekday::Thu => true,
            Weekday::Wed => year >= WEDNESDAY_SINCE,
            _ => false,
        },
        7 if day == 5 => weekday == Weekday::Fri && year < WEDNESDAY_SINCE,
        11 => weekday == Weekday::Fri && (23..=29).contains(&day),
        12 if day == 24 => weekday.num_days_from_monday() < 4,
        _ => false,
    }
}

/// Two days before Easter of the Gregorian calendar (the anonymous algorithm of Meeus, Jones and Butcher).
fn is_good_friday(date: NaiveDate) -> bool {
    if date.weekday() != Weekday::Fri || !matches!(date.month(), 3 | 4) {
        return false;
    }
    let year = date.year();
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let place = moon + sunday - 7 * late + 114;
    let easter = NaiveDate::from_ymd_opt(year, (place / 31) as u32, (place % 31 + 1) as u32);
    easter == date.checked_add_days(Days::new(2))
}
