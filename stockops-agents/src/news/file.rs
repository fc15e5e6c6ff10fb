//! `FileNews`: headlines of a file in JSON, JSON lines or CSV.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stockops_core::Ticker;

use super::layout::items;
use super::shelf::{KEEP, Question, names_no_other};
use super::{Gathered, Headline, NewsSource, Reach};
use crate::error::{Error, Result};

/// Largest file.
const MAX_BYTES: u64 = 32 << 20;

/// Headlines of a file: JSON (a list, a list under a name such as `news` or `articles`, or lists by ticker), a JSON object a line, or
/// CSV with a head.
///
/// The names of the fields are those of Finnhub, Yahoo, yfinance, Alpha Vantage, NewsAPI and Polygon, in any case. An item without a
/// date is refused and counted. Where an item names tickers, it is about these alone; where it names none, it is taken to be about
/// the ticker that is asked for, and a note says so.
///
/// # Example
///
/// ```
/// use stockops_agents::news::{FileNews, NewsSource};
/// use stockops_core::Ticker;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("news.csv");
/// std::fs::write(&path, "date,title,publisher,ticker\n2026-01-05,Cloud growth beats,Reuters,GOOG\n").unwrap();
/// let headlines = FileNews::new(&path).headlines(&Ticker::new("GOOG")?, "2026-01-07T00:00:00Z".parse().unwrap()).await?;
/// assert_eq!(headlines[0].title, "Cloud growth beats");
/// # Ok::<(), stockops_agents::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct FileNews {
    path: PathBuf,
    name: String,
    keep: usize,
}

impl FileNews {
    /// The file at `path`, which is read at each question.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { name: format!("file {name}"), path, keep: KEEP }
    }

    /// Give at most `count` headlines. Default 5.
    pub fn keep(self, count: usize) -> Self {
        Self { keep: count, ..self }
    }

    fn answer(&self, ticker: &Ticker, until: DateTime<Utc>) -> Result<Gathered> {
        let failed = |problem| self.failed(ticker, problem);
        let items = items(&read(&self.path).map_err(failed)?, ticker).map_err(failed)?;
        let unnamed = items.iter().filter(|item| item.tickers.is_none()).count();
        let question = Question { until, keep: self.keep };
        let mut gathered = question.shelve(&self.name, items, |item| names_no_other(item, ticker));
        if unnamed > 0 {
            gathered
                .notes
                .push(format!("{}: {unnamed} items name no ticker and are taken to be about {ticker}", self.name));
        }
        Ok(gathered)
    }

    fn failed(&self, ticker: &Ticker, problem: String) -> Error {
        Error::of_news(&self.name, ticker, problem)
    }
}

impl NewsSource for FileNews {
    fn name(&self) -> &str {
        &self.name
    }

    fn reach(&self) -> Reach {
        Reach::Past
    }

    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        async move { Ok(self.gather(ticker, until).await?.headlines) }.boxed()
    }

    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        let (own, of) = (self.clone(), ticker.clone());
        async move {
            let work = tokio::task::spawn_blocking(move || own.answer(&of, until));
            work.await.map_err(|error| self.failed(ticker, error.to_string()))?
        }
        .boxed()
    }
}

/// The text of the file.
fn read(path: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|error| format!("the file cannot be read ({error}); check the path"))?;
    if !meta.is_file() {
        return Err("it is no file; give a file of JSON, JSON lines or CSV".into());
    }
    if meta.len() > MAX_BYTES {
        return Err(format!(
            "it has more than {} MiB; give the headlines of the time that is asked about",
            MAX_BYTES >> 20
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("the file cannot be read ({error})"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not in UTF-8; save it as UTF-8".to_string())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
