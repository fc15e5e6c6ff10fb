//! What is known about a version: its record, what the trainer notes, and the files beside the bundle.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::VersionId;
use crate::error::{Error, Result, check};
use crate::files::sha256_hex;

/// File name of the bundle in a version's folder.
pub(super) const BUNDLE: &str = "bundle.safetensors";

/// Longest name of an artifact.
const MAX_NAME: usize = 100;

/// A name for one version of a ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alias {
    /// The version that forecasts.
    Champion,
    /// The newest version that was put and never promoted.
    Challenger,
}

/// What a trainer says about a bundle when it puts it.
///
/// # Example
///
/// ```
/// use stockops_core::registry::VersionNote;
///
/// let last_seen_day = "2016-12-30".parse().unwrap();
/// let note = VersionNote { parent: Some("^GSPC@3".into()), ..VersionNote::new("freeze", last_seen_day) };
/// assert!(!note.unproven);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VersionNote {
    /// How it was trained: `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
    pub strategy: String,
    /// The version that it was transferred from, such as `^GSPC@3`.
    pub parent: Option<String>,
    /// Its evaluation, as JSON; `null` when there is none.
    pub metrics: serde_json::Value,
    /// Last day that training, validation or calibration saw.
    pub last_seen_day: NaiveDate,
    /// Whether it has not shown skill yet.
    pub unproven: bool,
    /// Why it is unproven, or why it was put, in a sentence.
    pub reason: Option<String>,
    /// Whether it is neither champion nor challenger, even as the first of its ticker, until somebody promotes it.
    pub aside: bool,
    /// The job that made it: of one job one version is kept, and who puts another gets the first.
    pub job: Option<String>,
}

impl VersionNote {
    /// A note with neither parent, metrics nor doubts.
    pub fn new(strategy: impl Into<String>, last_seen_day: NaiveDate) -> Self {
        Self {
            strategy: strategy.into(),
            parent: None,
            metrics: serde_json::Value::Null,
            last_seen_day,
            unproven: false,
            reason: None,
            aside: false,
            job: None,
        }
    }
}

/// The record of one version, as `models list --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Version {
    /// Number, from 1.
    pub version: u32,
    /// When it was put, RFC 3339 in UTC, such as `2024-05-01T20:00:00Z`.
    pub created: String,
    /// How it was trained.
    pub strategy: String,
    /// The version that it was transferred from, such as `^GSPC@3`.
    pub parent: Option<String>,
    /// Its names; most versions have none.
    pub alias: Vec<Alias>,
    /// Its evaluation.
    pub metrics: serde_json::Value,
    /// Last day that it saw.
    pub last_seen_day: NaiveDate,
    /// SHA-256 of the bundle, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the bundle in bytes.
    pub bytes: u64,
    /// Whether it has not shown skill yet.
    pub unproven: bool,
    /// Why it is unproven, or why it was put.
    pub reason: Option<String>,
    /// Names of the files beside the bundle.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// The job that made it, where it was a job of a queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

impl Version {
    /// Whether `alias` names this version.
    pub fn is(&self, alias: Alias) -> bool {
        self.alias.contains(&alias)
    }

    /// Why its skill is not believed yet; `None` where it is.
    pub fn doubt(&self) -> Option<&str> {
        self.reason.as_deref().filter(|_| self.unproven)
    }

    /// Whether it was trained as a parent.
    pub fn is_parent(&self) -> bool {
        self.strategy == "parent"
    }

    /// The record of `bundle`, put now. The registry is the only place of core that reads a clock.
    pub fn record(version: u32, bundle: &[u8], note: VersionNote, artifacts: &[Artifact]) -> Self {
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        Self {
            version,
            created: now.to_rfc3339_opts(SecondsFormat::Secs, true),
            strategy: note.strategy,
            parent: note.parent,
            alias: Vec::new(),
            metrics: note.metrics,
            last_seen_day: note.last_seen_day,
            sha256: sha256_hex(bundle),
            bytes: bundle.len() as u64,
            unproven: note.unproven,
            reason: note.reason,
            artifacts: artifacts.iter().map(|artifact| artifact.name.clone()).collect(),
            job: note.job,
        }
    }

    /// [`Error::NotFound`] unless `name` is an artifact of this version. A manifest edited by hand cannot name a path.
    pub(super) fn has_artifact(&self, id: &VersionId, name: &str) -> Result<()> {
        if self.artifacts.iter().any(|known| known == name) && is_plain(name) {
            return Ok(());
        }
        let known = if self.artifacts.is_empty() { "none".into() } else { self.artifacts.join(", ") };
        Err(Error::NotFound { kind: "artifact", name: name.into(), hint: format!("{id} has {known}") })
    }

    /// What is wrong with `bytes` as the bundle of this version; `None` when they are those that were put.
    pub(super) fn damage(&self, bytes: &[u8]) -> Option<String> {
        if bytes.len() as u64 != self.bytes {
            return Some(format!("it has {} bytes where {} were written", bytes.len(), self.bytes));
        }
        (sha256_hex(bytes) != self.sha256).then(|| "its sha256 differs from that in the manifest".into())
    }
}

/// A file to keep beside a bundle, such as a chart.
///
/// Invariants of its name: 1 to 100 characters of `a-z`, `0-9`, `.`, `_` and `-`; it begins with a letter or digit;
/// it is not `bundle.safetensors`. So it is a plain file name everywhere.
///
/// # Example
///
/// ```
/// use stockops_core::registry::Artifact;
///
/// assert_eq!(Artifact::new("forecast.svg", *b"<svg/>")?.name(), "forecast.svg");
/// assert!(Artifact::new("../forecast.svg", *b"<svg/>").is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    name: String,
    bytes: Vec<u8>,
}

impl Artifact {
    /// Check the name; [`Error::Config`](crate::Error::Config) says what it must be.
    pub fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let rule = "1 to 100 of a-z, 0-9 and . _ -, beginning with a letter or digit, and not bundle.safetensors";
        check(is_plain(name), "artifact", rule, name)?;
        Ok(Self { name: name.into(), bytes: bytes.into() })
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Whether `name` keeps the invariants of an artifact's name.
fn is_plain(name: &str) -> bool {
    let letter_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= MAX_NAME
        && name.starts_with(letter_or_digit)
        && name.chars().all(|c| letter_or_digit(c) || "._-".contains(c))
        && name != BUNDLE
}

/// Two files cannot have one name.
pub(super) fn distinct(artifacts: &[Artifact]) -> Result<()> {
    for (i, artifact) in artifacts.iter().enumerate() {
        let fresh = artifacts[..i].iter().all(|other| other.name != artifact.name);
        check(fresh, "artifact", "named differently from every other", &artifact.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_plain_files_are_refused() {
        let long = "a".repeat(101);
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "A.svg", "ä.svg", "a b", BUNDLE, &long] {
            let text = Artifact::new(name, []).unwrap_err().to_string();
            let rule = "1 to 100 of a-z, 0-9 and . _ -, beginning with a letter or digit, and not bundle.safetensors";
            assert_eq!(text, format!("`artifact` must be {rule}, got {name}"));
        }
        assert!(Artifact::new("forecast_h1-5.svg", []).is_ok());
    }

    #[test]
    fn the_record_reads_as_in_cli_md() {
        let note = VersionNote { parent: Some("^GSPC@3".into()), ..VersionNote::new("freeze", NaiveDate::default()) };
        let mut version = Version::record(2, b"abc", note, &[]);
        version.alias = vec![Alias::Champion];
        version.created = "2024-05-01T20:00:00Z".into();
        let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, appendix B.1
        let json = format!(
            r#"{{"version":2,"created":"2024-05-01T20:00:00Z","strategy":"freeze","parent":"^GSPC@3","alias":["champion"],"metrics":null,"last_seen_day":"1970-01-01","sha256":"{sha}","bytes":3,"unproven":false,"reason":null,"artifacts":[]}}"#
        );
        assert_eq!(serde_json::to_string(&version).unwrap(), json);
        assert_eq!(serde_json::from_str::<Version>(&json).unwrap(), version);
    }

    #[test]
    fn created_is_now_in_utc() {
        let version = Version::record(1, b"", VersionNote::new("scratch", NaiveDate::default()), &[]);
        let created = DateTime::parse_from_rfc3339(&version.created).unwrap().to_utc();
        let age = DateTime::<Utc>::from(std::time::SystemTime::now()) - created;
        assert!((0..60).contains(&age.num_seconds()), "{}", version.created);
        assert!(version.created.ends_with('Z'));
    }
}
