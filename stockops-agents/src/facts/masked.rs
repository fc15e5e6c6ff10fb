//! `Masked`: names and days hidden from who writes, and put back in what he wrote.

use chrono::NaiveDate;

use super::{Company, Facts};

/// Words in the place of names and days, for a run as of a past day: a language model may know what came after.
///
/// The ticker, the name of the company and its first word, and each day that a fact is of, as `2020-07-31`, are replaced by words
/// that stand for them alone. Prices, and what headlines say, may still tell who it is.
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
/// let masked = Masked::new(&company, "2020-07-31".parse()?, &["2020-08-03".parse()?]);
/// let hidden = masked.hide("AMZN (Amazon.com, Inc.) from 2020-07-31 to 2020-08-03");
/// assert_eq!(hidden, "STOCKX (Company X) from day+0 to day+3");
/// assert_eq!(masked.show(&hidden), "AMZN (Amazon.com, Inc.) from 2020-07-31 to 2020-08-03");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// What is hidden and what stands for it; the longest first.
    pairs: Vec<(String, String)>,
}

impl Masked {
    /// The mask of a table of facts.
    pub fn of(facts: &Facts) -> Self {
        let of_facts =
            facts.facts.iter().flat_map(|fact| fact.day.into_iter().chain(fact.origin.window.into_iter().flatten()));
        let news = facts.headlines.iter().map(|headline| headline.published.date_naive());
        let days: Vec<NaiveDate> = of_facts.chain(news).chain([facts.moment.decided.date_naive()]).collect();
        Self::new(&facts.company, facts.moment.last_bar, &days)
    }

    /// The mask of a company and of these days, which are counted in calendar days from the last bar.
    pub fn new(company: &Company, last_bar: NaiveDate, days: &[NaiveDate]) -> Self {
        let mut pairs = vec![(company.ticker.to_string(), "STOCKX".to_owned())];
        if let Some(name) = &company.name {
            pairs.push((name.clone(), "Company X".into()));
            let first = name.split([' ', ',', '.']).next().unwrap_or(name);
            pairs.extend((first.len() > 2 && first != name).then(|| (first.to_owned(), "CompanyX".into())));
        }
        pairs.extend(
            days.iter()
                .chain([&last_bar])
                .map(|day| (day.to_string(), format!("day{:+}", (*day - last_bar).num_days()))),
        );
        pairs.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(b.cmp(a)));
        pairs.dedup();
        Self { pairs }
    }

    /// `text` without the names and days.
    pub fn hide(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_owned(), |text, (name, mask)| replaced(&text, name, mask))
    }

    /// `text` with the names and days in the place of what stands for them.
    pub fn show(&self, text: &str) -> String {
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort_by_key(|(_, mask)| std::cmp::Reverse(mask.len()));
        pairs.into_iter().fold(text.to_owned(), |text, (name, mask)| replaced(&text, mask, name))
    }
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
