//! `OnlineRow`: what is known of one ticker in one view, with a status for each value.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::feature_store::FeatureView;
use crate::market::Ticker;

/// How much a value is worth, in Feast's words (`PRESENT`, `NULL_VALUE`, `NOT_FOUND`, `OUTSIDE_MAX_AGE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldStatus {
    /// It is there and valid.
    Present,
    /// The row is there, and has no value of this feature.
    NullValue,
    /// No such row, or no such field in it, was ever written.
    NotFound,
    /// The row is older than the view allows. Its values are given all the same.
    OutsideMaxAge,
}

/// What is known of one ticker in one view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnlineRow {
    /// Whose.
    pub ticker: Ticker,
    /// When its session closed; `None` where there is no row.
    pub event_timestamp: Option<DateTime<Utc>>,
    /// When it was created; `None` where there is no row, and where another program wrote it that does not say so, as Feast.
    pub created_timestamp: Option<DateTime<Utc>>,
    /// A value for each field of the view, in its order.
    pub values: Vec<Option<f64>>,
    /// What each is worth.
    pub statuses: Vec<FieldStatus>,
}

/// A row as a store holds it: each field that was written is there, with its value or with null.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) event: DateTime<Utc>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) fields: Vec<Option<Option<f64>>>,
}

impl OnlineRow {
    /// What `held` is worth at `now`.
    pub(super) fn new(view: &FeatureView, ticker: &Ticker, held: Option<Held>, now: DateTime<Utc>) -> Self {
        let missing = || vec![None; view.names().len()];
        let (event, created, fields) =
            held.map_or_else(|| (None, None, missing()), |held| (Some(held.event), held.created, held.fields));
        let is_old = event.zip(view.ttl()).is_some_and(|(event, ttl)| now - event > ttl);
        let status = |field: &Option<Option<f64>>| match field {
            None => FieldStatus::NotFound,
            Some(_) if is_old => FieldStatus::OutsideMaxAge,
            Some(None) => FieldStatus::NullValue,
            Some(Some(_)) => FieldStatus::Present,
        };
        let statuses = fields.iter().map(status).collect();
        let values = fields.into_iter().map(Option::flatten).collect();
        Self { ticker: ticker.clone(), event_timestamp: event, created_timestamp: created, values, statuses }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_feasts_words() {
        use FieldStatus::{NotFound, NullValue, OutsideMaxAge, Present};
        let json = serde_json::to_string(&[Present, NullValue, NotFound, OutsideMaxAge]).unwrap();
        assert_eq!(json, r#"["PRESENT","NULL_VALUE","NOT_FOUND","OUTSIDE_MAX_AGE"]"#);
    }
}
