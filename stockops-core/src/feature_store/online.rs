//! The online store: the newest row of each ticker, at hand for those who serve.
//!
//! [`OnlineStore`] is the door, [`MemoryOnline`] keeps rows in memory, and with the feature `redis` `RedisOnline` in Redis, byte
//! for byte as Feast does. With the feature `testing` every other implementation can run `conformance` from its own tests.

#[cfg(any(test, feature = "testing"))]
mod conformance;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod row;

use std::fmt::Debug;

use chrono::{DateTime, Utc};

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use memory::MemoryOnline;
#[cfg(feature = "redis")]
pub use redis::{RedisConfig, RedisOnline};
pub use row::{FieldStatus, OnlineRow};

use super::{FeatureRow, FeatureView};
use crate::error::{Error, Result};
use crate::market::Ticker;

/// Where the newest row of each ticker is kept.
///
/// It may be called from several threads and processes at once. In whatever order rows are written, and by however many at
/// once, the row that stays is the one of the newest event, and of one event the one with the newest `created_timestamp`: the
/// last correction. A call that failed may have written some of its rows, and may be made again.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_core::feature_store::{FeatureRow, FeatureView, FieldStatus, MemoryOnline, OnlineStore};
///
/// let (store, view) = (MemoryOnline::new(), FeatureView::default());
/// let (closed, known) = ("2026-01-02T21:00:00Z".parse().unwrap(), "2026-01-02T21:05:00Z".parse().unwrap());
/// let values = [314.0, 316.2, 312.9, 315.32, 18_204_100.0, 58.28, 4.15].map(Some).to_vec();
/// let goog = Ticker::new("GOOG")?;
/// let row = FeatureRow { ticker: goog.clone(), event_timestamp: closed, created_timestamp: known, values };
/// assert_eq!(store.write(&view, &[row])?, 1);
///
/// let rows = store.read(&[&view], &[goog, Ticker::new("AMZN")?], known)?;
/// let [goog, amzn] = &rows[0][..] else { panic!("a row for each ticker") };
/// assert_eq!((goog.values[3], goog.statuses[3]), (Some(315.32), FieldStatus::Present));
/// assert_eq!((amzn.values[3], amzn.statuses[3]), (None, FieldStatus::NotFound));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait OnlineStore: Debug + Send + Sync {
    /// Where it is, for messages; never with a password.
    fn place(&self) -> String;

    /// Write rows of any tickers, several of one among them, each where nothing newer is there; how many were written.
    ///
    /// A row that is there already is written again, so that a field that the view got later comes in.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where a row has not one value for each field of the view, and [`Error::Online`] where the store fails.
    fn write(&self, view: &FeatureView, rows: &[FeatureRow]) -> Result<usize>;

    /// What is known of `tickers` in each of `views`, in one round trip: a list for each view, in it a row for each ticker, both
    /// in the order in which they were asked for. `now` decides what is older than a view allows.
    ///
    /// # Errors
    ///
    /// [`Error::Online`] where the store fails, or holds something that is no row.
    fn read(&self, views: &[&FeatureView], tickers: &[Ticker], now: DateTime<Utc>) -> Result<Vec<Vec<OnlineRow>>>;
}

/// [`Error::Shape`] where a row has not one value for each field of the view.
fn check_rows(view: &FeatureView, rows: &[FeatureRow]) -> Result<()> {
    let wanted = view.names().len();
    match rows.iter().find(|row| row.values.len() != wanted) {
        None => Ok(()),
        Some(row) => Err(Error::shape(format!("{} of {}", view.name(), row.ticker), &[wanted], &[row.values.len()])),
    }
}
