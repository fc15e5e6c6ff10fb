//! `Settings`: what a server may do, read and say.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use stockops_core::{ReadOptions, Ticker};

use crate::llm::{ChatModel, Prices};

/// Whether a question about a ticker may be asked now: limits of a service that has the tools beside its own routes.
pub trait Admit: std::fmt::Debug + Send + Sync {
    /// Count a question of `tool` about `ticker`; a sentence for the caller where there were too many.
    fn admit<'a>(&'a self, tool: &'a str, ticker: &'a Ticker) -> BoxFuture<'a, Result<(), String>>;
}

/// What a [`Server`](super::Server) may do, read and say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the tool `train` is there: it registers models. Default no.
    pub allow_training: bool,
    /// Folders whose files `check_bars` may read, links followed. Default none: then it reads no file.
    pub roots: Vec<PathBuf>,
    /// How such files are read.
    pub read: ReadOptions,
    /// The language model that writes the report. Default none: the template writes, and the assistant's own model reads.
    pub model: Option<Arc<dyn ChatModel>>,
    /// What its tokens cost.
    pub prices: Option<Prices>,
    /// An error of the core in the words of who started the server, who knows what can be done about it.
    pub explain: fn(stockops_core::Error) -> String,
    /// Who counts what is computed for a ticker. Default none: there is no limit.
    pub admit: Option<Arc<dyn Admit>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_training: false,
            roots: Vec::new(),
            read: ReadOptions::default(),
            model: None,
            prices: None,
            explain: |error| error.with_causes(),
            admit: None,
        }
    }
}
