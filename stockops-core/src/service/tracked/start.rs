//! `TrainingStart`: what is known of a training before it begins.

use std::collections::BTreeMap;

use serde_json::json;

use crate::files::sha256_hex;
use crate::market::Bars;
use crate::model::Device;
use crate::tracking::{Batch, RunStatus};
use crate::training::{Recipe, TrainConfig};

/// What is known of a training before it begins.
#[derive(Debug, Clone)]
pub struct TrainingStart<'a> {
    /// The bars that it is judged on; of a pooled parent those of its first ticker.
    pub bars: &'a Bars,
    /// How it is made.
    pub recipe: Recipe,
    /// Settings of the training.
    pub train: TrainConfig,
    /// `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
    pub strategy: String,
    /// The version that a child comes from, such as `^GSPC@3`.
    pub parent: Option<String>,
}

impl TrainingStart<'_> {
    /// What goes in.
    pub(super) fn params(&self, device: Device) -> BTreeMap<String, String> {
        let Self { bars, recipe, train, strategy, parent } = self;
        let features = json!([recipe.features, recipe.encoding]).to_string();
        let encoding = json!(recipe.encoding);
        let mut batch = Batch { params: params_of_bars(bars), ..Batch::default() }
            .param("context_len", recipe.context)
            .param("pred_len", recipe.horizon)
            .param("features", recipe.features.names().join(","))
            .param("features_sha256", sha256_hex(features.as_bytes()))
            .param("input_size", recipe.features.len())
            .param("encoding", encoding.as_str().unwrap_or_default())
            .param("hidden_size", recipe.network.hidden)
            .param("num_layers", recipe.network.layers)
            .param("dropout", recipe.network.dropout)
            .param("blend", recipe.blend)
            .param("batch_size", train.batch)
            .param("epochs", train.epochs)
            .param("learning_rate", train.lr)
            .param("weight_decay", train.weight_decay)
            .param("seed", train.seed)
            .param("strategy", strategy)
            .param("device", device);
        if let Some(parent) = parent {
            let ticker = parent.split('@').next().unwrap_or_default();
            batch = batch.param("parent_ticker", ticker).param("parent_version", parent);
        }
        batch.params
    }

    /// What is said of it.
    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        let model_type = if self.strategy == "parent" { "parent" } else { "child" };
        let batch = Batch::default().tag("model_type", model_type).tag("ticker", self.bars.ticker());
        batch.tag("status", RunStatus::Running).tags
    }
}

/// What the bars say, and which program it is.
pub(in crate::service) fn params_of_bars(bars: &Bars) -> BTreeMap<String, String> {
    let mut batch = Batch::default().param("rows", bars.len()).param("data_sha256", bars.sha256());
    if let [Some(first), Some(last)] = [bars.as_slice().first(), bars.as_slice().last()] {
        batch = batch.param("start_date", first.date).param("end_date", last.date);
    }
    batch.param("stockops", env!("CARGO_PKG_VERSION")).params
}
