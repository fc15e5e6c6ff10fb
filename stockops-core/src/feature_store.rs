//! Features of all tickers at all times: kept with when they were known, joined at a point in time, served at once.
//!
//! A [`FeatureView`] says which features there are, and its [`Definition`] how each is computed. A [`FeatureRow`] is what a view
//! says of one ticker at the end of one session. With the feature `parquet` the [`OfflineStore`] keeps all rows of all tickers
//! and joins them at a point in time. An [`OnlineStore`] has the newest row of each ticker at hand.

// What features there are.
mod definition;
mod failed;
mod row;
mod view;

// Rows as they are kept.
#[cfg(feature = "parquet")]
mod history;
#[cfg(feature = "parquet")]
mod layout;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod table;
#[cfg(feature = "parquet")]
mod tables;

// What new bars change in them.
#[cfg(feature = "parquet")]
mod bar_rows;
#[cfg(feature = "parquet")]
mod merge;
#[cfg(feature = "parquet")]
mod newer;
#[cfg(feature = "parquet")]
mod update;

// The store.
#[cfg(feature = "parquet")]
mod applied;
#[cfg(feature = "parquet")]
mod offline;
#[cfg(feature = "parquet")]
mod point_in_time;

// The newest rows at hand.
mod online;

#[cfg(feature = "parquet")]
pub use applied::{Applied, AppliedView};
pub use definition::{Definition, Field, FieldType};
pub use failed::Failed;
#[cfg(feature = "parquet")]
pub use layout::Layout;
#[cfg(feature = "parquet")]
pub use offline::{Ingestion, OfflineStore, Written};
#[cfg(any(test, feature = "testing"))]
pub use online::conformance;
pub use online::{FieldStatus, MemoryOnline, OnlineRow, OnlineStore};
#[cfg(feature = "redis")]
pub use online::{RedisConfig, RedisOnline};
#[cfg(feature = "parquet")]
pub use point_in_time::{EntityRow, Known};
pub use row::FeatureRow;
pub use view::{ENTITY, FeatureView};
