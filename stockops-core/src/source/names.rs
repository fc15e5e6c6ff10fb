//! `Name`: what the name of a column says, the role and perhaps the ticker.

use super::vocabulary;
use crate::market::Ticker;

/// The name of a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Name {
    /// As written, for people.
    pub(super) text: String,
    /// Lower case, letters and digits alone, without the ticker.
    pub(super) field: String,
    /// The ticker that stands in it: `Close_NFLX`, `('Close', 'NFLX')`, or a second line of the header.
    pub(super) ticker: Option<String>,
}

/// Characters of a name that are read.
const LONGEST: usize = 80;

impl Name {
    /// Read a name as it stands in a header.
    pub(super) fn new(text: &str) -> Self {
        // What is longer is no name, and takes long to look at from every side.
        let text = text.trim().char_indices().nth(LONGEST).map_or(text.trim(), |(end, _)| &text.trim()[..end]);
        if text.is_empty() {
            return Self::default();
        }
        let field = normal(text);
        if vocabulary::knows(&field) {
            return Self { text: text.to_owned(), field, ticker: None };
        }
        let parts = tuple(text).or_else(|| joined(text));
        let (field, ticker) = parts.map_or((field, None), |(field, ticker)| (field, Some(ticker)));
        Self { text: text.to_owned(), field, ticker }
    }
}

/// Lower case, letters and digits only, without numbering and remarks: `Adj. Close**`, `adj_close` and `5. adjusted close
/// (USD)` read alike.
pub(super) fn normal(name: &str) -> String {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let text = match name.split_once(". ") {
        Some((number, rest))
            if number.trim_start().starts_with(|c: char| c.is_ascii_digit()) && number.trim().len() <= 3 =>
        {
            rest
        }
        _ => name,
    };
    let without_remark = text.split_once('(').map(|(before, _)| plain(before)).filter(|before| !before.is_empty());
    without_remark.unwrap_or_else(|| plain(text))
}

/// `('Close', 'NFLX')` or `('NFLX', 'Close')`, as pandas prints columns of columns.
fn tuple(text: &str) -> Option<(String, String)> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let (a, b) = inside.split_once(',')?;
    field_and_ticker(a.trim().trim_matches(['\'', '"']), b.trim().trim_matches(['\'', '"']))
}

/// `Close_NFLX`, `NFLX.Close`, `NFLX Close`.
fn joined(text: &str) -> Option<(String, String)> {
    let marks = text.match_indices(['_', '.', ' ', ':', '-', '|']);
    marks.into_iter().find_map(|(at, mark)| field_and_ticker(&text[..at], &text[at + mark.len()..]))
}

fn field_and_ticker(a: &str, b: &str) -> Option<(String, String)> {
    let known = |text: &str| Some(normal(text)).filter(|field| vocabulary::knows(field));
    match (known(a), known(b)) {
        // pandas writes ('Date', '') for the index.
        (Some(field), _) => Some((field, b.trim().to_owned())),
        (None, Some(field)) => Some((field, a.trim().to_owned())),
        (None, None) => None,
    }
}

/// How surely `label` in a file names the series that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    No,
    /// Without its market, its class or its quote: `ABC.US` for `ABC`, `BTC` for `BTC-USD`.
    Likely,
    /// The same letters and digits.
    Sure,
}

/// Compare a label of a file with a ticker.
pub(super) fn matches(label: &str, ticker: &Ticker) -> Match {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect::<String>();
    let label = label.trim();
    if plain(label) == plain(ticker.as_str()) {
        return Match::Sure;
    }
    let label = label.rsplit(':').next().unwrap_or_default();
    let root = |text: &str| plain(text.split(['.', '-', '/', ' ', '_', '=']).next().unwrap_or_default());
    let asked = root(ticker.as_str());
    if !asked.is_empty() && (root(label) == asked || plain(label) == plain(ticker.as_str())) {
        Match::Likely
    } else {
        Match::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_whatever_stands_around_them() {
        for (text, field, ticker) in [
            ("Date", "date", None),
            (" Adj. Close** ", "adjclose", None),
            ("1a. open (USD)", "open", None),
            ("5. adjusted close", "adjustedclose", None),
            ("<CLOSE>", "close", None),
            ("Close/Last", "closelast", None),
            ("Vol.", "vol", None),
            ("('Close', 'NFLX')", "close", Some("NFLX")),
            ("('Date', '')", "date", None),
            ("Close_NFLX", "close", Some("NFLX")),
            ("BRK-B.Close", "close", Some("BRK-B")),
            ("Adj Close_NFLX", "adjclose", Some("NFLX")),
            ("Volume BTC", "volume", Some("BTC")),
            ("PREV. CLOSE", "close", Some("PREV")),
            ("Change %", "change", None),
        ] {
            let name = Name::new(text);
            assert_eq!((name.field.as_str(), name.ticker.as_deref()), (field, ticker), "{text}");
        }
    }

    #[test]
    fn a_label_is_compared_with_and_without_its_market() {
        let likeness = |label: &str, ticker: &str| matches(label, &Ticker::new(ticker).unwrap());
        for (label, ticker, how) in [
            ("goog", "GOOG", Match::Sure),
            ("BTC/USD", "BTC-USD", Match::Sure),
            ("BTCUSD", "BTC-USD", Match::Sure),
            ("ABC.US", "ABC", Match::Likely),
            ("NASDAQ:ABC", "ABC", Match::Likely),
            ("7203", "7203.T", Match::Likely),
            ("AMZN", "GOOG", Match::No),
            ("", "GOOG", Match::No),
        ] {
            assert_eq!(likeness(label, ticker), how, "{label} {ticker}");
        }
    }
}
