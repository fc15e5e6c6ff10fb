//! `Address`: where a server is, and who we are to it.

use crate::error::{Result, check};

/// Where a server is, and who we are to it. What is secret is never shown.
#[derive(Clone)]
pub(super) struct Address {
    base: String,
    headers: Vec<(&'static str, String)>,
}

/// Who we are to a server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// Name of the user.
    pub user: Option<String>,
    /// Password, or at DagsHub the token.
    pub password: Option<String>,
    /// Token; it is used where there is no user.
    pub token: Option<String>,
}

impl Address {
    /// Check `base`; [`Error::Config`](crate::Error::Config) where it is no address of HTTP.
    pub(super) fn new(base: &str, login: &Login) -> Result<Self> {
        let is_http = base.starts_with("http://") || base.starts_with("https://");
        // What stands before an @ is a password.
        let shown = base.rsplit_once('@').map_or(base, |(_, end)| end);
        let rule = "an address of a server, http:// or https:// (files and databases are opened by `mlflow server`)";
        check(is_http && base.parse::<ureq::http::Uri>().is_ok(), "tracking_uri", rule, shown)?;
        let (base, own) = without_login(base.trim_end_matches('/'));
        // The login ends at the first slash: one within a password would leave the rest of it in every message.
        let rule = "an address whose password has no / and no @; MLFLOW_TRACKING_PASSWORD takes any";
        check(!base.contains('@'), "tracking_uri", rule, "another")?;
        let user = login.user.clone().or(own.user);
        let password = login.password.clone().or(own.password);
        let authorization = match (user, &login.token) {
            (Some(user), _) => {
                Some(format!("Basic {}", base64(format!("{user}:{}", password.unwrap_or_default()).as_bytes())))
            }
            (None, Some(token)) => Some(format!("Bearer {token}")),
            (None, None) => None,
        };
        Ok(Self { base, headers: authorization.map(|value| ("authorization", value)).into_iter().collect() })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The address of a path.
    pub(super) fn of(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    pub(super) fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("base", &self.base).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// `https://user:password@host/path` in its parts.
fn without_login(base: &str) -> (String, Login) {
    let (scheme, rest) = base.split_once("://").unwrap_or(("http", base));
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let Some((login, host)) = host.rsplit_once('@') else { return (base.to_owned(), Login::default()) };
    let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
    let login = Login { user: Some(user.into()), password: password.map(Into::into), token: None };
    (format!("{scheme}://{host}{path}"), login)
}

/// Base64 with the usual letters and padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648, section 10.
    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn a_login_becomes_a_header_and_is_never_shown() {
        let words = |user: Option<&str>, password: Option<&str>, token: Option<&str>| Login {
            user: user.map(Into::into),
            password: password.map(Into::into),
            token: token.map(Into::into),
        };
        let header = |address: &str, login: Login| {
            let address = Address::new(address, &login).unwrap();
            let shown = format!("{address:?} {login:?}");
            assert!(!shown.contains("open sesame"), "{shown}");
            (address.base().to_owned(), address.headers().first().map(|(_, value)| value.clone()))
        };
        let dagshub = "https://dagshub.com/ann/stocks.mlflow/";
        let base = dagshub.trim_end_matches('/').to_owned();
        assert_eq!(header(dagshub, Login::default()), (base.clone(), None));
        let bearer = header(dagshub, words(None, None, Some("open sesame")));
        assert_eq!(bearer, (base.clone(), Some("Bearer open sesame".into())));
        let basic = Some("Basic YW5uOm9wZW4gc2VzYW1l".to_owned());
        assert_eq!(header(dagshub, words(Some("ann"), Some("open sesame"), None)), (base, basic));
        let (base, basic) = header("http://ann:secret@127.0.0.1:5000", Login::default());
        assert_eq!((base.as_str(), basic.as_deref()), ("http://127.0.0.1:5000", Some("Basic YW5uOnNlY3JldA==")));
    }

    #[test]
    fn what_is_no_server_is_named() {
        for word in ["file:///tmp/mlruns", "sqlite:///mlflow.db", "./mlruns", "databricks", "http://"] {
            let text = Address::new(word, &Login::default()).unwrap_err().to_string();
            assert!(text.starts_with("`tracking_uri` must be an address of a server, http:// or https://"), "{text}");
        }
    }
}
