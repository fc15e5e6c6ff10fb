//! `Manifest`: the versions of one ticker and who is champion. Pure: it knows neither files nor locks.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::version::{Alias, Version};
use crate::error::{Error, Result};
use crate::market::Ticker;
use crate::storage::json;

/// The layout that this code writes and reads.
const SCHEMA: u32 = 1;

/// Stands in the one `manifest.json` of stockops 0.1 once the manifests that follow it are numbered.
const FOLLOWED: u32 = 2;

/// What is known about the versions of one ticker: the value that a registry keeps, and changes in one step.
///
/// Whoever writes a registry of his own keeps one for each ticker, and the rules of versions come with it.
///
/// # Example
///
/// ```
/// use stockops_core::registry::{Manifest, Version, VersionNote};
///
/// let note = VersionNote::new("freeze", "2024-05-01".parse().unwrap());
/// let mut manifest = Manifest::new("GOOG".parse()?);
/// manifest.add(Version::record(manifest.next(), b"weights", note.clone(), &[]));
/// manifest.add(Version::record(manifest.next(), b"better weights", note, &[]));
/// assert_eq!(manifest.champion().unwrap().version, 1);
/// manifest.promote(2)?;
/// assert_eq!(manifest.rollback()?.version, 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    schema: u32,
    ticker: Ticker,
    /// The number that the next version gets, if no orphan has it.
    next: u32,
    /// Champions in order of their time, the current one last; what `rollback` walks back.
    champions: Vec<u32>,
    challenger: Option<u32>,
    /// Versions that were removed and whose files may still be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<u32>,
    /// Versions that were put aside, and never promoted since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aside: Vec<u32>,
    /// In order of number. Their `alias` repeats the two fields above for readers of the file.
    versions: Vec<Version>,
}

impl Manifest {
    /// That of a ticker without a version.
    pub fn new(ticker: Ticker) -> Self {
        let (champions, removed, aside, versions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { schema: SCHEMA, ticker, next: 1, champions, challenger: None, removed, aside, versions }
    }

    /// Read the `manifest.json` of stockops 0.1; [`Error::File`] names `path` and what is wrong.
    pub(super) fn from_json(ticker: &Ticker, path: &Path, json: &[u8]) -> Result<Self> {
        let mut manifest: Self = serde_json::from_slice(json).map_err(|error| {
            broken(path, Some(error.line().max(1)), format!("not a manifest of versions ({error})"))
        })?;
        if manifest.schema == FOLLOWED {
            manifest.schema = SCHEMA;
        }
        manifest.checked(ticker, || Ok(path.to_path_buf()))
    }

    /// What stockops 0.1 reads and refuses to go on with.
    pub(super) fn to_marked_json(&self) -> Vec<u8> {
        let marked = Self { schema: FOLLOWED, ..self.clone() };
        let mut json = serde_json::to_vec_pretty(&marked).expect("a manifest has string keys and finite numbers only");
        json.push(b'\n');
        json
    }

    /// This manifest, unless it breaks a rule or is not of `ticker`: [`Error::File`] names its `place` then.
    pub(super) fn checked(mut self, ticker: &Ticker, place: impl Fn() -> Result<PathBuf>) -> Result<Self> {
        if self.schema > SCHEMA {
            json::check_known(&place()?, self.schema, SCHEMA)?;
        }
        if let Some(problem) = self.problem(ticker) {
            return Err(broken(&place()?, None, problem));
        }
        self.name_aliases();
        Ok(self)
    }

    /// All versions, in order of number.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The number that the next version gets; a registry may skip some, and never gives one twice.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// The version that forecasts; `None` without a version.
    pub fn champion(&self) -> Option<&Version> {
        let number = self.champions.last()?;
        self.versions.iter().find(|version| version.version == *number)
    }

    /// The version that [`rollback`](Self::rollback) would make champion.
    ///
    /// [`Error::NotFound`] where there is none.
    pub fn predecessor(&self) -> Result<&Version> {
        let [.., before, _] = self.champions[..] else { return Err(self.nothing_before()) };
        self.find(before)
    }

    /// The record of a version; [`Error::NotFound`] names those that exist.
    pub fn find(&self, version: u32) -> Result<&Version> {
        self.versions.iter().find(|known| known.version == version).ok_or_else(|| self.missing(version.to_string()))
    }

    /// The version that `job` made; `None` without a job.
    pub fn of_job(&self, job: Option<&str>) -> Option<&Version> {
        self.versions.iter().find(|version| job.is_some() && version.job.as_deref() == job)
    }

    /// Take in a new version: the champion if there is none, else the challenger.
    pub fn add(&mut self, version: Version) -> Version {
        let number = version.version;
        if self.champions.is_empty() {
            self.champions.push(number);
        } else {
            self.challenger = Some(number);
        }
        self.insert(version)
    }

    /// Take in a new version that nothing changes for: it is neither champion nor challenger.
    pub fn set_aside(&mut self, version: Version) -> Version {
        self.aside.push(version.version);
        self.insert(version)
    }

    fn insert(&mut self, version: Version) -> Version {
        let number = version.version;
        self.next = self.next.max(number.saturating_add(1));
        // Two who put at once may come in another order than their numbers.
        let place = self.versions.partition_point(|known| known.version < number);
        self.versions.insert(place, version);
        self.name_aliases();
        self.versions[place].clone()
    }

    /// Make `version` champion; [`Error::NotFound`] names those that exist.
    pub fn promote(&mut self, version: u32) -> Result<Version> {
        self.find(version)?;
        self.aside.retain(|&aside| aside != version);
        if self.champions.last() != Some(&version) {
            self.champions.push(version);
        }
        self.challenger = self.challenger.filter(|&challenger| challenger != version);
        self.name_aliases();
        self.find(version).cloned()
    }

    /// Make the champion before the current one champion again; [`Error::NotFound`] where there is none.
    pub fn rollback(&mut self) -> Result<Version> {
        let before = self.predecessor()?.version;
        self.champions.pop();
        self.name_aliases();
        self.find(before).cloned()
    }

    /// Whether somebody would miss a version: the champion, the one that a rollback would bring back, the challenger.
    pub fn is_named(&self, version: u32) -> bool {
        let before = self.predecessor().ok().map(|before| before.version);
        self.champions.last() == Some(&version) || before == Some(version) || self.challenger == Some(version)
    }

    /// Take a version out, unless it [is named](Self::is_named) or unknown: `None` then. Its number is not given again.
    pub fn remove(&mut self, version: u32) -> Option<Version> {
        let place =
            self.versions.iter().position(|known| known.version == version).filter(|_| !self.is_named(version))?;
        self.champions.retain(|champion| *champion != version);
        self.champions.dedup();
        self.removed.push(version);
        Some(self.versions.remove(place))
    }

    /// Take in again what was taken out; it has lost its place among former champions.
    pub(super) fn restore(&mut self, version: Version) {
        self.removed.retain(|removed| *removed != version.version);
        let place = self.versions.partition_point(|known| known.version < version.version);
        self.versions.insert(place, version);
        self.name_aliases();
    }

    /// Versions that were removed and whose files may still be there.
    pub(super) fn removed(&self) -> &[u32] {
        &self.removed
    }

    /// The files of these versions are gone.
    pub(super) fn forget(&mut self, gone: &[u32]) {
        self.removed.retain(|version| !gone.contains(version));
    }

    fn name_aliases(&mut self) {
        let (champion, challenger) = (self.champions.last().copied(), self.challenger);
        for version in &mut self.versions {
            let named = |alias, holder| (holder == Some(version.version)).then_some(alias);
            let aliases = [named(Alias::Champion, champion), named(Alias::Challenger, challenger)];
            version.alias = aliases.into_iter().flatten().collect();
        }
    }

    /// The rule that this manifest breaks; `None` for one that this code wrote.
    fn problem(&self, ticker: &Ticker) -> Option<String> {
        if self.ticker != *ticker {
            return Some(format!("it belongs to {}, not to {ticker}", self.ticker));
        }
        let numbers: Vec<u32> = self.versions.iter().map(|version| version.version).collect();
        let ascending = numbers.first().is_none_or(|&first| first >= 1) && numbers.windows(2).all(|w| w[0] < w[1]);
        if !ascending || numbers.last().is_some_and(|&last| last >= self.next) {
            return Some("its versions do not ascend from 1 to below `next`".into());
        }
        let all_aside = numbers.iter().all(|number| self.aside.contains(number));
        if all_aside != self.champions.is_empty() || self.champions.windows(2).any(|w| w[0] == w[1]) {
            return Some("its champions do not fit its versions".into());
        }
        let named = self.champions.iter().chain(&self.challenger);
        let unknown = named.into_iter().find(|number| !numbers.contains(number))?;
        Some(format!("it names version {unknown} champion or challenger, and has no such version"))
    }

    fn missing(&self, name: impl std::fmt::Display) -> Error {
        let hint = match ranges(self.versions.iter().map(|version| version.version)) {
            None => format!("{} has no version yet: train it first", self.ticker),
            Some(known) => format!("{} has {known}", self.ticker),
        };
        Error::NotFound { kind: "version", name: format!("{}@{name}", self.ticker), hint }
    }

    pub(super) fn nothing_before(&self) -> Error {
        let Some(champion) = self.champions.last() else {
            return self.missing("champion");
        };
        let hint = "it has no predecessor to roll back to; promote another version instead".into();
        Error::NotFound { kind: "champion", name: format!("before {}@{champion}", self.ticker), hint }
    }
}

fn broken(path: &Path, line: Option<usize>, problem: String) -> Error {
    let cure = "restore this manifest from a copy, or move its folder away and train again";
    Error::File { path: path.into(), line, problem: format!("{problem}; {cure}") }
}

/// `1, 2, 3, 7` as `1 to 3, 7`; `None` for nothing.
fn ranges(numbers: impl IntoIterator<Item = u32>) -> Option<String> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let word = |(first, last)| if first == last { format!("{first}") } else { format!("{first} to {last}") };
    (!runs.is_empty()).then(|| runs.into_iter().map(word).collect::<Vec<_>>().join(", "))
}
