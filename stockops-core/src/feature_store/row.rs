//! `FeatureRow`: what a view says of one ticker at the end of one session.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::market::Ticker;

/// What a [view](super::FeatureView) says of one ticker at the end of one session, and when that was known.
///
/// A session can have several rows: a correction is a later one. Of these the one with the newest `created_timestamp` counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureRow {
    /// Whose.
    pub ticker: Ticker,
    /// When the session closed, to the microsecond.
    pub event_timestamp: DateTime<Utc>,
    /// When the row was written, to the microsecond.
    pub created_timestamp: DateTime<Utc>,
    /// The values in the order of the view, each finite. `None` where a feature has no value yet, as RSI14 in its first 13
    /// sessions; all are `None` where the bar was withdrawn.
    pub values: Vec<Option<f64>>,
}
