//! `Threshold`: a number as the key of a table.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A price, a width or a level in percent as the key of a table: ordered as numbers are, and in JSON its shortest decimals.
///
/// # Example
///
/// ```
/// use stockops_core::risk::Threshold;
///
/// let (low, high) = (Threshold(99.5), Threshold(150.0));
/// assert!(low < high);
/// assert_eq!(high.to_string(), "150");
/// assert_eq!("99.5".parse::<Threshold>()?, low);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = r"^-?[0-9]+(\.[0-9]+)?$")))]
#[serde(try_from = "String", into = "String")]
pub struct Threshold(pub f64);

impl Ord for Threshold {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Threshold {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Threshold {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Threshold {}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Threshold {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let number = word.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Self).ok_or_else(|| Error::Config {
            field: "threshold",
            rule: "a number, such as 150 or 0.03",
            got: word.chars().take(40).collect(),
        })
    }
}

impl TryFrom<String> for Threshold {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Threshold> for String {
    fn from(threshold: Threshold) -> Self {
        threshold.to_string()
    }
}
