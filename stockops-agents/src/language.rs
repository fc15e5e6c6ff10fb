//! `Language`: which language a report is written in, and how its name is spelt.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The language of a report: two or three letters of ISO 639, such as `en` or `de`.
///
/// A language model is asked to write in it. The template speaks English and German, and writes English for all others;
/// the report says so. The checker reads numbers, months and words of [`Language::CHECKED`], and reads all others as English.
///
/// # Example
///
/// ```
/// use stockops_agents::Language;
///
/// let german: Language = "de".parse()?;
/// assert_eq!((german, german.code(), german.name()), (Language::GERMAN, "de", "German"));
/// assert!("klingon".parse::<Language>().is_err());
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[A-Za-z]{2,3}$")))]
#[serde(try_from = "String", into = "String")]
pub struct Language(
    /// Small letters, and 0 behind a code of two.
    [u8; 3],
);

/// Languages with their names in English: a model knows the name better than the code.
const NAMES: [(Language, &str); 12] = [
    (Language::ENGLISH, "English"),
    (Language::GERMAN, "German"),
    (Language::FRENCH, "French"),
    (Language::SPANISH, "Spanish"),
    (Language(*b"it\0"), "Italian"),
    (Language(*b"pt\0"), "Portuguese"),
    (Language(*b"nl\0"), "Dutch"),
    (Language(*b"pl\0"), "Polish"),
    (Language(*b"ja\0"), "Japanese"),
    (Language(*b"zh\0"), "Chinese"),
    (Language(*b"ko\0"), "Korean"),
    (Language(*b"hi\0"), "Hindi"),
];

impl Language {
    /// English, the default: `1,234.56`, `August 7, 2020`.
    pub const ENGLISH: Self = Self(*b"en\0");
    /// German: `1.234,56`, `7. August 2020`.
    pub const GERMAN: Self = Self(*b"de\0");
    /// French: `1 234,56`, `7 août 2020`.
    pub const FRENCH: Self = Self(*b"fr\0");
    /// Spanish: `1.234,56`, `7 de agosto de 2020`.
    pub const SPANISH: Self = Self(*b"es\0");

    /// Its code.
    pub fn code(&self) -> &str {
        let end = self.0.iter().position(|letter| *letter == 0).unwrap_or(self.0.len());
        // ASCII letters, so this is always UTF-8.
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }

    /// Its name in English, or its code where we know none.
    pub fn name(&self) -> &str {
        NAMES.iter().find(|(known, _)| known == self).map_or(self.code(), |(_, name)| name)
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::ENGLISH
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word.trim().as_bytes() {
            letters @ ([_, _] | [_, _, _]) if letters.iter().all(u8::is_ascii_alphabetic) => {
                let mut code = [0; 3];
                code[..letters.len()].copy_from_slice(&letters.to_ascii_lowercase());
                Ok(Self(code))
            }
            _ => {
                let rule = "two or three letters of ISO 639, such as en or de";
                Err(Error::Config { field: "language", rule, got: word.chars().take(40).collect() })
            }
        }
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
        language.code().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.code())
    }
}
