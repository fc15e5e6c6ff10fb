//! How a text writes numbers, months and words in each [`Language`] that the checker reads.

use chrono::{Datelike, NaiveDate};

use crate::language::Language;

/// Months in English.
pub(super) const ENGLISH: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const GERMAN: [&str; 12] = [
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
];
const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

impl Language {
    /// Languages whose numbers, months and words the checker reads; it reads all others as English.
    pub const CHECKED: [Self; 4] = [Self::ENGLISH, Self::GERMAN, Self::FRENCH, Self::SPANISH];

    /// The language that its numbers, months and words are read as.
    pub(super) fn as_checked(self) -> Self {
        if Self::CHECKED.contains(&self) { self } else { Self::ENGLISH }
    }

    /// Whether decimals stand behind a comma.
    pub(super) fn has_decimal_comma(self) -> bool {
        matches!(self, Self::GERMAN | Self::FRENCH | Self::SPANISH)
    }

    /// `day` as a report writes it: `7. August 2020` in German, `2020-08-07` in the others.
    pub(super) fn date(self, day: NaiveDate) -> String {
        let Self::GERMAN = self else { return day.to_string() };
        let month = GERMAN[day.month0() as usize];
        let (first, rest) = month.split_at(1);
        format!("{}. {}{rest} {}", day.day(), first.to_uppercase(), day.year())
    }

    /// What stands before a number that is a bound.
    pub(super) fn less_and_more(self) -> [&'static str; 2] {
        match self {
            Self::GERMAN => ["weniger als", "mehr als"],
            _ => ["less than", "more than"],
        }
    }

    /// The month, from 1, that `word` in small letters names, whole or shortened.
    pub(super) fn month(self, word: &str) -> Option<u32> {
        let own = match self {
            Self::GERMAN => GERMAN,
            Self::FRENCH => FRENCH,
            Self::SPANISH => SPANISH,
            _ => ENGLISH,
        };
        [own, ENGLISH].iter().find_map(|names| {
            let named = |name: &&str| {
                **name == *word
                    || (word.chars().count() >= 3 && name.starts_with(word))
                    || (word == "sept" && name.starts_with("sep"))
            };
            names.iter().position(named).map(|index| index as u32 + 1)
        })
    }
}
