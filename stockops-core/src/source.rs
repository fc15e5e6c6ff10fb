//! Where bars come from: one door, [`BarSource`], with files, memory and the bars that ship with the crate behind it.

// The stages of reading a file, in the order that data meets them.
mod bytes;
mod encoding;
mod sheet;

mod layout;
mod names;
mod table;
mod text;

#[cfg(feature = "parquet")]
mod arrow;
#[cfg(feature = "parquet")]
mod parquet;

mod columns;
mod vocabulary;

mod date_parts;
mod dates;
mod numbers;
mod rows;
mod stamp;

mod adjust;
mod fold;
mod zone;

mod options;
mod origin;
mod read;
mod understood;

// Rows of sources on the network, and what was known when.
mod cached;
mod clock;
mod raw;

// The sources.
mod builtin;
#[cfg(any(test, feature = "testing"))]
mod conformance;
mod events;
mod file;
#[cfg(feature = "network")]
mod http;
mod memory;
mod tickers;
#[cfg(feature = "network")]
mod yahoo;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::market::{Bars, QualityReport, Ticker};

#[cfg(feature = "parquet")]
pub use arrow::table_bars;
pub use builtin::{BuiltinSource, builtin_bars, builtin_tickers, parent_pool};
pub use cached::CachedSource;
pub use clock::Clock;
pub(crate) use clock::system as system_clock;
#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use events::read_events;
pub use file::FileSource;
#[cfg(feature = "network")]
pub use http::Courtesy;
pub use memory::MemorySource;
pub use options::{Adjust, DateOrder, Decimal, ReadOptions};
pub use raw::{Payment, RawBars, RawRow, RawSource, Reading, Split};
pub use read::{bytes_bars, read_bars, text_bars};
pub use tickers::{ListedTicker, read_tickers};
pub(crate) use understood::AS_QUOTED;
pub use understood::Understood;
#[cfg(feature = "network")]
pub use yahoo::YahooSource;

/// Bars and what was found in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sourced {
    /// The bars that are left, never none.
    pub bars: Bars,
    /// What was found in the rows as they were read.
    pub quality: QualityReport,
    /// How a file was understood; empty for bars that were in none.
    #[serde(default)]
    pub understood: Understood,
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

impl<S: BarSource + ?Sized> BarSource for Box<S> {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        (**self).bars(ticker)
    }
}
