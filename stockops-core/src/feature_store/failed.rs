//! `Failed`: a ticker whose part of the work failed, among many that did not.

use serde::Serialize;

use crate::error::Error;
use crate::market::Ticker;

/// A ticker whose part of the work failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Whose.
    pub ticker: Ticker,
    /// The [kind](Error::kind) of the error.
    pub kind: &'static str,
    /// Its words.
    pub message: String,
}

impl Failed {
    /// What `error` says.
    pub(crate) fn new(ticker: &Ticker, error: &Error) -> Self {
        Self { ticker: ticker.clone(), kind: error.kind(), message: error.to_string() }
    }
}
