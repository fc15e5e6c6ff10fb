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

/// The layout of a file, raised where an older program would misread it; in its metadata under [`SCHEMA_KEY`]. Files of before
/// have none, and are of the first.
const SCHEMA: u32 = 1;
const SCHEMA_KEY: &str = "stockops_schema";

#[cfg(test)]
mod tests;
