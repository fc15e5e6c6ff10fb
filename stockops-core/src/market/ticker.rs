//! `Ticker`: a checked name of a series, safe in a path, a URL and a log line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AssetClass, pair};
use crate::error::{Error, Result};

/// The name of a series, as Yahoo writes it: `GOOG`, `^GSPC`, `BRK-B`, `7203.T`, `EURUSD=X`, `BTC-USD`.
///
/// Invariants: 1 to 15 characters; upper case; letters, digits and `^ . - = _ &` only; the first is a letter, a digit
/// or `^`; at least one letter or digit; no `..`. So a ticker is never a path, and may name a folder; in a
/// URL or HTML its `^`, `=` and `&` want to be escaped.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
///
/// let goog: Ticker = "goog".parse()?;
/// assert_eq!(goog.as_str(), "GOOG");
/// assert!("../../etc/passwd".parse::<Ticker>().is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("maxLength" = 15, "pattern" = PATTERN, "examples" = ["AMZN"])))]
#[serde(try_from = "String", into = "String")]
pub struct Ticker(String);

/// The rules of [`Ticker::new`] but for length as a regular expression; a test of the server holds both against each other.
#[cfg(feature = "schema")]
const PATTERN: &str = r"^(\^(\.?[\^=_&\-])*\.?)?[A-Za-z0-9](\.?[A-Za-z0-9\^=_&\-])*\.?$";

/// Longest ticker.
const MAX_LENGTH: usize = 15;

impl Ticker {
    /// Check and upper-case `word`; [`Error::Ticker`] says which rule it breaks.
    pub fn new(word: &str) -> Result<Self> {
        let broken = |rule| Error::Ticker { got: word.chars().take(40).collect(), rule };
        let upper = word.trim().to_ascii_uppercase();
        if upper.is_empty() {
            return Err(broken("it is empty"));
        }
        if !upper.chars().all(|c| c.is_ascii_alphanumeric() || "^.-=_&".contains(c)) {
            return Err(broken("only letters, digits and ^ . - = _ & are allowed"));
        }
        if upper.chars().count() > MAX_LENGTH {
            return Err(broken("it has more than 15 characters"));
        }
        if !upper.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '^') {
            return Err(broken("the first character must be a letter, a digit or ^"));
        }
        if !upper.contains(|c: char| c.is_ascii_alphanumeric()) {
            return Err(broken("it needs at least one letter or digit"));
        }
        if upper.contains("..") {
            return Err(broken("two dots in a row are not allowed"));
        }
        Ok(Self(upper))
    }

    /// The ticker as text, upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names an index, as `^GSPC` does.
    pub fn is_index(&self) -> bool {
        self.as_str().starts_with('^')
    }

    /// What the spelling says that it is.
    ///
    /// ```
    /// use stockops_core::{AssetClass, Ticker};
    ///
    /// assert_eq!(Ticker::new("BTC-USD")?.asset_class(), AssetClass::Crypto);
    /// assert_eq!(Ticker::new("EURUSD=X")?.asset_class(), AssetClass::Currency);
    /// assert_eq!(Ticker::new("BRK-B")?.asset_class(), AssetClass::Equity);
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn asset_class(&self) -> AssetClass {
        pair::class_of(&self.0).unwrap_or(AssetClass::Equity)
    }
}

impl fmt::Display for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Ticker {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::new(word)
    }
}

impl TryFrom<String> for Ticker {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        Self::new(&word)
    }
}

impl From<Ticker> for String {
    fn from(ticker: Ticker) -> Self {
        ticker.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn real_tickers_are_taken_and_upper_cased() {
        for word in ["goog", "^GSPC", "brk-b", "7203.T", "EURUSD=X", "BTC-USD", "ES=F", "RDS.A", "M&M.NS"] {
            assert_eq!(Ticker::new(word).unwrap().as_str(), word.to_uppercase());
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let message = |word: &str| Ticker::new(word).unwrap_err().to_string();
        assert_eq!(message(" "), "` ` is not a ticker: it is empty");
        assert_eq!(message("ABCDEFGHIJKLMNOP"), "`ABCDEFGHIJKLMNOP` is not a ticker: it has more than 15 characters");
        assert_eq!(message("../etc"), "`../etc` is not a ticker: only letters, digits and ^ . - = _ & are allowed");
        assert_eq!(message("A/B"), "`A/B` is not a ticker: only letters, digits and ^ . - = _ & are allowed");
        assert_eq!(message(".GOOG"), "`.GOOG` is not a ticker: the first character must be a letter, a digit or ^");
        assert_eq!(message("^"), "`^` is not a ticker: it needs at least one letter or digit");
        assert_eq!(message("A..B"), "`A..B` is not a ticker: two dots in a row are not allowed");
    }

    #[test]
    fn a_file_cannot_smuggle_a_bad_ticker_in() {
        assert!(serde_json::from_str::<Ticker>("\"../../etc/passwd\"").is_err());
        assert_eq!(serde_json::from_str::<Ticker>("\"goog\"").unwrap().as_str(), "GOOG");
    }

    proptest! {
        #[test]
        fn a_ticker_is_never_a_path(word in "\\PC{0,20}") {
            if let Ok(ticker) = Ticker::new(&word) {
                let path = std::path::Path::new(ticker.as_str());
                prop_assert_eq!(path.components().count(), 1);
                prop_assert!(matches!(path.components().next(), Some(std::path::Component::Normal(_))));
                prop_assert_eq!(Ticker::new(ticker.as_str()).unwrap(), ticker);
            }
        }
    }
}
