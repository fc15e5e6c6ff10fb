//! `RedisConfig`: where Redis is, and what is ours in it.

use std::fmt;
use std::time::Duration;

use redis::{ConnectionInfo, IntoConnectionInfo};

use crate::error::{Result, check};

/// Where Redis is, and what is ours in it. The password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisConfig {
    /// `redis://user:password@host:port/database`, all but the host optional; `rediss://` speaks TLS and trusts what the machine
    /// trusts. Characters of the password that mean something in an address are written with percent signs (`%40` for @). Default
    /// `redis://127.0.0.1:6379`.
    pub url: String,
    /// The project of Feast: letters, digits, `_` and `-`, first a letter or a digit. Default `stockops`.
    pub project: String,
    /// Time for connecting, and for each answer; above 0. Default 5 seconds.
    pub timeout: Duration,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self { url: "redis://127.0.0.1:6379".into(), project: "stockops".into(), timeout: Duration::from_secs(5) }
    }
}

impl RedisConfig {
    /// The address in parts.
    pub(super) fn connection(&self) -> Result<ConnectionInfo> {
        let rule = "an address of Redis, redis://user:password@host:port/database or rediss://, a password written with percent signs";
        let info = self.url.as_str().into_connection_info();
        check(info.is_ok(), "redis", rule, self.shown())?;
        check(self.timeout > Duration::ZERO, "timeout", "above 0", format!("{:?}", self.timeout))?;
        Ok(info.unwrap_or_else(|_| unreachable!("it was checked")))
    }

    pub(super) fn checked_project(&self) -> Result<&str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let is_name = self.project.starts_with(|c: char| c.is_ascii_alphanumeric()) && self.project.chars().all(plain);
        check(is_name, "project", "letters, digits, _ and -, first a letter or a digit", &self.project)?;
        Ok(&self.project)
    }

    /// The address without what stands before its last @, which may be a password, and without its options.
    pub(super) fn shown(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let host = host.split(['?', '#']).next().unwrap_or_default();
        if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, project, timeout) = (self.shown(), &self.project, self.timeout);
        f.debug_struct("RedisConfig").field("url", &url).field("project", project).field("timeout", &timeout).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> RedisConfig {
        RedisConfig { url: url.into(), ..RedisConfig::default() }
    }

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "redis://ann:secret@cache:6379/2",
            "rediss://:secret@cache:6379/2",
            "redis://:se@secret@cache:6379/2",
            "redis://ann:sec/secret@cache:x",
            "redis://cache:6379/2?password=secret",
            "secret@cache",
        ] {
            let config = at(url);
            let shown = format!(
                "{config:?} {}",
                config.connection().map_or_else(|error| error.to_string(), |_| config.shown())
            );
            assert!(shown.contains("cache") && !shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn settings_outside_of_their_rules_are_named() {
        for url in ["127.0.0.1:6379", "http://127.0.0.1", "redis://cache:x", ""] {
            let text = at(url).connection().unwrap_err().to_string();
            assert!(text.starts_with("`redis` must be an address of Redis, redis://"), "{text}");
        }
        let named = |project: &str| RedisConfig { project: project.into(), ..RedisConfig::default() };
        for project in ["", "_a", "a b", "a*"] {
            assert!(named(project).checked_project().is_err(), "{project}");
        }
        let hasty = RedisConfig { timeout: Duration::ZERO, ..RedisConfig::default() };
        assert!(hasty.connection().unwrap_err().to_string().starts_with("`timeout` must be above 0"));
    }
}
