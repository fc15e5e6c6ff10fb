//! `RunId`: the name of a run.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};
use crate::storage::unique_word;

/// Random digits at the end.
const DIGITS: usize = 12;

/// The name of a run, such as `20240501-120000-3f9a1c2e07b1`: when it began, in UTC, and twelve random hexadecimal digits.
///
/// So ids are in order of time, no two processes make the same one, and an id is a safe name of a folder.
///
/// # Example
///
/// ```
/// use stockops_core::tracking::RunId;
///
/// let noon = "2024-05-01T12:00:00Z".parse().unwrap();
/// let id = RunId::new(noon);
/// assert!(id.as_str().starts_with("20240501-120000-") && id != RunId::new(noon));
/// assert_eq!(id.as_str().parse::<RunId>()?, id);
/// assert!("../secrets".parse::<RunId>().is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[0-9]{8}-[0-9]{6}-[0-9a-f]{12}$")))]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// A new one for a run that begins `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(format!("{}-{}", now.format("%Y%m%d-%H%M%S"), &unique_word()[..DIGITS]))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = matches!(&word.split('-').collect::<Vec<_>>()[..], [day, time, end]
            if digits(day, 8) && digits(time, 6) && end.len() == DIGITS
                && end.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        let shown: String = word.chars().take(40).collect();
        check(is_id, "run_id", "a day, a time and twelve digits, such as 20240501-120000-3f9a1c2e07b1", shown)?;
        Ok(Self(word.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RunId {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}
