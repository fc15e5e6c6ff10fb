//! `NewsSettings`: which sources of news there are.

use std::fmt;
use std::path::PathBuf;

use super::Access;
use super::shelf::KEEP;

/// Which sources of news there are, see [`FirstOf::usual`](super::FirstOf::usual).
#[derive(Clone, PartialEq, Eq)]
pub struct NewsSettings {
    /// Key of an account at Finnhub; without one it is not asked.
    pub finnhub_key: Option<String>,
    /// An address in Finnhub's stead.
    pub finnhub_url: Option<String>,
    /// An address in Yahoo's stead.
    pub yahoo_url: Option<String>,
    /// A file of headlines, asked last.
    pub file: Option<PathBuf>,
    /// Headlines at most. Default 5.
    pub keep: usize,
    /// How the network is asked.
    pub access: Access,
}

impl Default for NewsSettings {
    fn default() -> Self {
        let (finnhub_key, finnhub_url, yahoo_url, file) = (None, None, None, None);
        Self { finnhub_key, finnhub_url, yahoo_url, file, keep: KEEP, access: Access::default() }
    }
}

impl NewsSettings {
    /// What the environment says: `FINNHUB_API_KEY`, `STOCKOPS_FINNHUB_URL`, `STOCKOPS_YAHOO_URL`, `STOCKOPS_NEWS_FILE`. Empty
    /// variables count as none.
    pub fn from_env() -> Self {
        let said = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            finnhub_key: said("FINNHUB_API_KEY"),
            finnhub_url: said("STOCKOPS_FINNHUB_URL"),
            yahoo_url: said("STOCKOPS_YAHOO_URL"),
            file: said("STOCKOPS_NEWS_FILE").map(PathBuf::from),
            ..Self::default()
        }
    }
}

impl fmt::Debug for NewsSettings {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewsSettings")
            .field("finnhub_key", &self.finnhub_key.as_ref().map(|_| "(not shown)"))
            .field("finnhub_url", &self.finnhub_url)
            .field("yahoo_url", &self.yahoo_url)
            .field("file", &self.file)
            .field("keep", &self.keep)
            .field("access", &self.access)
            .finish()
    }
}
