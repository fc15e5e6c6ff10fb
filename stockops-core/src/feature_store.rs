//! Features of all tickers at all times: kept with when they were known, joined at a point in time, served at once.
//!
//! A [`FeatureView`] says which features there are, and its [`Definition`] how each is computed. A [`FeatureRow`] is what a view
//! says of one ticker at the end of one session. With the feature `parquet` an `OfflineStore` keeps all rows of all tickers and
//! joins them at a point in time, an [`OnlineStore`] has the newest row of each ticker at hand, and a `FeatureStore` is both.

mod definition;
mod failed;
#[cfg(feature = "parquet")]
mod offline;
mod online;
mod row;
#[cfg(feature = "parquet")]
mod serving;
#[cfg(feature = "parquet")]
mod store;
mod view;

pub use definition::{Definition, Field, FieldType};
pub use failed::Failed;
#[cfg(feature = "parquet")]
pub use offline::{Applied, AppliedView, EntityRow, Ingestion, Known, Layout, OfflineStore, Written};
#[cfg(any(test, feature = "testing"))]
pub use online::conformance;
pub use online::{FieldStatus, MemoryOnline, OnlineRow, OnlineStore};
#[cfg(feature = "redis")]
pub use online::{RedisConfig, RedisOnline};
pub use row::FeatureRow;
#[cfg(feature = "parquet")]
pub use serving::ServedBars;
#[cfg(feature = "parquet")]
pub use store::{FeatureStore, Ingested, Materialized};
pub use view::{ENTITY, FeatureView};
