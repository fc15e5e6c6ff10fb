//! `About`: what a forecaster knows about itself.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Blend, Calibration};
use crate::dataset::{DayEffects, Encoding, Part, StandardScaler};
use crate::drift::Reference;
use crate::error::Result;
use crate::evaluation::{Evaluation, Transfer};
use crate::feature_store::Definition;
use crate::features::FeatureSet;
use crate::forecast::Role;
use crate::market::Ticker;
use crate::training::TrainConfig;

/// What a forecaster knows about itself: the metadata of its bundle, without any clock time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Version of this layout.
    pub format: u32,
    /// Whose forecaster; the first of several for a pooled parent.
    pub ticker: Ticker,
    /// All tickers that it was trained on.
    pub trained_on: Vec<Ticker>,
    /// A parent, or how a child was made: `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch` in JSON.
    #[serde(rename = "strategy")]
    pub role: Role,
    /// The parent that it comes from.
    pub parent: Option<ParentRef>,
    /// Columns and their order.
    pub features: FeatureSet,
    /// How these columns were computed when it was trained; none in bundles of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Definition>,
    /// Bars to rows.
    pub encoding: Encoding,
    /// What the calendar does to volume and range; none in bundles of before.
    #[serde(default, skip_serializing_if = "DayEffects::is_none")]
    pub days: DayEffects,
    /// The index whose bars its rule for the range looks at where they are given; none where it looks at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Ticker>,
    /// Scaling, from training rows alone.
    pub scaler: StandardScaler,
    /// Rows that the model sees.
    pub context: usize,
    /// Dropout that it was trained with.
    pub dropout: f64,
    /// How the network's bars become the forecast.
    pub blend: Blend,
    /// How past forecasts missed: what intervals and samples come from.
    pub calibration: Calibration,
    /// Skill on held-out days.
    pub evaluation: Evaluation,
    /// First day of its bars.
    pub first_day: NaiveDate,
    /// Last day that it or its parent saw in training, validation or calibration.
    pub last_seen_day: NaiveDate,
    /// What is usual for its bars, for the drift monitor; none where its history is too short and its parent has none.
    #[serde(default)]
    pub reference: Option<Reference>,
    /// Whether transfer helped; none for a parent and where too little is held out.
    pub transfer: Option<Transfer>,
    /// Windows that trained it.
    pub training_windows: usize,
    /// Parts that the history was too short for.
    pub given_up: Vec<Part>,
    /// Whether its test holds days that its parent saw.
    pub leaked: bool,
    /// Whether it was read from a file of others and not trained here: its bars are not known then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// SHA-256 of its bars; of the file that it came from where it was imported.
    pub data_sha256: String,
    /// Settings of the training; none for zero-shot.
    pub training: Option<TrainConfig>,
    /// Epoch whose weights were kept; 0 for the weights before training.
    pub best_epoch: usize,
    /// Version of this crate.
    pub stockops: String,
}

impl About {
    /// Compare how its columns were computed when it was trained with how they are now; `name` is its version.
    ///
    /// # Errors
    ///
    /// [`Error::Skew`](crate::Error::Skew) names the columns that differ. Bundles of before do not say how theirs were computed, and
    /// pass.
    pub fn check_features(&self, name: &str) -> Result<()> {
        let now = Definition::of(&self.features);
        self.definition.as_ref().map_or(Ok(()), |trained| trained.check_served(name, &now))
    }
}

/// The parent of a child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParentRef {
    /// Such as `^GSPC@3`; version 0 is the parent that ships with the crate.
    pub version: String,
    /// SHA-256 of its bundle.
    pub sha256: String,
    /// Last day that it saw.
    pub last_seen_day: NaiveDate,
    /// How it was trained, which a network beside the child is too; none in bundles of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainConfig>,
}
