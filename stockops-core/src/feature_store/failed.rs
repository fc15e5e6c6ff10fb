//! `Failed`: a ticker whose part of the work failed, among many that did not.

use serde::Serialize;

use crate::error::Error;
use crate::market::Ticker;

/// A ticker whose part of the work failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failed {
    /// Whose.
    pub ticker: Ticker,
    /// The [kind](Error::kind) of the error.
    pub kind: &'static str,
    /// Its words, with those of [all that caused it](Error::with_causes).
    pub message: String,
    /// Whether the [input](Error::is_input) was wrong; else the work may be tried again.
    #[serde(skip)]
    pub is_input: bool,
}

impl Failed {
    /// What `error` says.
    pub(crate) fn new(ticker: &Ticker, error: &Error) -> Self {
        Self { ticker: ticker.clone(), kind: error.kind(), message: error.with_causes(), is_input: error.is_input() }
    }
}
