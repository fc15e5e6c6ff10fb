//! The cache of a home: which store and which embedder, by the environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use stockops_core::Ticker;
use stockops_core::storage::local;
use tokio::sync::OnceCell;

use super::{AnswerStore, CacheConfig, CacheEntry, Purge, QdrantAnswers, SemanticCache, SqliteAnswers, Wanted};
use crate::embed;
use crate::error::{Error, Result};

/// Name of the file in the home, or in the folder of this machine where the home is a bucket.
const FILE: &str = "answers.sqlite";

impl SemanticCache {
    /// The cache of `home`: in the file `answers.sqlite` there (in [`local`] of it where it is a bucket), or in Qdrant where
    /// `STOCKOPS_QDRANT_URL` names a server (with `STOCKOPS_QDRANT_KEY` where it wants one). Questions are embedded as [`embed::from_variables`] says.
    ///
    /// `look_up` gives the variables; an empty one is one that is not set. Nothing is opened before the first question.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], [`Error::Core`] and [`Error::Store`] for a setting that is not what it must be.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_agents::cache::{CacheConfig, SemanticCache};
    ///
    /// let cache = SemanticCache::of_home("stockops-home", CacheConfig::default(), |name| std::env::var(name).ok())?;
    /// # Ok::<(), stockops_agents::Error>(())
    /// ```
    pub fn of_home(
        home: impl AsRef<Path>,
        config: CacheConfig,
        look_up: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let set = |name: &str| look_up(name).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        let store: Arc<dyn AnswerStore> = match set("STOCKOPS_QDRANT_URL") {
            Some(url) => Arc::new(QdrantAnswers::new(&url, set("STOCKOPS_QDRANT_KEY").as_deref())?),
            None => Arc::new(LateAnswers { path: local(home)?.join(FILE), opened: OnceCell::new() }),
        };
        Self::new(store, embed::from_variables(look_up)?, config)
    }
}

/// [`SqliteAnswers`] that are opened when they are asked first.
#[derive(Debug)]
struct LateAnswers {
    path: PathBuf,
    opened: OnceCell<SqliteAnswers>,
}

impl LateAnswers {
    async fn open(&self) -> Result<&SqliteAnswers> {
        self.opened.get_or_try_init(|| self.made()).await
    }

    /// Whether nothing was ever kept: whoever only removes or lists makes no file.
    fn is_empty(&self) -> bool {
        self.opened.get().is_none() && !self.path.exists()
    }

    async fn made(&self) -> Result<SqliteAnswers> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let error = |error: std::io::Error| Error::Store { what: self.place(), problem: error.to_string() };
        std::fs::create_dir_all(folder).map_err(error)?;
        SqliteAnswers::open(&self.path).await
    }
}

impl AnswerStore for LateAnswers {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn put<'a>(&'a self, entry: &'a CacheEntry) -> BoxFuture<'a, Result<()>> {
        async move { self.open().await?.put(entry).await }.boxed()
    }

    fn nearest<'a>(&'a self, wanted: &'a Wanted) -> BoxFuture<'a, Result<Option<(CacheEntry, f32)>>> {
        async move { self.open().await?.nearest(wanted).await }.boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        async move { self.open().await?.remove(id).await }.boxed()
    }

    fn purge<'a>(&'a self, purge: &'a Purge) -> BoxFuture<'a, Result<u64>> {
        async move { if self.is_empty() { Ok(0) } else { self.open().await?.purge(purge).await } }.boxed()
    }

    fn entries<'a>(&'a self, ticker: Option<&'a Ticker>) -> BoxFuture<'a, Result<Vec<CacheEntry>>> {
        async move { if self.is_empty() { Ok(Vec::new()) } else { self.open().await?.entries(ticker).await } }.boxed()
    }
}
