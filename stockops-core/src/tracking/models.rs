//! `ModelServer`: a registry elsewhere that shows the versions of ours.

use std::fmt::Debug;

use serde::Serialize;

use super::RunId;
use crate::error::Result;
use crate::market::Ticker;
use crate::registry::VersionId;

/// Names that versions have at a server; others there are somebody else's.
pub(super) const ALIASES: [&str; 3] = ["champion", "challenger", "parent"];

/// What became of an attempt to show versions at a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mirrored {
    /// Versions that are shown now and were not before.
    pub shown: Vec<VersionId>,
    /// Names that were given or taken away.
    pub names: usize,
    /// Versions that were taken away, since they were removed from the registry.
    pub hidden: usize,
    /// Versions without a run, or whose run is not whole at the server yet or was deleted there: they are not shown.
    pub waiting: usize,
    /// What the server refused last: one ticker, or to do anything, and then the rest was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// Why a server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// The word of [`Error::kind`](crate::Error::kind).
    pub kind: String,
    /// In a sentence.
    pub message: String,
}

/// A version of ours, as a server shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownVersion {
    /// Which.
    pub id: VersionId,
    /// The run that made it, with whose files its bundle is.
    pub run: RunId,
    /// What else is said of it, by name.
    pub tags: Vec<(&'static str, String)>,
}

/// A registry elsewhere that shows the versions of ours, by a model for each ticker. The server counts its versions itself.
///
/// Each call may be made again when its answer was lost, and changes nothing the second time. A server that has no registry
/// refuses each with [`Refusal::NoApi`](crate::error::Refusal::NoApi).
pub trait ModelServer: Debug + Send + Sync {
    /// Show a version; its number there.
    fn show(&self, version: &ShownVersion) -> Result<String>;

    /// Which version there has a name, if one has.
    fn named(&self, ticker: &Ticker, alias: &str) -> Result<Option<String>>;

    /// Give a name to a version there, in the place of the one that has it.
    fn name(&self, ticker: &Ticker, alias: &str, number: &str) -> Result<()>;

    /// Take a name away.
    fn unname(&self, ticker: &Ticker, alias: &str) -> Result<()>;

    /// Take a version away, with the names of ours that it has; `false` where it stays, since somebody else gave it a name.
    fn hide(&self, ticker: &Ticker, number: &str) -> Result<bool>;
}
