//! What was forecast and what came of it, what was reported, and what was decided: the memory of the loop.
//!
//! [`ForecastRecord`] is the door, [`DirectoryRecord`] keeps it on disk, [`MemoryRecord`] in memory, and with the feature
//! `testing` every other implementation can run `conformance` from its own tests.

#[cfg(any(test, feature = "testing"))]
mod conformance;
mod decision;
mod directory;
mod kept;
mod memory;
mod shelf;

use std::fmt::Debug;

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use decision::{Decision, Verdict};
pub use directory::DirectoryRecord;
pub use kept::KeptForecast;
pub use memory::MemoryRecord;

use crate::drift::{DriftReport, Outcome};
use crate::error::Result;
use crate::market::Ticker;

/// The outcomes of a kept forecast that are known now; `None` leaves it as it is.
pub type Settle<'a> = dyn FnMut(&KeptForecast) -> Option<Vec<Outcome>> + 'a;

/// What is remembered of each ticker.
///
/// Every method may be called from several threads and processes at once: nothing is lost, and a reader sees a change
/// whole or not at all.
///
/// # Example
///
/// ```
/// use stockops_core::record::{Decision, ForecastRecord, MemoryRecord, Verdict};
///
/// let record = MemoryRecord::new();
/// let day = "2024-05-01".parse().unwrap();
/// record.decide(&Decision::new("GOOG".parse()?, day, Verdict::Wait, "the cool-down is not over"))?;
/// assert_eq!(record.decisions(&"GOOG".parse()?)?[0].verdict, Verdict::Wait);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait ForecastRecord: Debug + Send + Sync {
    /// Keep a forecast; `false` where there is one already of the same ticker, last day and version.
    fn keep(&self, forecast: &KeptForecast) -> Result<bool>;

    /// All forecasts of a ticker, by last day, then version.
    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>>;

    /// Offer each forecast that is not [settled](KeptForecast::is_settled) to `settle`, keep the outcomes that it gives,
    /// and count the forecasts that changed.
    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize>;

    /// Remember a decision; one of the same day, version and verdict takes the place of the earlier one.
    fn decide(&self, decision: &Decision) -> Result<()>;

    /// All decisions on a ticker, by day, in order of arrival within one.
    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>>;

    /// Keep a report as the latest, and without its trail in the history, where one of the same day is replaced.
    fn keep_report(&self, report: &DriftReport) -> Result<()>;

    /// The latest report.
    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>>;

    /// One report a day, oldest first, without trails.
    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>>;
}
