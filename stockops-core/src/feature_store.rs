//! Features of all tickers at all times: kept with when they were known, joined at a point in time, served at once.
//!
//! A [`FeatureView`] says which features there are, and its [`Definition`] how each is computed. A [`FeatureRow`] is what a view
//! says of one ticker at the end of one session. An [`OnlineStore`] has the newest row of each ticker at hand.

mod definition;
mod online;
mod row;
mod view;

pub use definition::{Definition, Field, FieldType};
#[cfg(any(test, feature = "testing"))]
pub use online::conformance;
pub use online::{FieldStatus, MemoryOnline, OnlineRow, OnlineStore};
#[cfg(feature = "redis")]
pub use online::{RedisConfig, RedisOnline};
pub use row::FeatureRow;
pub use view::{ENTITY, FeatureView};
