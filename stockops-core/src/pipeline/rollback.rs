//! `rollback`: the champion before is champion again, and the record says so.

use chrono::NaiveDate;

use super::retrain::remember;
use crate::error::Result;
use crate::market::Ticker;
use crate::record::{Decision, ForecastRecord, Verdict};
use crate::registry::{ModelRegistry, Version, VersionId};

/// Make the champion before the current one champion again, and remember it: the monitor's policy cools down after it, else
/// the next training would undo it at once. Where the champion was the parent that children come from, and the one before
/// was trained as a parent, that one is the parent again.
///
/// The record is written first: where it cannot be, nothing is rolled back, and to call again rolls back once.
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
    remember(registry, record, ticker)?;
    let manifest = registry.manifest(ticker)?;
    let to = manifest.predecessor()?;
    let id = |version: u32| VersionId { ticker: ticker.clone(), version };
    let Some(from) = manifest.champion().map(|champion| champion.version) else { return registry.rollback(ticker) };
    let reason = format!("{} was made champion again by hand", id(to.version));
    let decision = Decision::new(ticker.clone(), today, Verdict::Rollback, reason);
    record.decide(&Decision { version: Some(id(from).to_string()), ..decision })?;
    if registry.parent()? == Some(id(from)) && to.is_parent() {
        registry.set_parent(&id(to.version))?;
    }
    registry.rollback_from(ticker, from)
}
