//! What tools take: flat objects, each field with a sentence that an assistant reads.

use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Strategy;

/// One ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfTicker {
    /// Ticker as the source of bars spells it, such as GOOG, ^GSPC or BTC-USD
    pub(super) ticker: String,
}

/// A file, or a ticker of the source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBars {
    /// File of bars (CSV, CSV.gz, zip, Parquet), as a path from a folder that the server was allowed to read
    pub(super) file: Option<String>,
    /// Whose bars: of the file, or of the server's source where no file is named
    pub(super) ticker: Option<String>,
}

/// One ticker and what is asked about its losses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Risk {
    /// Ticker as the source of bars spells it, such as GOOG
    pub(super) ticker: String,
    /// Prices whose touch and crossing are asked about; 2 and 5 % on either side of the last close where none is named
    #[schemars(length(max = 20))]
    pub(super) levels: Option<Vec<f64>>,
    /// Sessions ahead that are stated; all that are forecast where it is left out
    #[schemars(range(min = 1, max = 250))]
    pub(super) horizon: Option<usize>,
}

/// All models or those of one ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Models {
    /// Only versions of this ticker
    pub(super) ticker: Option<String>,
}

/// How a child comes from its parent.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    #[default]
    Freeze,
    FineTune,
    ZeroShot,
    Scratch,
}

impl From<How> for Strategy {
    fn from(how: How) -> Self {
        match how {
            How::Freeze => Self::Freeze,
            How::FineTune => Self::FineTune,
            How::ZeroShot => Self::ZeroShot,
            How::Scratch => Self::Scratch,
        }
    }
}

/// A ticker to begin with, or a task that was begun.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Long {
    /// Ticker to begin with; leave it out where a task is named
    pub(super) ticker: Option<String>,
    /// How the model comes from its parent; freeze where it is left out
    pub(super) strategy: Option<How>,
    /// Keep only so many of the last bars before what is held out; all where it is left out
    #[schemars(range(min = 1))]
    pub(super) history: Option<usize>,
    /// Epochs of the training, at most
    #[schemars(range(min = 1, max = 1000))]
    pub(super) epochs: Option<usize>,
    /// A task that was begun before, such as train-1: ask how far it is, and get its answer when it is done
    pub(super) task: Option<String>,
    /// With a task: stop it
    pub(super) stop: Option<bool>,
}
