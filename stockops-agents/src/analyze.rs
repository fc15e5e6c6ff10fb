//! `Analyst`: the one verb of the analysts: a ticker, and perhaps a question, to a report.

mod analysis;
mod answers;
mod compose;
mod documents;
mod judged;
mod progress;
mod request;
mod since;
mod thread;
mod work;

use std::sync::Arc;
use std::time::Duration;

use stockops_core::storage::Storage;

pub use analysis::Analysis;
pub use progress::Event;
pub use request::Request;

use crate::analysts::Asking;
use crate::cache::SemanticCache;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::evaluation::Evaluations;
use crate::llm::{ChatModel, Prices};
use crate::news::NewsSource;
use crate::reports::Reports;
use crate::tools::Budget;
use stockops_core::Ticker;

/// How reports are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Tokens that a run may spend, reserved before each call; at least 1. Default 40,000.
    pub tokens: u64,
    /// Longest time of a node, all of its tries together. Default 120 s.
    pub timeout: Duration,
    /// How models are asked.
    pub asking: Asking,
    /// What tokens cost.
    pub prices: Option<Prices>,
    /// Money that a run may spend, in the currency of the prices, reserved before each call; at least 0. Default no limit.
    pub money: Option<f64>,
    /// How much the readers may ask tools, each for itself; no calls for models that do no tools. A model that refuses tools is asked
    /// without them all the same. Default 4 calls in 2 rounds.
    pub tools: Budget,
    /// Whether the model is also asked what it thinks of the report that was written, for
    /// [`AgentEval::judge`](crate::evaluation::AgentEval::judge): one call more, from the same tokens, that moves no score and no
    /// verdict. Default no.
    pub judge: bool,
    /// Runs of a ticker that stay; at least 1. Default 50.
    pub kept: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tokens: 40_000,
            timeout: Duration::from_secs(120),
            asking: Asking::default(),
            prices: None,
            money: None,
            tools: Budget { calls: 4, rounds: 2 },
            judge: false,
            kept: 50,
        }
    }
}

/// The analysts with their surroundings. Clones share all of it.
///
/// Without a language model the template writes, deterministic and complete; without a storage nothing is kept; without a
/// source of news the report says that there is none.
#[derive(Debug, Clone)]
pub struct Analyst {
    desk: Arc<dyn Desk>,
    bars_from: String,
    model: Option<Arc<dyn ChatModel>>,
    news: Option<Arc<dyn NewsSource>>,
    storage: Option<Arc<dyn Storage>>,
    cache: Option<SemanticCache>,
    settings: Settings,
}

/// Analysts before their settings are checked.
#[must_use = "analysts are made with `build`"]
#[derive(Debug)]
pub struct Builder {
    analyst: Analyst,
}

impl Analyst {
    /// Analysts who ask `desk`.
    pub fn builder(desk: impl Desk + 'static) -> Builder {
        let (desk, settings) = (Arc::new(desk), Settings::default());
        let bars_from = "the desk".to_owned();
        Builder { analyst: Self { desk, bars_from, model: None, news: None, storage: None, cache: None, settings } }
    }

    /// Begin a report. Nothing happens before its first event is asked for, and to drop it ends what is under way.
    pub fn analyze(&self, request: Request) -> Analysis {
        Analysis::new(self.clone(), request)
    }

    /// Show a run again. Nobody is called.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where nothing is kept; those of [`Reports::run`].
    pub fn replay(&self, ticker: &Ticker, run: &str) -> Result<Analysis> {
        Ok(Analysis::again(self.kept()?.run(ticker, run)?))
    }

    /// The runs that are kept; `None` where none is.
    pub fn reports(&self) -> Option<Reports> {
        self.storage.as_ref().map(|storage| Reports::on(Arc::clone(storage), self.settings.kept))
    }

    /// The evaluations of the reports; `None` where none is kept.
    pub fn evaluations(&self) -> Option<Evaluations> {
        self.storage.as_ref().map(|storage| Evaluations::new(Arc::clone(storage)))
    }

    /// Remove one kept answer by its id, on a runtime of its own; whether there was one. It must not be called within a
    /// runtime of tokio: there [`SemanticCache::remove`] does the same.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where no answers are kept; those of the cache.
    pub fn forget(&self, id: &str) -> Result<bool> {
        let missing = || Error::Config { field: "cache", rule: "where answers are kept", got: "none".into() };
        let cache = self.cache.as_ref().ok_or_else(missing)?;
        runtime()?.block_on(cache.remove(id))
    }

    fn kept(&self) -> Result<Reports> {
        let missing = || Error::Config { field: "storage", rule: "where runs are kept", got: "none".into() };
        self.reports().ok_or_else(missing)
    }
}

impl Builder {
    /// The name of where bars come from, for the sources of a report. Default `the desk`.
    pub fn bars_from(mut self, name: &str) -> Self {
        self.analyst.bars_from = name.into();
        self
    }

    /// The language model that writes.
    pub fn model(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.analyst.model = Some(model);
        self
    }

    /// Where headlines come from.
    pub fn news(mut self, news: Arc<dyn NewsSource>) -> Self {
        self.analyst.news = Some(news);
        self
    }

    /// Where runs and threads are kept.
    pub fn storage(mut self, storage: impl Storage + 'static) -> Self {
        self.analyst.storage = Some(Arc::new(storage));
        self
    }

    /// Where answers are kept. A question that was asked before, and is no part of a conversation, gets the report that
    /// answered it, marked in [`AnalystReport::kept_answer`](crate::AnalystReport::kept_answer); runs as of a past day neither
    /// look there nor keep anything there. A cache that fails is a warning of the report.
    pub fn cache(mut self, cache: SemanticCache) -> Self {
        self.analyst.cache = Some(cache);
        self
    }

    /// How reports are made.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.analyst.settings = settings;
        self
    }

    /// Check the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the first that is outside of its range.
    pub fn build(self) -> Result<Analyst> {
        let Settings { tokens, timeout, kept, money, prices, .. } = &self.analyst.settings;
        let wrong = |field, rule, got: String| Err(Error::Config { field, rule, got });
        match () {
            () if *tokens < 1 => wrong("tokens", "at least 1", tokens.to_string()),
            () if timeout.is_zero() => wrong("timeout", "above 0", format!("{timeout:?}")),
            () if *kept < 1 => wrong("kept", "at least 1", kept.to_string()),
            () if money.is_some_and(|money| !(money.is_finite() && money >= 0.0)) => {
                wrong("money", "at least 0", money.unwrap_or_default().to_string())
            }
            () if money.is_some() && prices.is_none() => {
                wrong("prices", "the prices of tokens where money is limited", "none".into())
            }
            () => Ok(self.analyst),
        }
    }
}

/// A runtime for who is not async.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let none = |error: std::io::Error| Error::Store { what: "a runtime of tokio".into(), problem: error.to_string() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(none)
}
