//! A forecaster as one safetensors file: weights under PyTorch's names, everything else in its metadata.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{About, Forecaster};
use crate::error::{Error, Result};
use crate::features::FeatureSet;
use crate::files::write_atomically;
use crate::model::{Device, LSTMModel, StateDict};
use crate::training::ColumnWeights;

/// Version of the layout of a bundle.
pub(crate) const FORMAT: u32 = 2;

/// Key of the JSON in the metadata.
const KEY: &str = "stockops";

impl Forecaster {
    /// The bundle as bytes: the same forecaster gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let about = serde_json::to_string(&self.about).map_err(|error| bad("in memory", &error.to_string()))?;
        self.model.state()?.to_safetensors(HashMap::from([(KEY.to_string(), about)]))
    }

    /// Read a bundle; `name` stands in messages.
    ///
    /// # Errors
    ///
    /// [`Error::Bundle`] where the bytes are truncated, of another layout, or do not fit together.
    pub fn from_bytes(name: &str, bytes: &[u8], device: Device) -> Result<Self> {
        let (state, metadata) = StateDict::from_safetensors(name, bytes)?;
        let about = metadata.get(KEY).ok_or_else(|| bad(name, "it has weights but no stockops metadata"))?;
        let mut about: Value =
            serde_json::from_str(about).map_err(|error| bad(name, &format!("its metadata: {error}")))?;
        let format = about["format"].as_u64();
        if format != Some(u64::from(FORMAT)) {
            let found = format.map_or("none".to_string(), |format| format.to_string());
            return Err(bad(name, &format!("it has layout {found}, and this version reads layout {FORMAT}")));
        }
        let unread = |error: serde_json::Error| bad(name, &format!("its metadata: {error}"));
        name_column_weights(&mut about).map_err(unread)?;
        let about: About = serde_json::from_value(about).map_err(unread)?;
        let named = |error: Error| match error {
            Error::Bundle { problem, .. } => bad(name, &problem),
            other => other,
        };
        let model = LSTMModel::from_state(&state, about.dropout, device).map_err(named)?;
        Self::new(model, about).map_err(|error| bad(name, &error.to_string()))
    }

    /// Write the bundle to `path`, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Storage`] where the disk refuses.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_atomically(path, &self.to_bytes()?)
    }

    /// Read the bundle at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where there is no such file, [`Error::Storage`] where the disk refuses, [`Error::Bundle`] where what it
    /// holds is no bundle.
    pub fn load(path: &Path, device: Device) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::unread(path))?;
        Self::from_bytes(&path.display().to_string(), &bytes, device)
    }
}

/// Bundles of before list the weights of columns in the order of the features.
fn name_column_weights(about: &mut Value) -> serde_json::Result<()> {
    if about["training"]["column_weights"].is_array() {
        let weights: Vec<f64> = serde_json::from_value(about["training"]["column_weights"].take())?;
        let features: FeatureSet = serde_json::from_value(about["features"].clone())?;
        about["training"]["column_weights"] = json!(ColumnWeights::listed(&features, &weights));
    }
    Ok(())
}

fn bad(name: &str, problem: &str) -> Error {
    Error::Bundle { name: name.into(), problem: problem.into() }
}
