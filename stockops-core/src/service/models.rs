//! Versions: which there are, and which of them forecasts.

use chrono::NaiveDate;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::Stockops;
use super::forecast::Serving;
use crate::error::{Error, Result};
use crate::forecast::Role;
use crate::market::Ticker;
use crate::pipeline::{PARENT_TICKER, Parent, make_parent, parent_id, rollback, shipped_parent};
use crate::registry::{Version, VersionId, VersionNote};

/// Versions of one ticker or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Models {
    /// By ticker, oldest first.
    pub versions: Vec<ListedVersion>,
    /// Which version children come from, such as `^GSPC@0`; `None` where its manifest cannot be read.
    pub parent: Option<VersionId>,
    /// The parent that ships with the crate, which is in no registry.
    pub shipped: Shipped,
    /// Versions that cannot be read, or all of a ticker; the others can still be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
}

/// A version and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedVersion {
    /// Whose.
    pub ticker: Ticker,
    /// Its record.
    #[serde(flatten)]
    pub version: Version,
}

/// The parent that ships with the crate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shipped {
    /// The ticker that it is called by.
    pub ticker: Ticker,
    /// Always 0.
    pub version: u32,
    /// Always a parent.
    pub strategy: Role,
    /// Last day that it saw.
    pub last_seen_day: NaiveDate,
    /// All tickers that it was trained on.
    pub trained_on: Vec<Ticker>,
}

/// A version whose bundle is damaged, or a ticker none of whose versions can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unreadable {
    /// Whose.
    pub ticker: Ticker,
    /// Which version; none where it is all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Why.
    pub problem: String,
}

impl Stockops {
    /// All versions, of `ticker` or of all tickers. Each bundle is read and checked against its hash.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) where `ticker` has no version; those of the registry.
    pub fn models(&self, ticker: Option<&Ticker>) -> Result<Models> {
        match ticker {
            Some(ticker) => match self.registry.versions(ticker)? {
                versions if versions.is_empty() => Err(no_model(ticker)),
                versions => self.with_parent(listed(ticker, versions), self.damaged(ticker)?),
            },
            None => self.all_models(),
        }
    }

    fn all_models(&self) -> Result<Models> {
        let (mut versions, mut unreadable) = (Vec::new(), Vec::new());
        for ticker in self.registry.tickers()? {
            match self.registry.versions(&ticker) {
                Ok(own) => {
                    versions.extend(listed(&ticker, own));
                    unreadable.extend(self.damaged(&ticker)?);
                }
                Err(error) => unreadable.push(Unreadable { ticker, version: None, problem: error.to_string() }),
            }
        }
        self.with_parent(versions, unreadable)
    }

    /// The versions of `ticker` whose bundles are not what was put.
    fn damaged(&self, ticker: &Ticker) -> Result<Vec<Unreadable>> {
        let versions = self.registry.versions(ticker)?;
        let problem = |version: &Version| match self.registry.get(ticker, version.version) {
            // One that was removed meanwhile is not damaged.
            Ok(_) | Err(Error::NotFound { .. }) => None,
            Err(error) => {
                Some(Unreadable { ticker: ticker.clone(), version: Some(version.version), problem: error.to_string() })
            }
        };
        Ok(versions.par_iter().filter_map(problem).collect())
    }

    fn with_parent(&self, versions: Vec<ListedVersion>, unreadable: Vec<Unreadable>) -> Result<Models> {
        let parent = match parent_id(self.registry()) {
            Ok(parent) => Some(parent),
            // That of a manifest that cannot be read, which is told already.
            Err(_) if unreadable.iter().any(|broken| broken.version.is_none()) => None,
            Err(error) => return Err(error),
        };
        let forecaster = shipped_parent(self.device)?;
        let about = forecaster.about();
        let shipped = Shipped {
            ticker: about.ticker.clone(),
            version: 0,
            strategy: about.role,
            last_seen_day: about.last_seen_day,
            trained_on: about.trained_on.clone(),
        };
        Ok(Models { versions, parent, shipped, unreadable })
    }

    /// One version, the champion where no number is given; its bundle is read and checked against its hash. Of `^GSPC` without a version
    /// it is the parent that ships with the crate, version 0.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) where there is none; [`Bundle`](Error::Bundle) where it is damaged.
    pub fn model(&self, ticker: &Ticker, version: Option<u32>) -> Result<Version> {
        let champion = || Ok::<_, Error>(self.registry.champion(ticker)?.map(|champion| champion.version));
        let number = match version.map_or_else(champion, |number| Ok(Some(number)))? {
            Some(0) | None if ticker.as_str() == PARENT_TICKER => return self.shipped(),
            Some(number) => number,
            None => return Err(no_model(ticker)),
        };
        // Reading the bundle checks its hash, and names the versions there are where there is none of that number.
        self.registry.get(ticker, number)?;
        self.version(&VersionId { ticker: ticker.clone(), version: number })
    }

    /// The record of the parent that ships with the crate; nothing tells when it was made.
    fn shipped(&self) -> Result<Version> {
        let forecaster = shipped_parent(self.device)?;
        let about = forecaster.about();
        let note = VersionNote {
            metrics: json!({"evaluation": about.evaluation, "training_windows": about.training_windows}),
            reason: Some("it ships with stockops".into()),
            ..VersionNote::new(about.role.to_string(), about.last_seen_day)
        };
        Ok(Version { created: "-".into(), ..Version::record(0, &forecaster.to_bytes()?, note, &[]) })
    }

    /// A version, the champion where no number is given, as a forecaster; it stays loaded.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) where there is none; [`Bundle`](Error::Bundle) where it is damaged.
    pub fn load(&self, ticker: &Ticker, version: Option<u32>) -> Result<Parent> {
        let record = match version {
            Some(number) => self.registry.versions(ticker)?.into_iter().find(|version| version.version == number),
            None => self.registry.champion(ticker)?,
        };
        let Some(record) = record else {
            // The registry names the versions that there are.
            return Err(version.and_then(|number| self.registry.get(ticker, number).err()).unwrap_or(no_model(ticker)));
        };
        let Serving { forecaster, id, .. } = self.serving(ticker, record)?;
        Ok(Parent { forecaster: (*forecaster).clone(), id })
    }

    /// The record of a version.
    pub(super) fn version(&self, id: &VersionId) -> Result<Version> {
        let versions = self.registry.versions(&id.ticker)?;
        versions.into_iter().find(|version| version.version == id.version).ok_or_else(|| no_model(&id.ticker))
    }

    /// Make a version the parent that children come from; version 0 of `^GSPC` for the one that ships with the crate.
    ///
    /// # Errors
    ///
    /// Those of [`make_parent`](crate::pipeline::make_parent()).
    pub fn make_parent(&self, id: &VersionId) -> Result<()> {
        let before = parent_id(self.registry())?;
        make_parent(self.registry(), id)?;
        self.shown(&before.ticker);
        self.shown(&id.ticker);
        Ok(())
    }

    /// Make `version` the champion of `ticker`.
    ///
    /// # Errors
    ///
    /// Those of [`ModelRegistry::promote`](crate::ModelRegistry::promote).
    pub fn promote(&self, ticker: &Ticker, version: u32) -> Result<Version> {
        let promoted = self.registry.promote(ticker, version)?;
        self.shown(ticker);
        Ok(promoted)
    }

    /// Make the champion before the current one champion again, and remember it.
    ///
    /// # Errors
    ///
    /// Those of [`rollback`](crate::pipeline::rollback()).
    pub fn rollback(&self, ticker: &Ticker) -> Result<Version> {
        let champion = rollback(self.registry(), self.record(), ticker, self.now().date_naive())?;
        self.shown(ticker);
        Ok(champion)
    }
}

fn listed(ticker: &Ticker, versions: Vec<Version>) -> Vec<ListedVersion> {
    versions.into_iter().map(|version| ListedVersion { ticker: ticker.clone(), version }).collect()
}

fn no_model(ticker: &Ticker) -> Error {
    Error::NotFound { kind: "model", name: ticker.to_string(), hint: "train one first".into() }
}
