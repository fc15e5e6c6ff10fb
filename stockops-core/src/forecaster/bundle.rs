//! A forecaster as one safetensors file: weights under PyTorch's names, everything else in its metadata.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::{About, Forecaster};
use crate::error::{Error, Result};
use crate::features::FeatureSet;
use crate::files::checksum::{BLANK, holds, sealed};
use crate::files::write_atomically;
use crate::model::{Device, LSTMModel, StateDict};
use crate::training::ColumnWeights;

/// Version of the layout of a bundle.
pub(crate) const FORMAT: u32 = 2;

/// Key of the JSON in the metadata.
const KEY: &str = "stockops";

/// What comes before the checksum: it is in JSON that is a text in JSON.
const MARK: &str = r#"\"sha256\":\""#;

/// The JSON in the metadata: the checksum of the file, and what is known of the forecaster.
#[derive(Serialize)]
struct Metadata<'a> {
    sha256: &'a str,
    #[serde(flatten)]
    about: &'a About,
}

impl Forecaster {
    /// The bundle as bytes, with its own checksum within: the same forecaster gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let broken = |problem: &str| bad("in memory", problem);
        let metadata = Metadata { sha256: BLANK, about: &self.about };
        let metadata = serde_json::to_string(&metadata).map_err(|error| broken(&error.to_string()))?;
        let bytes = self.model.state()?.to_safetensors(HashMap::from([(KEY.to_string(), metadata)]))?;
        sealed(MARK, bytes).ok_or_else(|| broken("its metadata have no place for a checksum"))
    }

    /// Read a bundle; `name` stands in messages.
    ///
    /// # Errors
    ///
    /// [`Error::Bundle`] where the bytes are truncated, of another layout, do not fit together, or were altered since they were
    /// written: weights and metadata are checked against the checksum within. Bundles of before have none and are read unchecked.
    pub fn from_bytes(name: &str, bytes: &[u8], device: Device) -> Result<Self> {
        let (state, metadata) = StateDict::from_safetensors(name, bytes)?;
        let about = metadata.get(KEY).ok_or_else(|| bad(name, "it has weights but no stockops metadata"))?;
        let mut about: Value =
            serde_json::from_str(about).map_err(|error| bad(name, &format!("its metadata: {error}")))?;
        check_sum(name, bytes, &mut about)?;
        let format = about["format"].as_u64();
        if format != Some(u64::from(FORMAT)) {
            let found = format.map_or("none".to_string(), |format| format.to_string());
            let problem = match format {
                Some(newer) if newer > u64::from(FORMAT) => {
                    format!(
                        "a newer stockops wrote it: it has layout {newer}, and this one reads {FORMAT}; upgrade stockops"
                    )
                }
                _ => format!("it has layout {found}, and this version reads layout {FORMAT}"),
            };
            return Err(bad(name, &problem));
        }
        let unread = |error: serde_json::Error| bad(name, &format!("its metadata: {error}"));
        name_column_weights(&mut about).map_err(unread)?;
        name_imported(&mut about);
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

/// Check the checksum of `bytes`, and take it out of their metadata; bundles of before have none.
fn check_sum(name: &str, bytes: &[u8], about: &mut Value) -> Result<()> {
    let Some(checksum) = about.as_object_mut().and_then(|about| about.remove("sha256")) else { return Ok(()) };
    let is_whole = checksum.as_str().is_some_and(|checksum| holds(MARK, checksum, bytes));
    if is_whole { Ok(()) } else { Err(bad(name, "it was altered after it was written: its own checksum differs")) }
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

/// Bundles of before say in the hash of the bars that there are none.
fn name_imported(about: &mut Value) {
    let hash = about["data_sha256"].as_str().and_then(|word| word.strip_prefix("imported:")).map(String::from);
    if let Some(hash) = hash {
        (about["imported"], about["data_sha256"]) = (json!(true), json!(hash));
    }
}

fn bad(name: &str, problem: &str) -> Error {
    Error::Bundle { name: name.into(), problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::shipped_parent;

    fn read(bytes: &[u8]) -> Result<Forecaster> {
        Forecaster::from_bytes("GOOG@1", bytes, Device::Cpu)
    }

    #[test]
    fn a_bundle_of_before_has_no_checksum_and_is_read() {
        let parent = shipped_parent(Device::Cpu).unwrap();
        let metadata = HashMap::from([(KEY.to_string(), serde_json::to_string(parent.about()).unwrap())]);
        let old = parent.model().state().unwrap().to_safetensors(metadata).unwrap();
        let again = read(&old).unwrap();
        assert_eq!(again.about(), parent.about());
        assert_eq!(again.to_bytes().unwrap(), parent.to_bytes().unwrap());
    }

    #[test]
    fn an_imported_bundle_of_before_says_so_in_its_own_field() {
        let parent = shipped_parent(Device::Cpu).unwrap();
        assert!(!parent.about().imported && !serde_json::to_string(parent.about()).unwrap().contains("imported"));
        let mut about = serde_json::to_value(parent.about()).unwrap();
        about["data_sha256"] = json!("imported:0123");
        let metadata = HashMap::from([(KEY.to_string(), about.to_string())]);
        let old = parent.model().state().unwrap().to_safetensors(metadata).unwrap();
        let about = read(&old).unwrap().about().clone();
        assert_eq!((about.imported, about.data_sha256.as_str()), (true, "0123"));
    }

    #[test]
    fn one_altered_bit_anywhere_is_noticed() {
        let bytes = shipped_parent(Device::Cpu).unwrap().to_bytes().unwrap();
        assert_eq!(read(&bytes).unwrap().to_bytes().unwrap(), bytes);
        let altered = "bundle GOOG@1: it was altered after it was written: its own checksum differs; train it again or \
                       choose another version";
        let last = bytes.len() - 1;
        let mut told = 0;
        // Every place would take minutes: some in the header, where the text may break first, and some in the weights.
        for place in (0..bytes.len()).step_by(997).chain([last]) {
            let mut other = bytes.clone();
            other[place] ^= 1;
            let error = read(&other).unwrap_err();
            assert_eq!(error.kind(), "bundle", "byte {place}: {error}");
            told += usize::from(error.to_string() == altered);
        }
        assert!(told > 50, "{told}");
        let mut other = bytes;
        other[last] ^= 1;
        assert_eq!(read(&other).unwrap_err().to_string(), altered);
    }
}
