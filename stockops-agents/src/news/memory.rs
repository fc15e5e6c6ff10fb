//! `MemoryNews`: headlines in memory, for tests and for who has them already.

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stockops_core::Ticker;

use super::clean::{PUBLISHER, SUMMARY, TITLE, address, line};
use super::item::Item;
use super::shelf::{KEEP, Question};
use super::stamp::Stamp;
use super::{Gathered, Headline, NewsSource, Reach};
use crate::error::Result;

/// Headlines in memory, each of one ticker.
///
/// # Example
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use stockops_agents::news::{Headline, MemoryNews, NewsSource};
/// use stockops_core::Ticker;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let goog = Ticker::new("GOOG")?;
/// let now: DateTime<Utc> = "2026-01-05T21:05:00Z".parse().unwrap();
/// let headline = Headline {
///     title: "Cloud <b>growth</b> beats".into(),
///     summary: String::new(),
///     publisher: "Reuters".into(),
///     url: String::new(),
///     published: now - TimeDelta::hours(2),
/// };
/// let news = MemoryNews::default().with(&goog, headline);
/// assert_eq!(news.headlines(&goog, now).await?[0].title, "Cloud growth beats");
/// assert!(news.headlines(&goog, now - TimeDelta::hours(3)).await?.is_empty(), "not known yet");
/// # Ok::<(), stockops_agents::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryNews {
    headlines: Vec<(Ticker, Headline)>,
    keep: usize,
}

impl Default for MemoryNews {
    fn default() -> Self {
        Self { headlines: Vec::new(), keep: KEEP }
    }
}

impl MemoryNews {
    /// One headline about `ticker` more.
    pub fn with(mut self, ticker: &Ticker, headline: Headline) -> Self {
        self.headlines.push((ticker.clone(), headline));
        self
    }

    /// Give at most `count` headlines. Default 5.
    pub fn keep(self, count: usize) -> Self {
        Self { keep: count, ..self }
    }
}

impl NewsSource for MemoryNews {
    fn name(&self) -> &str {
        "memory"
    }

    fn reach(&self) -> Reach {
        Reach::Past
    }

    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        async move { Ok(self.gather(ticker, until).await?.headlines) }.boxed()
    }

    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        let own = self.headlines.iter().filter(|(of, _)| of == ticker);
        let items = own.map(|(_, headline)| item(headline)).collect();
        let gathered = Question { until, keep: self.keep }.shelve(self.name(), items, |_| true);
        async move { Ok(gathered) }.boxed()
    }
}

fn item(headline: &Headline) -> Item {
    Item {
        title: line(&headline.title, TITLE),
        summary: line(&headline.summary, SUMMARY),
        publisher: line(&headline.publisher, PUBLISHER),
        url: address(&headline.url),
        stamp: Some(Stamp::at(headline.published)),
        tickers: None,
    }
}
