//! `Language`: how a text writes numbers, months and words.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use crate::error::{Error, Result};

/// A language whose numbers, months and words the checker reads.
///
/// A report may be in any language, [`crate::Language`]; `From` gives how its numbers and words are read, which is as English
/// where the checker does not know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English: `1,234.56`, `August 7, 2020`.
    #[default]
    English,
    /// German: `1.234,56`, `7. August 2020`.
    German,
    /// French: `1 234,56`, `7 août 2020`.
    French,
    /// Spanish: `1.234,56`, `7 de agosto de 2020`.
    Spanish,
}

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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// Its code: `en`, `de`, `fr` or `es`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// Whether decimals stand behind a comma.
    pub(super) fn has_decimal_comma(self) -> bool {
        self != Self::English
    }

    /// `day` as a report writes it: `7. August 2020` in German, `2020-08-07` in the others.
    pub(super) fn date(self, day: NaiveDate) -> String {
        let Self::German = self else { return day.to_string() };
        let month = GERMAN[day.month0() as usize];
        let (first, rest) = month.split_at(1);
        format!("{}. {}{rest} {}", day.day(), first.to_uppercase(), day.year())
    }

    /// What stands before a number that is a bound.
    pub(super) fn less_and_more(self) -> [&'static str; 2] {
        match self {
            Self::German => ["weniger als", "mehr als"],
            _ => ["less than", "more than"],
        }
    }

    /// The month, from 1, that `word` in small letters names, whole or shortened.
    pub(super) fn month(self, word: &str) -> Option<u32> {
        let own = match self {
            Self::English => ENGLISH,
            Self::German => GERMAN,
            Self::French => FRENCH,
            Self::Spanish => SPANISH,
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

impl From<&crate::Language> for Language {
    fn from(language: &crate::Language) -> Self {
        language.code().parse().unwrap_or_default()
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|language| language.code() == code);
        found.ok_or_else(|| Error::Config {
            field: "language",
            rule: "en, de, fr or es",
            got: code.chars().take(40).collect(),
        })
    }
}
