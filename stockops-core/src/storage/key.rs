//! `Key`: the checked name of an object, safe as a path and as an address.

use std::fmt;

use crate::error::{Result, check};

/// Longest part of a key, so that a file system takes it as a file name.
const MAX_PART: usize = 150;

/// The name of an object or of a folder of objects, such as `registry/GOOG/1/bundle.safetensors`.
///
/// Invariants: parts are joined by `/`, and there is at least one. A part has 1 to 150 characters, which are letters,
/// digits and `^ . - = _ @`, and its first is no dot. So no part is `..`, none is hidden, and a key never leaves its storage.
///
/// # Example
///
/// ```
/// use stockops_core::storage::Key;
///
/// let shelf = Key::new("registry/^GSPC")?;
/// assert_eq!(shelf.join("manifest.json")?.to_string(), "registry/^GSPC/manifest.json");
/// assert!(Key::new("registry/../secrets").is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// Check `word`; [`Error::Config`](crate::Error::Config) says what a key must be.
    pub fn new(word: &str) -> Result<Self> {
        let rule = "parts joined by /, each 1 to 150 letters, digits and ^ . - = _ @ &, the first of them no dot";
        check(word.split('/').all(Self::is_part), "key", rule, word)?;
        Ok(Self(word.into()))
    }

    /// The key of `part` in this folder; `part` may have parts of its own.
    pub fn join(&self, part: impl fmt::Display) -> Result<Self> {
        Self::new(&format!("{self}/{part}"))
    }

    /// Its parts, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `word` can be one part of a key.
    pub fn is_part(word: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "^.-=_@&".contains(c);
        (1..=MAX_PART).contains(&word.len()) && !word.starts_with('.') && word.chars().all(plain)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tickers such as M&M.NS have it.
    #[test]
    fn a_part_may_have_an_ampersand() {
        assert!(Key::is_part("M&M.NS") && Key::new("registry/M&M.NS/1").is_ok());
    }

    #[test]
    fn what_could_leave_the_storage_is_refused() {
        let long = "a".repeat(151);
        for word in
            ["", "/", "a/", "/a", "a//b", "..", "a/..", "../a", ".", ".tmp-1", "a/.b", "a\\b", "a b", "ä", &long]
        {
            let text = Key::new(word).unwrap_err().to_string();
            assert!(text.starts_with("`key` must be parts joined by /, each 1 to 150 letters"), "{text}");
            assert!(text.ends_with(&format!("got {word}")), "{text}");
        }
        assert!(Key::new("a").unwrap().join("../b").is_err());
    }

    #[test]
    fn what_the_house_names_is_taken() {
        for word in ["registry/^GSPC/12", "record/BRK-B/2024-05-01_BRK-B@3.0001.json", "drift/EURUSD=X", "7203.T"] {
            assert_eq!(Key::new(word).unwrap().as_str(), word);
        }
    }

    proptest! {
        #[test]
        fn a_key_is_always_below_its_root(word in "\\PC{0,12}|[./a]{0,8}") {
            if let Ok(key) = Key::new(&word) {
                let path: std::path::PathBuf = key.parts().collect();
                prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert_eq!(path.components().count(), key.parts().count());
            }
        }
    }
}
