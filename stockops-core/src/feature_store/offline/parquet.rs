//! Rows as Parquet, as pandas, polars, DuckDB and Feast read it.

mod part;
mod read;
mod seal;
mod write;

pub(super) use read::{read, read_object};
pub(super) use write::write;

use crate::feature_store::ENTITY;

/// When a session closed.
const EVENT: &str = "event_timestamp";
/// When the row was written.
const CREATED: &str = "created_timestamp";

#[cfg(test)]
mod tests;
