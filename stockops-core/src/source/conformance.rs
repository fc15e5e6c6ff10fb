//! What every source of bars promises, as checks.

use super::BarSource;
use crate::error::Error;
use crate::market::Ticker;

/// Check the promises of [`BarSource`] on `source`, which has `known` and has not `missing`.
///
/// # Panics
///
/// Where a promise is broken; each implementation calls this from a test of its own.
pub fn conformance(source: &dyn BarSource, known: &Ticker, missing: &Ticker) {
    let sourced = source.bars(known).unwrap();
    assert_eq!(sourced.bars.ticker(), known);
    assert_eq!(&sourced.quality.ticker, known);
    assert!(!sourced.bars.is_empty());
    assert_eq!(sourced.quality.rows_kept, sourced.bars.len());
    assert!(sourced.quality.rows_read >= sourced.quality.rows_kept);
    assert_eq!(sourced.quality.first_day, sourced.bars.first_day());
    assert_eq!(sourced.quality.last_day, sourced.bars.last_day());
    assert_eq!(source.bars(known).unwrap(), sourced, "the same question has the same answer");
    let error = source.bars(missing).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
}
