//! `Week`: the days of the week on which a market trades.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};

/// Days of the week as bits, Monday the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Week(u8);

/// Names from Monday on.
const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Days before the last row from which the week is learned: a change of week is then known after two months.
const LEARNED_FROM: i64 = 60;

impl Week {
    /// Most of the world.
    pub(super) const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);
    /// The Gulf, Cairo, and Tel Aviv until 2026.
    pub(super) const SUNDAY_TO_THURSDAY: Self = Self(0b100_1111);
    /// Coins.
    pub(super) const EVERY_DAY: Self = Self(0b111_1111);
    /// Weeks that some market has, the likeliest first: futures and currencies open on Sunday evening, some Asian
    /// markets traded on Saturdays, Tehran and old Riyadh begin on Saturday.
    const KNOWN: [Self; 6] = [
        Self::MONDAY_TO_FRIDAY,
        Self::SUNDAY_TO_THURSDAY,
        Self(0b101_1111),
        Self(0b011_1111),
        Self(0b110_0111),
        Self::EVERY_DAY,
    ];

    /// Whether the weekday of `date` is one of its days.
    pub(super) fn has(self, date: NaiveDate) -> bool {
        self.0 & bit(date) != 0
    }

    /// The days of the week that `dates` fall on.
    pub(super) fn of(dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self(dates.into_iter().fold(0, |days, date| days | bit(date)))
    }

    /// Whether all days of `other` are days of this week.
    pub(super) fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The likeliest week of a series with rows on `dates`, which ascend: the last two months decide, and a day of the
    /// week that has one row among many was a special session.
    pub(super) fn seen(dates: &[NaiveDate]) -> Self {
        let Some(last) = dates.last() else { return Self::MONDAY_TO_FRIDAY };
        let recent = dates.iter().rev().take_while(|date| (*last - **date).num_days() <= LEARNED_FROM);
        let mut counts = [0usize; 7];
        recent.for_each(|date| counts[date.weekday().num_days_from_monday() as usize] += 1);
        let rare = if counts.iter().sum::<usize>() > 20 { 1 } else { 0 };
        let usual = counts.iter().enumerate().filter(|(_, count)| **count > rare);
        let days = Self(usual.fold(0, |days, (weekday, _)| days | 1 << weekday));
        Self::KNOWN.into_iter().find(|week| week.holds(days)).unwrap_or(Self::EVERY_DAY)
    }
}

fn bit(date: NaiveDate) -> u8 {
    1 << date.weekday().num_days_from_monday()
}

/// The name of a day of the week.
pub(super) fn name(day: Weekday) -> &'static str {
    NAMES[day.num_days_from_monday() as usize]
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::EVERY_DAY => f.write_str("every day"),
            Self::MONDAY_TO_FRIDAY => f.write_str("Monday to Friday"),
            Self::SUNDAY_TO_THURSDAY => f.write_str("Sunday to Thursday"),
            Self(days) => {
                let names: Vec<&str> = (0..7).filter(|i| days & 1 << i != 0).map(|i| NAMES[i]).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(texts: &[&str]) -> Vec<NaiveDate> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_week_follows_the_days_that_are_seen() {
        // Sunday, Tuesday, Wednesday, Thursday, Sunday: Monday is not seen and still likely.
        let tel_aviv = days(&["2025-06-01", "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-08"]);
        assert_eq!(Week::seen(&tel_aviv), Week::SUNDAY_TO_THURSDAY);
        assert_eq!(Week::seen(&days(&["2025-02-13", "2025-02-14", "2025-02-15", "2025-02-16"])), Week::EVERY_DAY);
        assert_eq!(Week::seen(&days(&["2024-05-01", "2024-05-02"])), Week::MONDAY_TO_FRIDAY);
        assert_eq!(Week::seen(&[]), Week::MONDAY_TO_FRIDAY);
    }

    #[test]
    fn one_special_saturday_makes_no_week_and_an_old_week_is_forgotten() {
        let from: NaiveDate = "2024-01-01".parse().unwrap();
        let weekdays = |week: Week| from.iter_days().take(120).filter(move |date| week.has(*date));
        let mut mumbai: Vec<NaiveDate> = weekdays(Week::MONDAY_TO_FRIDAY).collect();
        mumbai.push("2024-03-02".parse().unwrap());
        mumbai.sort();
        assert_eq!(Week::seen(&mumbai), Week::MONDAY_TO_FRIDAY);
        let changed = from.pred_opt().unwrap().iter_days().take(400).enumerate();
        let changed: Vec<NaiveDate> = changed
            .filter(
                |(i, date)| {
                    if *i < 300 { Week::SUNDAY_TO_THURSDAY.has(*date) } else { Week::MONDAY_TO_FRIDAY.has(*date) }
                },
            )
            .map(|(_, date)| date)
            .collect();
        assert_eq!(Week::seen(&changed), Week::MONDAY_TO_FRIDAY);
    }
}
