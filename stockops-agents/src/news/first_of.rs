//! `FirstOf`: the first source that has a headline, and why those before it had none.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stockops_core::Ticker;

use super::source::now;
use super::{FileNews, FinnhubNews, Gathered, Headline, NewsSettings, NewsSource, Reach, YahooNews, finnhub, yahoo};
use crate::error::{Error, Result};

/// Sources in their order: the first that has a headline gives the answer, and notes say why those before it did not.
///
/// A feed of today is not asked about a past day. Where every source that was asked failed, that is an error with all reasons.
///
/// # Example
///
/// ```
/// use stockops_agents::news::{FirstOf, NewsSettings};
///
/// // No key: Yahoo is asked, and a note says that Finnhub was not.
/// let news = FirstOf::usual(&NewsSettings::default())?;
/// # Ok::<(), stockops_agents::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FirstOf {
    sources: Vec<Arc<dyn NewsSource>>,
    notes: Vec<String>,
}

impl FirstOf {
    /// These sources, in this order.
    pub fn new(sources: Vec<Arc<dyn NewsSource>>) -> Self {
        Self { sources, notes: Vec::new() }
    }

    /// Finnhub where there is a key, then Yahoo, then a file where one is named.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a key or an address that cannot be used.
    pub fn usual(settings: &NewsSettings) -> Result<Self> {
        let mut first_of = Self::default();
        match &settings.finnhub_key {
            Some(key) => {
                let place = settings.finnhub_url.as_deref().unwrap_or(finnhub::PLACE);
                let finnhub = FinnhubNews::at(place, key, settings.access.clone())?;
                first_of.sources.push(Arc::new(finnhub.keep(settings.keep)));
            }
            None => first_of.notes.push("Finnhub was not asked: there is no key".into()),
        }
        let place = settings.yahoo_url.as_deref().unwrap_or(yahoo::PLACE);
        first_of.sources.push(Arc::new(YahooNews::at(place, settings.access.clone())?.keep(settings.keep)));
        if let Some(path) = &settings.file {
            first_of.sources.push(Arc::new(FileNews::new(path).keep(settings.keep)));
        }
        Ok(first_of)
    }

    async fn answer(&self, ticker: &Ticker, until: DateTime<Utc>) -> Result<Gathered> {
        let mut notes = self.notes.clone();
        let (mut answered, mut failed) = (None, false);
        for source in &self.sources {
            let name = source.name();
            if !source.reach().covers(until, now()) {
                notes.push(format!(
                    "{name} was not asked: it has what is new today, and {} is past",
                    until.date_naive()
                ));
                continue;
            }
            match source.gather(ticker, until).await {
                Ok(found) if !found.headlines.is_empty() => return Ok(with_notes(notes, found)),
                Ok(found) => {
                    notes.push(nothing(name, &found));
                    answered.get_or_insert(Gathered { notes: Vec::new(), ..found });
                }
                Err(error) => {
                    failed = true;
                    notes.push(format!("{name} gave nothing: {}", problem(error)));
                }
            }
        }
        match answered {
            Some(found) => Ok(with_notes(notes, found)),
            None if failed => Err(self.failed(ticker, &notes)),
            None => Ok(with_notes(notes, Gathered::none("nobody"))),
        }
    }

    fn failed(&self, ticker: &Ticker, notes: &[String]) -> Error {
        let names: Vec<&str> = self.sources.iter().map(|source| source.name()).collect();
        Error::of_news(&names.join(", "), ticker, notes.join("; "))
    }
}

impl NewsSource for FirstOf {
    fn name(&self) -> &str {
        "first of several"
    }

    /// Of the past where one of the sources is: the others are then not asked.
    fn reach(&self) -> Reach {
        let past = self.sources.iter().any(|source| source.reach() == Reach::Past);
        if past { Reach::Past } else { Reach::Now }
    }

    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        async move { Ok(self.answer(ticker, until).await?.headlines) }.boxed()
    }

    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        self.answer(ticker, until).boxed()
    }
}

/// `found` with the notes of those before it.
fn with_notes(mut notes: Vec<String>, found: Gathered) -> Gathered {
    notes.extend(found.notes);
    Gathered { notes, ..found }
}

/// A source that answered without a headline.
fn nothing(name: &str, found: &Gathered) -> String {
    let left_out = if found.left_out.is_empty() { String::new() } else { format!(" ({})", found.left_out) };
    format!("{name} has no headline{left_out}")
}

/// What is wrong, without who and whose: the note says that already.
fn problem(error: Error) -> String {
    match error {
        Error::News { problem, .. } => problem,
        other => other.to_string(),
    }
}
