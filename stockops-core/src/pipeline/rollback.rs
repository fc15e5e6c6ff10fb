//! `rollback`: the champion before is champion again, and the record says so.

use chrono::NaiveDate;

use crate::error::Result;
use crate::market::Ticker;
use crate::record::{Decision, ForecastRecord, Verdict};
use crate::registry::{ModelRegistry, Version, VersionId};

/// Make the champion before the current one champion again, and remember it: the monitor's policy cools down after it, else
/// the next training would undo it at once.
///
/// # Errors
///
/// [`NotFound`](crate::Error::NotFound) where there was none before; those of registry and record.
pub fn rollback(
    registry: &dyn ModelRegistry,
    record: &dyn ForecastRecord,
    ticker: &Ticker,
    today: NaiveDate,
) -> Result<Version> {
    let id = |version: &Version| VersionId { ticker: ticker.clone(), version: version.version }.to_string();
    let from = registry.champion(ticker)?;
    let version = registry.rollback(ticker)?;
    let reason = format!("{} was made champion again by hand", id(&version));
    let decision = Decision::new(ticker.clone(), today, Verdict::Rollback, reason);
    record.decide(&Decision { version: from.as_ref().map(id), ..decision })?;
    Ok(version)
}
