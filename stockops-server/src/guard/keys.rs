//! `Keys`: who may call, by keys that are compared in constant time.

use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use sha2::{Digest, Sha256};
use stockops_core::{Error, Result};

use crate::hex::hex;
use subtle::{Choice, ConstantTimeEq};

/// A SHA-256.
type Hash = [u8; 32];

/// The keys of the API. Their text is not kept, only their SHA-256.
///
/// A key opens the routes that write or compute, an admin key those and `/system/*`. Several keys of a kind are valid at once, so
/// that an old one works until all clients have the new one.
///
/// # Example
///
/// ```
/// use stockops_server::guard::Keys;
///
/// let keys = Keys::new(Some("old-key-of-2025, new-key-of-2026"), Some("the-admin"))?;
/// assert!(!keys.is_empty());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Keys {
    keys: Vec<(Hash, bool)>,
}

/// A key that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recognised {
    pub(super) id: String,
    pub(super) is_admin: bool,
}

/// What a request shows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    Nothing,
    InAddress,
    Wrong,
    /// A key that is not looked at: the address has sent too many wrong ones, and has to wait.
    TooMany(Duration),
    Right(Recognised),
}

impl Keys {
    /// The keys of two settings, each a list with commas or lines between its keys. An empty list is none.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a key with a space or a character outside of ASCII, which no header could carry.
    pub fn new(api: Option<&str>, admin: Option<&str>) -> Result<Self> {
        let mut keys = hashes("api_key", api, false)?;
        keys.extend(hashes("admin_key", admin, true)?);
        Ok(Self { keys })
    }

    /// The keys of `STOCKOPS_API_KEY` and `STOCKOPS_ADMIN_KEY`, or of the files that `STOCKOPS_API_KEY_FILE` and
    /// `STOCKOPS_ADMIN_KEY_FILE` name, as secrets are mounted in containers.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] as [`Keys::new`], and where a value and a file are given for one kind; [`Error::Storage`] for a file that
    /// cannot be read.
    pub fn from_environment() -> Result<Self> {
        Self::new(secret("STOCKOPS_API_KEY")?.as_deref(), secret("STOCKOPS_ADMIN_KEY")?.as_deref())
    }

    /// Whether there is no key at all. Then the routes for keys are open, and those for the admin are closed.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What a request shows: a key in `Authorization: Bearer` or in `X-API-Key`, or one in its address, where none may be.
    pub(super) fn shown(&self, headers: &HeaderMap, query: Option<&str>) -> Shown {
        if query.is_some_and(names_a_key) {
            return Shown::InAddress;
        }
        let bearer = headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
        match bearer.or_else(|| headers.get("x-api-key").map(|value| value.as_bytes())) {
            None => Shown::Nothing,
            Some(key) => self.recognise(key).map_or(Shown::Wrong, Shown::Right),
        }
    }

    /// Every key is compared to its end, whichever fits.
    fn recognise(&self, shown: &[u8]) -> Option<Recognised> {
        let shown: Hash = Sha256::digest(shown).into();
        let (mut fits, mut is_admin) = (Choice::from(0), Choice::from(0));
        for (key, of_admin) in &self.keys {
            let same = key[..].ct_eq(&shown[..]);
            fits |= same;
            is_admin |= same & Choice::from(u8::from(*of_admin));
        }
        bool::from(fits).then(|| Recognised { id: id(&shown), is_admin: is_admin.into() })
    }
}

/// Keys are not shown, only how many there are.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("count", &self.keys.len()).finish_non_exhaustive()
    }
}

/// What a secret is: the value of the environment variable `name`, or the content of the file that `name_FILE` names. Spaces
/// around it are no part of it; an empty one is none.
///
/// # Errors
///
/// [`Error::Config`] where both are set, [`Error::Storage`] for a file that cannot be read.
pub fn secret(name: &'static str) -> Result<Option<String>> {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    secret_of(name, said(name), said(&format!("{name}_FILE")))
}

fn secret_of(field: &'static str, value: Option<String>, file: Option<String>) -> Result<Option<String>> {
    let text = match (value, file) {
        (Some(_), Some(file)) => {
            return Err(Error::Config {
                field,
                rule: "given once, as a value or as a file",
                got: format!("both, the file {file}"),
            });
        }
        (value, None) => value,
        (None, Some(file)) => Some(std::fs::read_to_string(Path::new(&file)).map_err(|source| Error::Storage {
            action: "read the secret in",
            path: file.into(),
            source,
        })?),
    };
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn hashes(field: &'static str, list: Option<&str>, is_admin: bool) -> Result<Vec<(Hash, bool)>> {
    let words = list.unwrap_or_default().split([',', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let hash = |word: &str| {
        if !word.bytes().all(|byte| byte.is_ascii_graphic()) {
            let got = format!("a key of {} bytes that holds others", word.len());
            return Err(Error::Config {
                field,
                rule: "keys of printable ASCII without spaces, commas between them",
                got,
            });
        }
        Ok((Sha256::digest(word).into(), is_admin))
    };
    words.map(hash).collect()
}

/// The first 8 hexadecimal digits of a key's SHA-256.
fn id(hash: &Hash) -> String {
    hex(&hash[..4])
}

/// What follows the word `Bearer`. What another word says is for a proxy in front.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (word, key) = value.split_at_checked(7)?;
    word.eq_ignore_ascii_case(b"bearer ").then(|| key.trim_ascii())
}

/// Whether a query has a parameter by one of the names under which keys are sent.
fn names_a_key(query: &str) -> bool {
    const NAMES: [&str; 7] =
        ["api_key", "apikey", "api-key", "x-api-key", "access_token", "admin_key", "authorization"];
    let names = query.split(['&', ';']).map(|pair| pair.split('=').next().unwrap_or_default());
    names.into_iter().any(|name| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_several_keys_and_an_empty_one_none() {
        assert!(Keys::new(None, Some(" ")).unwrap().is_empty() && Keys::new(Some(",\n,"), None).unwrap().is_empty());
        let keys = Keys::new(Some("one,two \n three"), Some("two")).unwrap();
        for (word, is_admin) in
            [("one", Some(false)), ("two", Some(true)), ("three", Some(false)), ("", None), ("one,two", None)]
        {
            assert_eq!(keys.recognise(word.as_bytes()).map(|key| key.is_admin), is_admin, "{word}");
        }
    }

    #[test]
    fn a_key_that_no_header_carries_is_refused_and_not_repeated() {
        for list in ["two words", "schlüssel", "tab\tin"] {
            let error = Keys::new(None, Some(list)).unwrap_err().to_string();
            assert!(error.starts_with("`admin_key` must be keys of printable ASCII"), "{error}");
            assert!(!error.contains(list), "{error}");
        }
        let keys = Keys::new(Some("a-secret-key"), None).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys { count: 1, .. }");
    }

    #[test]
    fn a_secret_is_a_value_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, " from-a-file\n").unwrap();
        let name = |path: &Path| Some(path.display().to_string());
        let of = |value: Option<&str>, file| secret_of("STOCKOPS_API_KEY", value.map(str::to_owned), file);
        assert_eq!(of(None, None).unwrap(), None);
        assert_eq!(of(Some("plain"), None).unwrap().unwrap(), "plain");
        assert_eq!(of(None, name(&file)).unwrap().unwrap(), "from-a-file");
        let both = of(Some("plain"), name(&file)).unwrap_err().to_string();
        assert!(both.starts_with("`STOCKOPS_API_KEY` must be given once") && !both.contains("plain"), "{both}");
        let missing = of(None, name(&folder.path().join("none"))).unwrap_err();
        assert_eq!(missing.kind(), "storage", "{missing}");
    }
}
