//! `Access`: what a route asks for.

use serde::{Deserialize, Serialize};

/// What a route asks for, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Access {
    /// Anybody may call.
    #[serde(rename = "none")]
    Open,
    /// A key or an admin key. Where no key is set, anybody may call.
    #[serde(rename = "key")]
    Key,
    /// An admin key. Where none is set, nobody may call.
    #[serde(rename = "admin")]
    Admin,
}
