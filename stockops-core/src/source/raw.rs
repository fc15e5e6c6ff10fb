//! `RawBars`: daily rows as a source on the network gave them, before anything is adjusted, mended or left out.

mod dividends;
mod read;
mod session;
mod splits;
mod units;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::market::Ticker;

pub use read::Reading;
pub(super) use session::{surely_finished, unfinished};

/// A place that has raw daily rows by ticker; [`CachedSource`](super::CachedSource) makes a [`BarSource`](super::BarSource)
/// of it.
///
/// Promises: rows are of the ticker that was asked for, ascend by day, one a day; with `since` no row before that day need
/// be there, and none may be there at all; a ticker that the place does not have is
/// [`Error::NotFound`](crate::Error::NotFound) where all of it is asked for.
pub trait RawSource: Send + Sync {
    /// A word for it, which is also its folder in a cache: letters, digits, `-` and `_`.
    fn name(&self) -> &str;

    /// Rows and events of `ticker` from the day `since` on, or all of them.
    fn fetch(&self, ticker: &Ticker, since: Option<NaiveDate>) -> Result<RawBars>;
}

/// What is shared is a source.
impl<S: RawSource + ?Sized> RawSource for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn fetch(&self, ticker: &Ticker, since: Option<NaiveDate>) -> Result<RawBars> {
        (**self).fetch(ticker, since)
    }
}

/// Rows and events of one ticker, as a source gave them at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawBars {
    /// Whose rows.
    pub ticker: Ticker,
    /// For people, such as `Yahoo`.
    pub source: String,
    /// When they were fetched.
    pub fetched: DateTime<Utc>,
    /// The clock on which days were counted, such as `America/New_York`.
    pub zone: String,
    /// Unit of prices as the source writes it, such as `USD` or `GBp` (pence); empty where it says none.
    #[serde(default)]
    pub currency: String,
    /// Begin and end of the session that is or was the latest when they were fetched, where the source tells.
    #[serde(default)]
    pub session: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When the source saw the latest trade, where it tells.
    #[serde(default)]
    pub last_trade: Option<DateTime<Utc>>,
    /// Days that the source gave twice, of which the last row was kept.
    #[serde(default)]
    pub doubled: Vec<NaiveDate>,
    /// One a day, oldest first.
    pub rows: Vec<RawRow>,
    /// What was paid for a share, by the first day without it.
    #[serde(default)]
    pub dividends: Vec<Payment>,
    /// Gains that a fund handed on, by the first day without them.
    #[serde(default)]
    pub gains: Vec<Payment>,
    /// Splits, by the first day of new shares.
    #[serde(default)]
    pub splits: Vec<Split>,
}

/// One day as the source gave it: `None` where it gave no number. Prices are as the source quotes them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Cells", into = "Cells")]
pub struct RawRow {
    /// The day, on the exchange's own clock.
    pub day: NaiveDate,
    /// First price.
    pub open: Option<f64>,
    /// Highest price.
    pub high: Option<f64>,
    /// Lowest price.
    pub low: Option<f64>,
    /// Last price.
    pub close: Option<f64>,
    /// Shares or contracts.
    pub volume: Option<f64>,
    /// The close, scaled for what was paid and split since.
    pub adj_close: Option<f64>,
}

/// A row as it is kept: without names, which would be most of a long history.
type Cells = (NaiveDate, [Option<f64>; 6]);

impl From<Cells> for RawRow {
    fn from((day, [open, high, low, close, volume, adj_close]): Cells) -> Self {
        Self { day, open, high, low, close, volume, adj_close }
    }
}

impl From<RawRow> for Cells {
    fn from(row: RawRow) -> Self {
        (row.day, row.numbers())
    }
}

impl RawRow {
    /// Open, high, low, close, volume, adjusted close.
    pub(super) fn numbers(&self) -> [Option<f64>; 6] {
        [self.open, self.high, self.low, self.close, self.volume, self.adj_close]
    }

    /// Whether there is a price that a bar can be made of.
    pub(super) fn has_close(&self) -> bool {
        self.close.is_some_and(|close| close > 0.0)
    }
}

/// A payment for one share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// The first day without it.
    pub day: NaiveDate,
    /// In the currency that the source means, which is not always that of the prices.
    pub amount: f64,
}

/// New shares for old ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The first day of the new shares.
    pub day: NaiveDate,
    /// New shares.
    pub new: f64,
    /// For so many old ones.
    pub old: f64,
}

impl Split {
    /// New shares for one old.
    pub(super) fn ratio(&self) -> f64 {
        self.new / self.old
    }
}
