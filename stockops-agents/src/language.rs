//! `Language`: which language a report is written in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::check;
use crate::error::Error;

/// The language of a report: two or three letters of ISO 639, such as `en` or `de`.
///
/// A language model is asked to write in it. The template speaks English and German, and writes English for all others;
/// the report says so.
///
/// # Example
///
/// ```
/// use stockops_agents::Language;
///
/// let german: Language = "de".parse()?;
/// assert_eq!((german.code(), german.name()), ("de", "German"));
/// assert!("klingon".parse::<Language>().is_err());
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[A-Za-z]{2,3}$")))]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// Codes with their names in English: a model knows the name better than the code.
const NAMES: [(&str, &str); 12] = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("pt", "Portuguese"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("ja", "Japanese"),
    ("zh", "Chinese"),
    ("ko", "Korean"),
    ("hi", "Hindi"),
];

impl Language {
    /// English, the default.
    pub fn english() -> Self {
        Self("en".into())
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Its name in English, or its code where we know none.
    pub fn name(&self) -> &str {
        NAMES.iter().find(|(code, _)| *code == self.0).map_or(&self.0, |(_, name)| name)
    }

    /// How numbers and words of it are read.
    pub(crate) fn of_numbers(&self) -> check::Language {
        self.into()
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::english()
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let code = word.trim().to_ascii_lowercase();
        if (2..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_lowercase()) {
            return Ok(Self(code));
        }
        let rule = "two or three letters of ISO 639, such as en or de";
        Err(Error::Config { field: "language", rule, got: word.chars().take(40).collect() })
    }
}

impl TryFrom<String> for Language {
    type Error = Error;

    fn try_from(word: String) -> Result<Self, Error> {
        word.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
