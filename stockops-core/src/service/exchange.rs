//! In and out: networks of the original become versions, and versions go into formats of others.

use std::path::PathBuf;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ListedVersion, Stockops};
use crate::error::{Error, Result};
use crate::forecaster::{ExportFormat, Import};
use crate::market::Ticker;
use crate::pipeline::{
    PARENT_TICKER, Parent, Trained, Verdict, import_as_parent, import_pt, parent_id, publish_import, shipped_parent,
};
use crate::registry::{Version, VersionId};
use crate::tracking::{Batch, Run, RunId, RunStatus};

/// A network of the original that is to become a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Whose network.
    pub ticker: Ticker,
    /// The `.pt` file of its state_dict.
    pub weights: PathBuf,
    /// Its scaler as JSON.
    pub scaler: PathBuf,
    /// Last day that it may have seen in training; today where it is not known, so that no forecast counts as a test of it
    /// before it is one.
    #[serde(default)]
    pub last_seen_day: Option<NaiveDate>,
    /// Rows that it sees; 60 by default.
    #[serde(default)]
    pub context: Option<usize>,
    /// Whether it is a parent, which children may come from.
    #[serde(default)]
    pub parent: bool,
    /// Judge it on the bars of its source that come after its last day.
    #[serde(default)]
    pub judge: bool,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// The version that it became.
    #[serde(flatten)]
    pub version: ListedVersion,
    /// The run that stands for the import.
    pub run_id: RunId,
    /// Whether a parent is the one that children come from, and what is to be said about the run's way home and to a server; else
    /// empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A version in a format of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Which version.
    pub id: VersionId,
    /// The file.
    pub file: Vec<u8>,
}

impl Stockops {
    /// Read a network of the original with its scaler, and register it; see [`import_pt`] and [`publish_import`].
    ///
    /// # Errors
    ///
    /// Those of the two, and of the source where it is to be judged; [`Busy`](Error::Busy) where someone trains the ticker.
    pub fn import(&self, request: &ImportRequest) -> Result<Imported> {
        let import = Import {
            context: request.context.unwrap_or(60),
            is_parent: request.parent,
            device: self.device,
            ..Import::new(request.ticker.clone(), request.last_seen_day.unwrap_or(self.now().date_naive()))
        };
        let bars = request.judge.then(|| self.bars(&request.ticker)).transpose()?.map(|sourced| sourced.bars);
        let _lock = self.registry.training_lock(&request.ticker)?;
        let imported = import_pt(&request.weights, &request.scaler, &import, bars.as_ref())?;
        let version = publish_import(self.registry(), &imported)?;
        let id = VersionId { ticker: request.ticker.clone(), version: version.version };
        let seat = request.parent.then(|| self.seated(&imported, &version, &id)).transpose()?;
        let (run_id, notes) = self.imported_run(&imported, &id, &version.sha256)?;
        let notes = seat.into_iter().chain(notes).collect();
        Ok(Imported { version: ListedVersion { ticker: request.ticker.clone(), version }, run_id, notes })
    }

    /// Whether an imported parent is the one that children come from, in a sentence.
    fn seated(&self, imported: &Trained, version: &Version, id: &VersionId) -> Result<String> {
        Ok(match import_as_parent(self.registry(), imported, version)? {
            Verdict::Replace(reason) => format!("children of all tickers come from {id} from now on: {reason}"),
            Verdict::Keep(reason) => {
                format!(
                    "children go on coming from {}, until {id} is made the parent: {reason}",
                    parent_id(self.registry())?
                )
            }
        })
    }

    /// The run that stands for an import, so that a server has its bundle.
    fn imported_run(&self, imported: &Trained, id: &VersionId, sha256: &str) -> Result<(RunId, Vec<String>)> {
        let (now, about) = (self.now(), imported.forecaster.about());
        let said = Batch::default()
            .tag("kind", "import")
            .tag("model_type", if about.role.strategy().is_none() { "parent" } else { "child" })
            .tag("ticker", &id.ticker)
            .tag("version", id)
            .tag("bundle_sha256", sha256)
            .tag("status", RunStatus::Finished)
            .param("data_sha256", &about.data_sha256)
            .param("context_len", about.context)
            .param("features", about.features.names().join(","));
        let run = Run {
            tags: said.tags,
            params: said.params,
            ..Run::begun(RunId::new(now), format!("{} import", id.ticker), now)
        };
        let run_id = run.run_id.clone();
        let recorder = self.record_run(run);
        recorder.log(Batch::default().scores(&about.evaluation.fields, now));
        recorder.keep("evaluation.json", json!(about.evaluation).to_string());
        recorder.keep("bundle.safetensors", imported.forecaster.to_bytes()?);
        let mut notes = recorder.finish(RunStatus::Finished, self.now());
        if notes.is_empty() {
            notes.extend(self.shown(&id.ticker));
        }
        Ok((run_id, notes))
    }

    /// A version in a format of others, the champion where no number is given; of `^GSPC` without a version the parent that ships
    /// with the crate, version 0.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) where there is none; [`Bundle`](Error::Bundle) where it is damaged.
    pub fn export(&self, ticker: &Ticker, version: Option<u32>, format: ExportFormat) -> Result<Exported> {
        let is_index = ticker.as_str() == PARENT_TICKER;
        let Parent { forecaster, id } = match self.load(ticker, version) {
            Err(Error::NotFound { .. }) if is_index && version.unwrap_or(0) == 0 => Parent {
                forecaster: shipped_parent(self.device)?,
                id: VersionId { ticker: ticker.clone(), version: 0 },
            },
            found => found?,
        };
        let file = forecaster.export(format, Some(&id.to_string()))?;
        Ok(Exported { id, file })
    }
}
