//! Where bars come from: one door, [`BarSource`], with files, memory and the bars that ship with the crate behind it.

mod adjust;
mod builtin;
mod columns;
#[cfg(any(test, feature = "testing"))]
mod conformance;
mod file;
mod memory;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
#[cfg(feature = "parquet")]
mod table;
mod text;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::market::{Bars, QualityReport, Ticker};

pub use adjust::Adjust;
pub use builtin::{BuiltinSource, builtin_bars, builtin_tickers, parent_pool};
#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use file::FileSource;
pub use memory::MemorySource;
pub use read::{ReadOptions, read_bars};
#[cfg(feature = "parquet")]
pub use table::table_bars;

/// Bars and what was found in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sourced {
    /// The bars that are left, never none.
    pub bars: Bars,
    /// What was found in the rows as they were read.
    pub quality: QualityReport,
}

/// A place that has daily bars by ticker.
///
/// Promises: the bars are of the ticker that was asked for, there is at least one, the report counts them, the same
/// question has the same answer while the place does not change, and a ticker that the place does not have is
/// [`Error::NotFound`](crate::Error::NotFound). `conformance` (feature `testing`) checks them.
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{BarSource, BuiltinSource}};
///
/// let source: &dyn BarSource = &BuiltinSource;
/// let index = source.bars(&Ticker::new("^GSPC")?)?;
/// assert_eq!(index.bars.first_day().unwrap().to_string(), "1999-01-04");
/// println!("{}", index.quality);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait BarSource: Send + Sync {
    /// All bars of `ticker` that this place has, oldest first.
    fn bars(&self, ticker: &Ticker) -> Result<Sourced>;
}
