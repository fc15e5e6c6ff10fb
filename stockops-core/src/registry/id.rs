//! `VersionId`: how a version is named outside of its registry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::market::Ticker;

/// A ticker and a version of it, spelled `TICKER@N`: the `model_version` of a forecast.
///
/// # Example
///
/// ```
/// use stockops_core::registry::VersionId;
///
/// let id: VersionId = "^GSPC@3".parse()?;
/// assert_eq!((id.ticker.as_str(), id.version), ("^GSPC", 3));
/// assert_eq!(id.to_string(), "^GSPC@3");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = "@(0|[1-9][0-9]*)$")))]
#[serde(try_from = "String", into = "String")]
pub struct VersionId {
    /// Whose version.
    pub ticker: Ticker,
    /// Its number, from 1.
    pub version: u32,
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.ticker, self.version)
    }
}

impl FromStr for VersionId {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let broken = || Error::Config {
            field: "model_version",
            rule: "TICKER@N with N from 1, such as GOOG@3",
            got: word.chars().take(40).collect(),
        };
        let (ticker, number) = word.rsplit_once('@').ok_or_else(broken)?;
        Ok(Self { ticker: Ticker::new(ticker)?, version: number_of(number).ok_or_else(broken)? })
    }
}

/// A version number as `Display` writes it: no sign, no leading zero, so that one version has one name.
pub(super) fn number_of(word: &str) -> Option<u32> {
    let canonical = word.starts_with(|c: char| matches!(c, '1'..='9'));
    word.parse().ok().filter(|_| canonical)
}

impl TryFrom<String> for VersionId {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for word in ["GOOG@1", "^GSPC@12", "BTC-USD@4294967295"] {
            assert_eq!(word.parse::<VersionId>().unwrap().to_string(), word);
        }
        assert_eq!(serde_json::to_string(&"goog@2".parse::<VersionId>().unwrap()).unwrap(), "\"GOOG@2\"");
    }

    #[test]
    fn bad_names_say_what_is_wanted() {
        for word in ["GOOG", "GOOG@", "GOOG@0", "GOOG@03", "GOOG@+3", "GOOG@-1", "GOOG@1.5", "GOOG@4294967296"] {
            let text = word.parse::<VersionId>().unwrap_err().to_string();
            assert_eq!(text, format!("`model_version` must be TICKER@N with N from 1, such as GOOG@3, got {word}"));
        }
        assert!(matches!("../x@1".parse::<VersionId>(), Err(Error::Ticker { .. })));
        assert!(serde_json::from_str::<VersionId>("\"GOOG@zero\"").is_err());
    }
}
