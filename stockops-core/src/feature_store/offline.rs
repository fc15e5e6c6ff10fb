//! The offline store: all rows of all tickers with when they were known, as Parquet files.

// Rows as they are kept.
mod history;
mod layout;
mod parquet;
mod table;
mod tables;

// What new bars change in them.
mod bar_rows;
mod closes;
mod merge;
mod newer;
mod update;

// The store.
mod applied;
mod entities;
mod point_in_time;
mod store;

pub use applied::{Applied, AppliedView};
pub use entities::EntityRow;
pub use layout::Layout;
pub use point_in_time::Known;
pub use store::{Ingestion, OfflineStore, Written};
