//! `Health`: the verdict in one word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a forecaster and its data are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Health {
    /// Nothing out of the usual.
    #[default]
    Healthy,
    /// The data are unusual; the model keeps its promises as far as is known.
    Degraded,
    /// The model has lost coverage or skill, or the data are broken.
    Critical,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "Healthy",
            Self::Degraded => "Degraded",
            Self::Critical => "Critical",
        })
    }
}
