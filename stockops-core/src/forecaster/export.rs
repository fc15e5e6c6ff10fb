//! A forecaster's network in formats of others, with what a stranger has to know to use it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::json;

use super::Forecaster;
use crate::error::{Error, Result, check};
use crate::files::sha256_hex;
use crate::model::OnnxGraph;

/// A format of others.
///
/// # Example
///
/// ```
/// use stockops_core::forecaster::ExportFormat;
/// use stockops_core::model::OnnxGraph;
///
/// assert_eq!(ExportFormat::new("onnx", None)?, ExportFormat::Onnx(OnnxGraph::Forecaster));
/// assert!(ExportFormat::new("pickle", None).is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Weights under PyTorch's names.
    Safetensors,
    /// A graph that runtimes compute.
    Onnx(OnnxGraph),
}

impl ExportFormat {
    /// The format of a word, and of ONNX how much of the forecaster; all of it where nothing is said.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) where there is no such format, or where a part of safetensors is asked for.
    pub fn new(word: &str, graph: Option<OnnxGraph>) -> Result<Self> {
        check(matches!(word, "safetensors" | "onnx"), "format", "safetensors or onnx", word)?;
        if word == "onnx" {
            return Ok(Self::Onnx(graph.unwrap_or_default()));
        }
        let rule = "left out with safetensors, which holds the weights and no graph";
        check(graph.is_none(), "part", rule, graph.unwrap_or_default())?;
        Ok(Self::Safetensors)
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Safetensors => f.write_str("safetensors"),
            Self::Onnx(graph) => write!(f, "onnx, {graph}"),
        }
    }
}

impl Forecaster {
    /// The network in a format of others, with a [card](Self::card) in its metadata; `version` is its name in a registry.
    ///
    /// What a bundle has beyond the network (the blend with a linear rule, effects of days, intervals, skill) is not in it: the
    /// formats have no place for it.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::Device;
    /// use stockops_core::forecaster::ExportFormat;
    /// use stockops_core::model::StateDict;
    /// use stockops_core::pipeline::shipped_parent;
    ///
    /// let parent = shipped_parent(Device::Cpu)?;
    /// let file = parent.export(ExportFormat::Safetensors, Some("^GSPC@0"))?;
    /// let (weights, card) = StateDict::from_safetensors("exported", &file)?;
    /// assert_eq!(weights.get("fc.bias"), parent.model().state()?.get("fc.bias"));
    /// assert_eq!((card["version"].as_str(), card["encoding"].as_str()), ("^GSPC@0", "stationary"));
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn export(&self, format: ExportFormat, version: Option<&str>) -> Result<Vec<u8>> {
        let card = self.card(version)?;
        match format {
            ExportFormat::Onnx(graph) => self.model.to_onnx(graph, self.about.context, &card),
            ExportFormat::Safetensors => with_card(self.model.state()?.to_safetensors(HashMap::new())?, &card),
        }
    }

    /// What a stranger has to know: how bars become rows and rows become numbers for the network, what comes out, and where it is
    /// from. Lists are JSON.
    pub fn card(&self, version: Option<&str>) -> Result<BTreeMap<String, String>> {
        let (about, config) = (&self.about, self.model.config());
        let word = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let entries = [
            ("producer", format!("stockops {}", env!("CARGO_PKG_VERSION"))),
            ("ticker", about.ticker.to_string()),
            ("version", version.unwrap_or("none").to_owned()),
            ("strategy", about.role.to_string()),
            ("parent", about.parent.as_ref().map_or("none".into(), |parent| parent.version.clone())),
            ("columns", json!(about.features.names()).to_string()),
            ("encoding", word(json!(about.encoding))),
            ("scaler_mean", json!(about.scaler.mean()).to_string()),
            ("scaler_scale", json!(about.scaler.scale()).to_string()),
            (
                "scaling",
                "scaled = (encoded - scaler_mean) / scaler_scale, column by column; undone on what comes out".into(),
            ),
            ("context", about.context.to_string()),
            ("horizon", config.horizon.to_string()),
            ("hidden", config.hidden.to_string()),
            ("layers", config.layers.to_string()),
            ("order", "rows are sessions, oldest first; row h of what comes out is h sessions ahead".into()),
            ("trained_on", json!(about.trained_on).to_string()),
            ("first_day", about.first_day.to_string()),
            ("last_seen_day", about.last_seen_day.to_string()),
            ("data_sha256", about.data_sha256.clone()),
            ("bundle_sha256", sha256_hex(&self.to_bytes()?)),
            ("beyond", "blend, effects of days, intervals and skill are in the bundle alone".into()),
            ("licence", "no licence of its own: look at the terms of the bars that it was trained on".into()),
            ("documentation", "docs/models.md of stockops".into()),
        ];
        Ok(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// A safetensors file with empty metadata, with a card in their place in order of names, so that the same card gives the same bytes.
fn with_card(file: Vec<u8>, card: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let broken = || Error::Bundle { name: "in memory".into(), problem: "no safetensors file".into() };
    let length = file.first_chunk().map(|length| u64::from_le_bytes(*length) as usize).ok_or_else(broken)?;
    let (header, data) = file[8..].split_at_checked(length).ok_or_else(broken)?;
    let tensors = header.strip_prefix(br#"{"__metadata__":{},"#).ok_or_else(broken)?;
    let mut header = format!("{{\"__metadata__\":{},", json!(card)).into_bytes();
    header.extend_from_slice(tensors);
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok([&(header.len() as u64).to_le_bytes()[..], &header, data].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Device, ModelConfig, StateDict};

    #[test]
    fn a_card_is_read_back_with_the_same_weights_and_the_same_bytes_each_time() {
        let state = ModelConfig { hidden: 3, ..ModelConfig::default() }.init(Device::Cpu, 1).unwrap().state().unwrap();
        let card: BTreeMap<String, String> =
            [("b", "\"x\""), ("a", "1"), ("c", "")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let make = || with_card(state.to_safetensors(HashMap::new()).unwrap(), &card).unwrap();
        let (weights, found) = StateDict::from_safetensors("card", &make()).unwrap();
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), card);
        assert!(weights.0.iter().all(|tensor| state.get(&tensor.name) == Some(tensor)));
        assert_eq!(weights.0.len(), state.0.len());
        assert_eq!(make(), make());
        assert_eq!(String::from_utf8_lossy(&make()).matches("__metadata__").count(), 1);
    }
}
