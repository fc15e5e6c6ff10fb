//! `SemanticCache`: the answer to a question that asked the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;

use super::{AnswerStore, CacheEntry, CachedReport, ContentWords, Purge, Scope, Wanted};
use crate::embed::Embedder;
use crate::error::{Error, Result};

/// When a kept answer is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// The cosine of two questions has to be above; -1 to 1. Default 0.95, as in the contract.
    pub threshold: f32,
    /// The same for single embedders, by their names: each has its own scale. `docs/cache.md` has what was measured.
    pub thresholds: BTreeMap<String, f32>,
    /// An answer has to be younger; whole seconds, at least 1. Default 24 hours.
    pub seconds_to_live: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { threshold: 0.95, thresholds: BTreeMap::new(), seconds_to_live: 24 * 60 * 60 }
    }
}

impl CacheConfig {
    fn checked(self) -> Result<Self> {
        for threshold in self.thresholds.values().chain([&self.threshold]) {
            if !(-1.0..=1.0).contains(threshold) {
                let rule = "a cosine, from -1 to 1";
                return Err(Error::Config { field: "threshold", rule, got: threshold.to_string() });
            }
        }
        if self.seconds_to_live == 0 || self.seconds_to_live > u64::from(u32::MAX) {
            let (rule, got) = ("from 1 to 4294967295", self.seconds_to_live.to_string());
            return Err(Error::Config { field: "seconds_to_live", rule, got });
        }
        Ok(self)
    }

    fn threshold_of(&self, embedder: &str) -> f32 {
        self.thresholds.get(embedder).copied().unwrap_or(self.threshold)
    }
}

/// A question, and what its answer has to hold for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// As it was asked.
    pub question: String,
    /// Names of the company, so that `Alphabet` is GOOG; may be empty.
    pub names: Vec<String>,
    /// Whose report.
    pub ticker: Ticker,
    /// Last day of the bars.
    pub last_bar: NaiveDate,
    /// The version that forecasts, such as `GOOG@3`.
    pub model_version: String,
    /// The version of prompts, settings and whoever writes.
    pub prompt_version: String,
    /// Whether a new answer is wanted, whatever is kept.
    pub fresh: bool,
}

impl Inquiry {
    fn content_words(&self) -> ContentWords {
        ContentWords::of(&self.question, self.ticker.as_str(), &self.names)
    }

    fn scope(&self) -> Scope {
        Scope {
            ticker: self.ticker.clone(),
            last_bar: self.last_bar,
            model_version: self.model_version.clone(),
            prompt_version: self.prompt_version.clone(),
        }
    }
}

/// A kept answer that is given once more, with what shows why.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The answer, and the question that it was given to.
    pub entry: CacheEntry,
    /// Cosine of the two questions.
    pub similarity: f32,
    /// How old it is.
    pub age: Duration,
}

impl Hit {
    /// One line for a reader: which question was answered, how close it is, and how to get a new answer.
    pub fn words(&self) -> String {
        let Self { entry, similarity, age } = self;
        let minutes = age.as_secs() / 60;
        format!(
            "kept answer to \"{}\" (similarity {similarity:.3}, {minutes} min old, id {})",
            entry.question, entry.id
        )
    }

    /// Give the text piece by piece to `token`, as a model does that writes it. The pieces make up the text exactly; between
    /// two of them other tasks run, so who stops listening can drop the future.
    pub async fn stream(&self, token: &(dyn Fn(&str) + Send + Sync)) {
        for piece in self.entry.report.summary.split_inclusive(char::is_whitespace) {
            token(piece);
            tokio::task::yield_now().await;
        }
    }
}

/// Answers by what a question means.
///
/// A kept answer is given where ticker, last bar, model version, prompt version, embedder and [`ContentWords`] are the same,
/// it is younger than the time to live, and the cosine of the two questions is above the threshold of the embedder. What the
/// caller does without the cache he does where it fails: its errors are about a store, and an answer needs none.
///
/// # Example
///
/// ```
/// # use std::sync::Arc;
/// # use stockops_agents::cache::{CacheConfig, CachedReport, Inquiry, MemoryAnswers, SemanticCache};
/// # use stockops_agents::embed::LocalEmbedder;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_agents::Result<()> {
/// let cache = SemanticCache::new(Arc::new(MemoryAnswers::new()), Arc::new(LocalEmbedder::new()), CacheConfig::default())?;
/// let asked = |question: &str| Inquiry {
///     question: question.into(),
///     names: vec!["Alphabet Inc.".into()],
///     ticker: "GOOG".parse().unwrap(),
///     last_bar: "2026-01-02".parse().unwrap(),
///     model_version: "GOOG@3".into(),
///     prompt_version: "1".into(),
///     fresh: false,
/// };
/// # let report: CachedReport = serde_json::from_value(serde_json::json!({"summary": "Nothing is said of direction.",
/// #     "recommendation": "NEUTRAL", "confidence": "Low", "last_price": 315.32, "predictions": {}})).unwrap();
/// let now = "2026-01-03T12:00:00Z".parse().unwrap();
/// cache.keep(&asked("Will GOOG rise?"), report, now).await?;
/// assert!(cache.find(&asked("will GOOG rise"), now).await?.is_some());
/// assert!(cache.find(&asked("Will GOOG fall?"), now).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SemanticCache {
    store: Arc<dyn AnswerStore>,
    embedder: Arc<dyn Embedder>,
    config: CacheConfig,
}

impl SemanticCache {
    /// The cache in `store`; [`Error::Config`] names a setting outside its range.
    pub fn new(store: Arc<dyn AnswerStore>, embedder: Arc<dyn Embedder>, config: CacheConfig) -> Result<Self> {
        Ok(Self { store, embedder, config: config.checked()? })
    }

    /// The kept answer to a question that asked the same; `None` where there is none or a fresh one is wanted.
    ///
    /// # Errors
    ///
    /// Those of store and embedder.
    pub async fn find(&self, inquiry: &Inquiry, now: DateTime<Utc>) -> Result<Option<Hit>> {
        if inquiry.fresh {
            return Ok(None);
        }
        let now = now.trunc_subsecs(0);
        let wanted = Wanted {
            scope: inquiry.scope(),
            embedder: self.embedder.name().into(),
            content_words: inquiry.content_words(),
            vector: self.vector_of(&inquiry.question).await?,
            created: [self.oldest(now), now],
        };
        let Some((entry, similarity)) = self.store.nearest(&wanted).await? else { return Ok(None) };
        let age = (now - entry.created).to_std().unwrap_or_default();
        let is_close = similarity > self.config.threshold_of(self.embedder.name());
        Ok(is_close.then_some(Hit { entry, similarity, age }))
    }

    /// Keep the answer to a question, and return the entry's id. What is too old is removed on the way.
    ///
    /// # Errors
    ///
    /// Those of store and embedder.
    pub async fn keep(&self, inquiry: &Inquiry, report: CachedReport, now: DateTime<Utc>) -> Result<String> {
        let (scope, embedder) = (inquiry.scope(), self.embedder.name().to_owned());
        let entry = CacheEntry {
            id: CacheEntry::id_of(&scope, &embedder, &inquiry.question),
            question: inquiry.question.clone(),
            content_words: inquiry.content_words(),
            scope,
            embedder,
            report,
            created: now.trunc_subsecs(0),
            vector: self.vector_of(&inquiry.question).await?,
        };
        self.store.put(&entry).await?;
        self.purge_old(now).await?;
        Ok(entry.id)
    }

    /// Remove what is older than the time to live, and count it.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn purge_old(&self, now: DateTime<Utc>) -> Result<u64> {
        self.store.purge(&Purge::Before(self.oldest(now))).await
    }

    /// How many [`purge_old`](Self::purge_old) would remove.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn count_old(&self, now: DateTime<Utc>) -> Result<u64> {
        let (oldest, entries) = (self.oldest(now), self.store.entries(None).await?);
        Ok(entries.iter().filter(|entry| entry.created < oldest).count() as u64)
    }

    /// Remove what `purge` says, and count it: [`Purge::Superseded`] after a training, [`Purge::All`] at a reset.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn purge(&self, purge: &Purge) -> Result<u64> {
        self.store.purge(purge).await
    }

    /// Remove one entry by its id; whether there was one.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn remove(&self, id: &str) -> Result<bool> {
        self.store.remove(id).await
    }

    /// What is kept of a ticker, or of all, newest first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn entries(&self, ticker: Option<&Ticker>) -> Result<Vec<CacheEntry>> {
        self.store.entries(ticker).await
    }

    /// When the oldest was written that is young enough: the youngest that is too old is as old as the time to live.
    fn oldest(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.trunc_subsecs(0) - self.time_to_live() + TimeDelta::seconds(1)
    }

    fn time_to_live(&self) -> TimeDelta {
        TimeDelta::seconds(i64::try_from(self.config.seconds_to_live).unwrap_or(i64::from(u32::MAX)))
    }

    async fn vector_of(&self, question: &str) -> Result<Vec<f32>> {
        let vectors = self.embedder.embed(&[question.to_owned()]).await?;
        vectors.into_iter().next().ok_or_else(|| Error::Store {
            what: format!("the embedder {}", self.embedder.name()),
            problem: "it gave no vector for the question".into(),
        })
    }
}

#[cfg(test)]
mod tests;
