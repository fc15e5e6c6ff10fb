//! What was forecast and what came of it, what was reported, and what was decided: the memory of the loop.
//!
//! [`ForecastRecord`] is the door. [`Record`] keeps its promises on any [`Storage`](crate::storage::Storage):
//! [`DirectoryRecord`] on disk, [`MemoryRecord`] in memory. With the feature `testing` every other implementation can run
//! `conformance` from its own tests.

#[cfg(any(test, feature = "testing"))]
mod conformance;
mod decision;
mod kept;
mod names;
mod old;
mod stored;

use std::fmt::Debug;

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use decision::{Decision, Verdict};
pub use kept::KeptForecast;
pub use stored::{DirectoryRecord, MemoryRecord, Record};

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
    /// Every ticker that something was kept of, in order of name.
    fn tickers(&self) -> Result<Vec<Ticker>>;

    /// Keep a forecast; `false` where the same one is kept already.
    ///
    /// One of the same ticker, last day and version that says something else takes the place of the earlier one, which was
    /// made before that day was over or its bars were right; but only while nothing of the earlier one is settled.
    fn keep(&self, forecast: &KeptForecast) -> Result<bool>;

    /// All forecasts of a ticker, by last day, then version.
    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>>;

    /// Offer each forecast that is not [settled](KeptForecast::is_settled) to `settle`, keep the outcomes that it gives,
    /// and count the forecasts that changed. Fewer outcomes than are known, of bars that end earlier, change nothing.
    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize>;

    /// Remember a decision; one of the same day, version and verdict takes the place of the earlier one. The same one twice
    /// is one.
    fn decide(&self, decision: &Decision) -> Result<()>;

    /// All decisions on a ticker, by day, in order of arrival within one.
    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>>;

    /// Keep a report, in the place of an earlier one of the same day.
    fn keep_report(&self, report: &DriftReport) -> Result<()>;

    /// The report of the latest day, with its trail.
    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>>;

    /// One report a day, oldest first, without trails.
    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>>;
}
