//! News: headlines before a moment, from Finnhub, Yahoo, a file or memory.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;

use crate::error::Result;

/// What somebody published. Its text is data of others: it is shown, and never followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// The headline.
    pub title: String,
    /// The first sentences; empty where there are none.
    #[serde(default)]
    pub summary: String,
    /// Who published it.
    pub publisher: String,
    /// Where it is; empty where nobody said it.
    #[serde(default)]
    pub url: String,
    /// When it was published.
    pub published: DateTime<Utc>,
}

/// Where headlines come from.
pub trait NewsSource: Debug + Send + Sync {
    /// Its name, such as `Finnhub`.
    fn name(&self) -> &str;

    /// Headlines about `ticker` that were published before `until`, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::News`](crate::Error::News) where nothing could be read. No headline is no error.
    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>>;
}
