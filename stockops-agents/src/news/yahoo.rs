//! `YahooNews`: what Yahoo's search finds today, kept where it names the company.

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use serde_json::Value;
use stockops_core::Ticker;

use super::item::Item;
use super::layout::list;
use super::shelf::{KEEP, Question, same};
use super::source::now;
use super::web::Web;
use super::{Access, Gathered, Headline, NewsSource, Reach};
use crate::error::{Error, Result};

/// Where Yahoo is.
pub(super) const PLACE: &str = "https://query2.finance.yahoo.com";
/// Items that are asked for: most of them are about other companies.
const ASKED: &str = "30";

/// News that Yahoo's search finds for a ticker, as of now alone.
///
/// The search finds words and not companies, and at times answers with the front page. An item is kept where its `relatedTickers`
/// name the ticker, or another ticker of the same company by the `longname` of the same answer (`GOOG` and `GOOGL`). An item
/// that names no ticker is left out.
///
/// # Example
///
/// ```
/// use stockops_agents::news::{NewsSource, Reach, YahooNews};
///
/// let news = YahooNews::new()?;
/// assert_eq!(news.reach(), Reach::Now);
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct YahooNews {
    web: Web,
    keep: usize,
}

impl YahooNews {
    /// Yahoo itself.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the system has no means to ask.
    pub fn new() -> Result<Self> {
        Self::at(PLACE, Access::default())
    }

    /// At another address, which answers as Yahoo does.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for what is no address of the web.
    pub fn at(place: &str, access: Access) -> Result<Self> {
        Ok(Self { web: Web::new("yahoo_url", place, HeaderMap::new(), access)?, keep: KEEP })
    }

    /// Give at most `count` headlines. Default 5.
    pub fn keep(self, count: usize) -> Self {
        Self { keep: count, ..self }
    }

    async fn answer(&self, ticker: &Ticker, until: DateTime<Utc>) -> Result<Gathered, String> {
        if !self.reach().covers(until, now()) {
            return Err(format!("it has what is new today, and {} is past: it is not asked", until.date_naive()));
        }
        let query =
            [("q", ticker.as_str()), ("newsCount", ASKED), ("quotesCount", "10"), ("enableFuzzyQuery", "false")];
        let answer = self.web.get(&["v1", "finance", "search"], &query).await?;
        let found = answer.get("news").ok_or("its answer has no `news`")?;
        let items = list(found, ticker).unwrap_or_default().iter().map(Item::of).collect();
        let names = names(&answer, ticker);
        let is_ours = |item: &Item| {
            let about = item.tickers.iter().flatten();
            about.into_iter().any(|one| names.iter().any(|name| same(one, name)))
        };
        Ok(Question { until, keep: self.keep }.shelve(self.name(), items, is_ours))
    }
}

impl NewsSource for YahooNews {
    fn name(&self) -> &str {
        "Yahoo"
    }

    fn reach(&self) -> Reach {
        Reach::Now
    }

    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        async move { Ok(self.gather(ticker, until).await?.headlines) }.boxed()
    }

    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        async move { self.answer(ticker, until).await.map_err(|problem| Error::of_news(self.name(), ticker, problem)) }
            .boxed()
    }
}

/// The tickers of the company: the one that is asked for, and those of the same long name in the answer.
fn names(answer: &Value, ticker: &Ticker) -> Vec<String> {
    let quotes = answer["quotes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let long = |quote: &Value| quote["longname"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let own = quotes.iter().find(|quote| quote["symbol"].as_str() == Some(ticker.as_str())).and_then(long);
    let same_company = quotes.iter().filter(|quote| own.is_some() && long(quote) == own);
    let others = same_company.filter_map(|quote| quote["symbol"].as_str()).map(str::to_owned);
    std::iter::once(ticker.to_string()).chain(others).collect()
}
