//! Where things of a ticker are kept, and how they are named.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::error::Result;
use crate::market::Ticker;
use crate::storage::Key;

/// Entries by name.
pub(super) type Entries<T> = BTreeMap<String, T>;

/// The folder of forecasts and decisions.
pub(super) fn folder(ticker: &Ticker) -> Result<Key> {
    Key::new(&format!("record/{ticker}"))
}

/// The folder of reports.
pub(super) fn drift_folder(ticker: &Ticker) -> Result<Key> {
    Key::new(&format!("drift/{ticker}"))
}

/// The day as names begin with it; what belongs to no day comes before all days.
pub(super) fn stem_of(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "0000-00-00".into(), |day| day.to_string())
}
