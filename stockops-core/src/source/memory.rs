//! `MemorySource`: bars that are already there, for tests and for callers with a source of their own.

use std::collections::BTreeMap;

use super::{BarSource, Sourced, Understood};
use crate::error::{Error, Result};
use crate::market::{Bar, Ticker, clean};

/// Bars by ticker in memory.
///
/// # Example
///
/// ```
/// use stockops_core::{Bar, Ticker, source::{BarSource, MemorySource}};
///
/// let date = "2024-05-01".parse().unwrap();
/// let bar = Bar { date, open: 10.0, high: 11.0, low: 9.5, close: 10.5, volume: 1e6 };
/// let source = MemorySource::default().with(&Ticker::new("GOOG")?, vec![bar])?;
/// assert_eq!(source.bars(&Ticker::new("GOOG")?)?.bars.len(), 1);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemorySource {
    series: BTreeMap<Ticker, Sourced>,
}

impl MemorySource {
    /// Add `rows` of `ticker`, in any order, in place of those it had.
    ///
    /// # Errors
    ///
    /// Those of [`clean`](crate::market::clean()), and [`Error::TooShort`] where no row is left.
    pub fn with(mut self, ticker: &Ticker, rows: Vec<Bar>) -> Result<Self> {
        let (bars, quality) = clean(ticker.clone(), rows)?;
        if bars.is_empty() {
            return Err(Error::TooShort { what: format!("the series of {ticker}"), needed: 1, got: 0 });
        }
        self.series.insert(ticker.clone(), Sourced { bars, quality, understood: Understood::default() });
        Ok(self)
    }
}

impl BarSource for MemorySource {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        let missing = || Error::NotFound {
            kind: "bars",
            name: ticker.to_string(),
            hint: "put them into the MemorySource first".to_owned(),
        };
        self.series.get(ticker).cloned().ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_promises_of_a_source() {
        let goog = Ticker::new("GOOG").unwrap();
        let date = "2024-05-01".parse().unwrap();
        let bar = Bar { date, open: 10.0, high: 11.0, low: 9.5, close: 10.5, volume: 1e6 };
        let source = MemorySource::default().with(&goog, vec![bar]).unwrap();
        crate::source::conformance(&source, &goog, &Ticker::new("AMZN").unwrap());
        let text = source.bars(&Ticker::new("AMZN").unwrap()).unwrap_err().to_string();
        assert_eq!(text, "no bars named AMZN; put them into the MemorySource first");
    }

    #[test]
    fn a_series_without_rows_is_refused() {
        let text = MemorySource::default().with(&Ticker::new("GOOG").unwrap(), Vec::new()).unwrap_err().to_string();
        assert_eq!(text, "the series of GOOG needs at least 1 bars, got 0; give a longer history");
    }
}
