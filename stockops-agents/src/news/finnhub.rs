//! `FinnhubNews`: company news of Finnhub, asked by date.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;
use stockops_core::{AssetClass, Ticker};

use super::item::Item;
use super::shelf::{KEEP, Question, names_no_other};
use super::web::Web;
use super::{Access, Gathered, Headline, NewsSource, Reach};
use crate::error::{Error, Result};
use crate::http::secret;

/// Where Finnhub is.
pub(super) const PLACE: &str = "https://finnhub.io";
/// Days before the moment that are asked for.
const DAYS: i64 = 7;

/// Company news of Finnhub, of the 7 days before the moment that is asked for.
///
/// The key goes in a header and stands in no address, error or `Debug`. The days are asked for by date, so past moments have an
/// answer too, as far back as the key allows.
///
/// # Example
///
/// ```
/// use stockops_agents::news::FinnhubNews;
///
/// let news = FinnhubNews::new("secret-key")?.keep(3);
/// assert!(!format!("{news:?}").contains("secret"));
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Clone)]
pub struct FinnhubNews {
    web: Web,
    keep: usize,
}

impl fmt::Debug for FinnhubNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinnhubNews").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl FinnhubNews {
    /// With the key of an account.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for an empty key or one that cannot stand in a header.
    pub fn new(key: &str) -> Result<Self> {
        Self::at(PLACE, key, Access::default())
    }

    /// At another address, which answers as Finnhub does.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and for what is no address of the web.
    pub fn at(place: &str, key: &str, access: Access) -> Result<Self> {
        let (field, rule) = ("finnhub_key", "printable characters, one at least");
        let wrong = || Error::Config { field, rule, got: "a key that is not shown here".into() };
        let key = secret(key.trim()).filter(|key| !key.is_empty()).ok_or_else(wrong)?;
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-finnhub-token"), key)]);
        Ok(Self { web: Web::new("finnhub_url", place, headers, access)?, keep: KEEP })
    }

    /// Give at most `count` headlines. Default 5.
    pub fn keep(self, count: usize) -> Self {
        Self { keep: count, ..self }
    }

    async fn answer(&self, ticker: &Ticker, until: DateTime<Utc>) -> Result<Gathered, String> {
        let symbol = symbol(ticker)?;
        let from = (until - TimeDelta::days(DAYS)).date_naive().to_string();
        let to = until.date_naive().to_string();
        let query = [("symbol", symbol.as_str()), ("from", from.as_str()), ("to", to.as_str())];
        let answer = self.web.get(&["api", "v1", "company-news"], &query).await?;
        let Value::Array(items) = &answer else { return Err(self.no_list(&answer)) };
        let items = items.iter().map(Item::of).collect();
        let question = Question { until, keep: self.keep };
        Ok(question.shelve(self.name(), items, |item| names_no_other(item, ticker)))
    }

    /// What it said instead of a list.
    fn no_list(&self, answer: &Value) -> String {
        format!("it answered: {}", self.web.said(answer["error"].as_str().unwrap_or("no list of news"), 120))
    }
}

impl NewsSource for FinnhubNews {
    fn name(&self) -> &str {
        "Finnhub"
    }

    fn reach(&self) -> Reach {
        Reach::Past
    }

    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        async move { Ok(self.gather(ticker, until).await?.headlines) }.boxed()
    }

    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        async move { self.answer(ticker, until).await.map_err(|problem| Error::of_news(self.name(), ticker, problem)) }
            .boxed()
    }
}

/// The ticker as Finnhub writes it: `BRK.B`.
fn symbol(ticker: &Ticker) -> Result<String, String> {
    if ticker.as_str().contains(['^', '=']) || ticker.asset_class() != AssetClass::Equity {
        return Err("it has news of companies alone, and this is none".into());
    }
    Ok(ticker.as_str().replace('-', "."))
}
