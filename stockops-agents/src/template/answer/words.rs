//! `Question`: what was asked as whole words, with the day and the price in it.

use chrono::{Datelike, NaiveDate, Weekday};

/// A question in small letters, word by word.
#[derive(Debug)]
pub(super) struct Question {
    words: Vec<String>,
    days: Vec<NaiveDate>,
    /// A number that may be a price: the largest one that belongs to no date.
    pub(super) price: Option<f64>,
    /// Asked of what was.
    pub(super) is_of_past: bool,
}

const PAST: [&str; 12] = [
    "was",
    "did",
    "yesterday",
    "closed",
    "last",
    "previous",
    "past",
    "gestern",
    "schloss",
    "letzte",
    "letzter",
    "letzten",
];
const TOUCHING: [&str; 14] = [
    "touch",
    "touches",
    "touching",
    "reach",
    "reaches",
    "reaching",
    "hit",
    "hits",
    "hitting",
    "berührt",
    "berühren",
    "erreicht",
    "erreichen",
    "see",
];
const TOMORROW: [&str; 2] = ["tomorrow", "morgen"];
const WEEKDAYS: [(&str, Weekday); 14] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
    ("montag", Weekday::Mon),
    ("dienstag", Weekday::Tue),
    ("mittwoch", Weekday::Wed),
    ("donnerstag", Weekday::Thu),
    ("freitag", Weekday::Fri),
    ("samstag", Weekday::Sat),
    ("sonntag", Weekday::Sun),
];

impl Question {
    pub(super) fn read(question: &str) -> Self {
        let question = question.to_lowercase();
        let pieces: Vec<&str> = question.split_whitespace().map(|piece| piece.trim_matches(is_around)).collect();
        let days: Vec<NaiveDate> = pieces.iter().filter_map(|piece| piece.parse().ok()).collect();
        let price = pieces.iter().filter_map(|piece| price(piece)).max_by(f64::total_cmp);
        let split = |c: char| !c.is_alphanumeric() && c != '_';
        let words: Vec<String> = question.split(split).filter(|word| !word.is_empty()).map(String::from).collect();
        let is_of_past = words.iter().any(|word| PAST.contains(&word.as_str()));
        Self { words, days, price, is_of_past }
    }

    /// Whether it holds `phrase` as whole words.
    pub(super) fn says(&self, phrase: &str) -> bool {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        self.words.windows(phrase.len()).any(|words| words == phrase)
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn is_of_touching(&self) -> bool {
        TOUCHING.iter().any(|word| self.says(word))
    }

    pub(super) fn names_a_day(&self) -> bool {
        !self.days.is_empty() || self.weekday().is_some() || TOMORROW.iter().any(|word| self.says(word))
    }

    /// Whether the day that it names is `day`, `ahead` sessions away.
    pub(super) fn means(&self, ahead: u64, day: NaiveDate) -> bool {
        self.days.contains(&day)
            || self.weekday() == Some(day.weekday())
            || (ahead == 1 && TOMORROW.iter().any(|word| self.says(word)))
    }

    fn weekday(&self) -> Option<Weekday> {
        WEEKDAYS.iter().find(|(name, _)| self.says(name)).map(|(_, day)| *day)
    }
}

fn is_around(c: char) -> bool {
    matches!(c, '?' | '!' | ',' | '.' | ':' | ';' | '(' | ')' | '"' | '\'' | '$' | '€')
}

/// A number of a price, with marks of thousands or a decimal comma; none for a share in percent.
fn price(piece: &str) -> Option<f64> {
    let is_thousands = |rest: &str| rest.len() >= 3 && rest.chars().take(3).all(|c| c.is_ascii_digit());
    let plain = match piece.rsplit_once(',') {
        Some((_, rest)) if is_thousands(rest) => piece.replace(',', ""),
        Some(_) => piece.replace('.', "").replace(',', "."),
        None => piece.to_owned(),
    };
    let starts = plain.starts_with(|c: char| c.is_ascii_digit());
    plain.parse().ok().filter(|price: &f64| starts && price.is_finite() && *price > 0.0)
}
