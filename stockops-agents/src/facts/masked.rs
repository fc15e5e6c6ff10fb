//! `Masked`: names and days hidden from who writes, and put back in what he wrote.

use chrono::{Days, NaiveDate};

use super::{Company, Facts, dated};

/// Words in the place of names and days, for a run as of a past day: a language model may know what came after.
///
/// The ticker, the name of the company and its first word, and each day that is written as `2020-07-31` are replaced by words
/// that stand for them alone; days are counted in calendar days from the last bar. A day that is written with the name of its month,
/// and a year, become `some day` and `some year`, which nothing is put back for. Prices, and what else headlines say, may still tell
/// who it is.
///
/// # Example
///
/// ```
/// # use stockops_agents::facts::{Company, Masked};
/// let company = Company {
///     ticker: "AMZN".parse()?,
///     name: Some("Amazon.com, Inc.".into()),
///     exchange: "XNYS".into(),
///     currency: Some("USD".into()),
/// };
/// let masked = Masked::new(&company, "2020-07-31".parse()?);
/// let hidden = masked.hide("AMZN (Amazon.com, Inc.) from 2020-07-31 to 2020-08-03");
/// assert_eq!(hidden, "STOCKX (Company X) from day+0 to day+3");
/// assert_eq!(masked.show(&hidden), "AMZN (Amazon.com, Inc.) from 2020-07-31 to 2020-08-03");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// What is hidden and what stands for it; the longest first.
    pairs: Vec<(String, String)>,
    last_bar: NaiveDate,
}

impl Masked {
    /// The mask of a table of facts.
    pub fn of(facts: &Facts) -> Self {
        Self::new(&facts.company, facts.moment.last_bar)
    }

    /// The mask of a company, with days counted from `last_bar`.
    pub fn new(company: &Company, last_bar: NaiveDate) -> Self {
        let mut pairs = vec![(company.ticker.to_string(), "STOCKX".to_owned())];
        if let Some(name) = &company.name {
            pairs.push((name.clone(), "Company X".into()));
            let first = name.split([' ', ',', '.']).next().unwrap_or(name);
            pairs.extend((first.len() > 2 && first != name).then(|| (first.to_owned(), "CompanyX".into())));
        }
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { pairs, last_bar }
    }

    /// `text` without the names and days.
    pub fn hide(&self, text: &str) -> String {
        let named = self.pairs.iter().fold(text.to_owned(), |text, (name, mask)| replaced(&text, name, mask));
        dated::without_months(&self.days(&named, iso, |day| Some(format!("day{:+}", (day - self.last_bar).num_days()))))
    }

    /// `text` with the names and days in the place of what stands for them.
    pub fn show(&self, text: &str) -> String {
        let dated = self.days(
            text,
            |text| text.starts_with("day").then(|| counted(text)).flatten(),
            |away: i64| {
                let days = Days::new(away.unsigned_abs());
                let day =
                    if away < 0 { self.last_bar.checked_sub_days(days) } else { self.last_bar.checked_add_days(days) };
                day.map(|day| day.to_string())
            },
        );
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort_by_key(|(_, mask)| std::cmp::Reverse(mask.len()));
        pairs.into_iter().fold(dated, |text, (name, mask)| replaced(&text, mask, name))
    }

    /// `text` with what `find` finds at the beginning of the rest of it said as `say` says it.
    fn days<T>(
        &self,
        text: &str,
        find: impl Fn(&str) -> Option<(T, usize)>,
        say: impl Fn(T) -> Option<String>,
    ) -> String {
        let (mut out, mut at) = (String::new(), 0);
        while let Some(next) = text[at..].chars().next() {
            let is_begin = !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            let found = is_begin.then(|| find(&text[at..])).flatten();
            match found.and_then(|(value, length)| Some((say(value)?, length))) {
                Some((said, length)) => {
                    out.push_str(&said);
                    at += length;
                }
                None => {
                    out.push(next);
                    at += next.len_utf8();
                }
            }
        }
        out
    }
}

/// The day that `text` begins with, as `2020-07-31`, and its length.
fn iso(text: &str) -> Option<(NaiveDate, usize)> {
    let word = text.get(..10)?;
    let ends = !text[10..].chars().next().is_some_and(|c| c.is_ascii_digit());
    let day = NaiveDate::parse_from_str(word, "%Y-%m-%d").ok()?;
    ends.then_some((day, 10))
}

/// The days from the last bar that `text` begins with, as `day+3`, and its length.
fn counted(text: &str) -> Option<(i64, usize)> {
    let sign = text.get(3..4).filter(|sign| matches!(*sign, "+" | "-"))?;
    let digits = text[4..].bytes().take_while(u8::is_ascii_digit).count();
    let away: i64 = text[4..4 + digits].parse().ok()?;
    Some((if sign == "-" { -away } else { away }, 4 + digits))
}

/// `text` with `to` where `from` stands as a word of its own.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (place, _) in text.match_indices(from).filter(|(place, _)| is_whole(text, *place, from.len())) {
        out.push_str(&text[at..place]);
        out.push_str(to);
        at = place + from.len();
    }
    out.push_str(&text[at..]);
    out
}

fn is_whole(text: &str, place: usize, len: usize) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !joins(text[..place].chars().next_back()) && !joins(text[place + len..].chars().next())
}
