//! Tokens: words, numbers, dates and marks of a draft, each with its place.

use chrono::{Datelike, NaiveDate};

use super::number::{Num, read_number};
use crate::language::Language;

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// In small letters.
    Word(String),
    Number(Num),
    Date(Vec<Partial>),
    Mark(char),
}

/// A token of a draft, as bytes from `start` to `end`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A date of which the day or the year may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partial {
    pub(super) year: Option<i32>,
    pub(super) month: u32,
    pub(super) day: Option<u32>,
}

impl Partial {
    /// Whether `date` is one of these days.
    pub(super) fn holds(&self, date: NaiveDate) -> bool {
        self.year.is_none_or(|year| year == date.year())
            && self.month == date.month()
            && self.day.is_none_or(|day| day == date.day())
    }
}

impl Token {
    /// The word in small letters; empty for what is none.
    pub(super) fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    /// Whether it is this mark.
    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

/// The tokens of `text`, whose first byte is byte `offset` of the draft.
pub(super) fn tokens(text: &str, offset: usize, language: Language) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        let read = read_date(text, at, before, language)
            .or_else(|| read_time(text, at))
            .or_else(|| read_number(&text[at..], before, language).map(|(num, len)| (Kind::Number(num), len)))
            .or_else(|| read_word(&text[at..]));
        let (kind, len) = match read {
            Some(read) => read,
            None if next.is_whitespace() || "*_`".contains(next) => {
                at += next.len_utf8();
                continue;
            }
            None => (Kind::Mark(next), next.len_utf8()),
        };
        found.push(Token { kind, start: offset + at, end: offset + at + len });
        at += len;
    }
    found
}

fn read_word(text: &str) -> Option<(Kind, usize)> {
    let mut len = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = "@.=_&".contains(c) && at > 0 && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let leads = c == '^' && at == 0 && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !(c.is_alphanumeric() || inner || leads) {
            break;
        }
        len = at + c.len_utf8();
    }
    (len > 0).then(|| (Kind::Word(text[..len].to_lowercase()), len))
}

/// `21:00`: a time of day says nothing of a market.
fn read_time(text: &str, at: usize) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes().get(at..at + 5)?;
    let is_time = bytes[2] == b':' && [0, 1, 3, 4].iter().all(|place| bytes[*place].is_ascii_digit());
    is_time.then_some((Kind::Mark(':'), 5))
}

fn digits(text: &str, most: usize) -> Option<(u32, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=most).contains(&len).then(|| Some((text[..len].parse().ok()?, len))).flatten()
}

fn read_date(text: &str, at: usize, before: Option<char>, language: Language) -> Option<(Kind, usize)> {
    if before.is_some_and(|c| c.is_alphanumeric()) {
        return None;
    }
    let rest = &text[at..];
    numeric_date(rest).or_else(|| day_first(rest, language)).or_else(|| month_first(rest, language))
}

/// `2020-08-07`, `07.08.2020`, `8/7/2020`.
fn numeric_date(text: &str) -> Option<(Kind, usize)> {
    let (first, a) = digits(text, 4)?;
    let mark = text[a..].chars().next().filter(|mark| "-./".contains(*mark))?;
    let (second, b) = digits(&text[a + 1..], 2)?;
    let rest = text[a + 1 + b..].strip_prefix(mark)?;
    let (third, c) = digits(rest, 4)?;
    let len = a + b + c + 2;
    let date = |year: u32, month: u32, day: u32| {
        NaiveDate::from_ymd_opt(year as i32, month, day).map(|_| Partial {
            year: Some(year as i32),
            month,
            day: Some(day),
        })
    };
    let options: Vec<Partial> = match (a, c) {
        (4, _) => date(first, second, third).into_iter().collect(),
        (_, 4) => [date(third, second, first), date(third, first, second)].into_iter().flatten().collect(),
        _ => return None,
    };
    (!options.is_empty()).then_some((Kind::Date(options), len))
}

/// Bytes of blanks, and of one of `words` between blanks.
fn gap(text: &str, words: &[&str]) -> usize {
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    let first = blanks(text);
    let word = words.iter().find(|word| text[first..].starts_with(**word));
    word.map_or(first, |word| first + word.len() + blanks(&text[first + word.len()..]))
}

/// A month that `text` begins with, and its length with a dot that shortens it.
fn month(text: &str, language: Language) -> Option<(u32, usize)> {
    let len = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let word = text[..len].to_lowercase();
    // "may" is a verb, "mar" nothing: English months are written large.
    let is_name = language != Language::ENGLISH || text.starts_with(char::is_uppercase);
    let month = language.month(&word).filter(|_| is_name && len >= 3)?;
    let dot = usize::from(len < 5 && text[len..].starts_with(". ") && language != Language::GERMAN);
    Some((month, len + dot))
}

fn year(text: &str) -> Option<(i32, usize)> {
    let skipped = gap(text, &[", ", ",", "de ", "del "]);
    let (year, len) = digits(&text[skipped..], 4)?;
    (len == 4 && (1900..2200).contains(&year)).then_some((year as i32, skipped + len))
}

/// `7 August 2020`, `7. August`, `7th of August`, `7 de agosto de 2020`.
fn day_first(text: &str, language: Language) -> Option<(Kind, usize)> {
    let (day, a) = digits(text, 2).filter(|(day, _)| (1..=31).contains(day))?;
    let suffix =
        ["st", "nd", "rd", "th", ".", "er"].iter().find(|end| text[a..].starts_with(**end)).map_or(0, |end| end.len());
    let skipped = gap(&text[a + suffix..], &["of ", "de "]);
    let start = a + suffix + skipped;
    let (month, b) = month(&text[start..], language).filter(|_| skipped > 0)?;
    let year = year(&text[start + b..]);
    let len = start + b + year.map_or(0, |(_, len)| len);
    Some((Kind::Date(vec![Partial { year: year.map(|(year, _)| year), month, day: Some(day) }]), len))
}

/// `August 7, 2020`, `Aug 7`, `August 2020`.
fn month_first(text: &str, language: Language) -> Option<(Kind, usize)> {
    let (month, a) = month(text, language)?;
    if let Some((year, len)) = year(&text[a..]) {
        return Some((Kind::Date(vec![Partial { year: Some(year), month, day: None }]), a + len));
    }
    let skipped = gap(&text[a..], &[]);
    let (day, b) = digits(&text[a + skipped..], 2).filter(|(day, _)| skipped > 0 && (1..=31).contains(day))?;
    let end = a + skipped + b;
    let end = end
        + ["st", "nd", "rd", "th"].iter().find(|end_of| text[end..].starts_with(**end_of)).map_or(0, |end| end.len());
    if text[end..].starts_with(['.', '%']) && text[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let year = year(&text[end..]);
    let len = end + year.map_or(0, |(_, len)| len);
    Some((Kind::Date(vec![Partial { year: year.map(|(year, _)| year), month, day: Some(day) }]), len))
}
