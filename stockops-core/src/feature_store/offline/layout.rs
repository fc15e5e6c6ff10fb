//! `Layout`: how rows are spread over files.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};
use crate::files::sha256_hex;
use crate::market::Ticker;

/// How rows are spread over Parquet files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One file a ticker, `GOOG.parquet`, written anew with each ingestion. For up to some thousands of tickers.
    ///
    /// It needs a storage whose [locks](crate::storage::Storage::lock) hold, as those of a folder on a local disk do: a file is
    /// read, extended and put in its place, so of two writers at once the rows of one would be lost. Where a lock is a lease that
    /// its holder may lose, take the buckets.
    #[default]
    Tickers,
    /// Tickers in 256 buckets by a hash of their name. Each ingestion adds a small file to a bucket; these are bound together
    /// when there are more than eight. Row groups are sorted by ticker, so one is found without reading the others.
    Buckets,
}

impl Layout {
    /// The one that this is not.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Tickers => Self::Buckets,
            Self::Buckets => Self::Tickers,
        }
    }
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tickers => "tickers",
            Self::Buckets => "buckets",
        })
    }
}

impl std::str::FromStr for Layout {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let found = [Self::Tickers, Self::Buckets].into_iter().find(|layout| layout.to_string() == word);
        check(found.is_some(), "layout", "tickers or buckets", word)?;
        Ok(found.unwrap_or_default())
    }
}

/// One of 256 parts of all tickers, in either layout: what one writer has at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bucket(u8);

impl Bucket {
    /// The bucket of `ticker`: the first byte of the SHA-256 of its name.
    pub(super) fn of(ticker: &Ticker) -> Self {
        let word = sha256_hex(ticker.as_str().as_bytes());
        Self(u8::from_str_radix(&word[..2], 16).unwrap_or_default())
    }

    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_and_others_are_told_which_there_are() {
        for layout in [Layout::Tickers, Layout::Buckets] {
            assert_eq!(layout.to_string().parse::<Layout>().unwrap(), layout);
            assert_eq!(serde_json::to_string(&layout).unwrap(), format!("\"{layout}\""));
        }
        let text = "rows".parse::<Layout>().unwrap_err().to_string();
        assert_eq!(text, "`layout` must be tickers or buckets, got rows");
    }

    #[test]
    fn tickers_spread_over_all_buckets() {
        let of = |i: usize| Bucket::of(&Ticker::new(&format!("T{i}")).unwrap());
        let used: std::collections::BTreeSet<Bucket> = (0..5_000).map(of).collect();
        assert_eq!((used.len(), Bucket::all().count()), (256, 256));
        // printf GOOG | sha256sum
        assert_eq!(Bucket::of(&Ticker::new("GOOG").unwrap()).to_string(), "74");
    }
}
