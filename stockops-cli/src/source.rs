//! `Source`: where a call takes its bars from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;
use stockops_core::source::{BuiltinSource, Reading};
use stockops_core::storage::Storage;
use stockops_core::{BarSource, Error, FileSource, Sourced, Ticker};

use crate::failure::Failure;

/// What `--source` may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SourceWord {
    /// Yahoo, behind a cache in the home.
    Yahoo,
    /// The files that `--bars` names, and nothing else.
    Files,
    /// The bars that ship with stockops.
    Builtin,
}

impl SourceWord {
    /// Where bars come from when nobody says it.
    pub(crate) fn of_none() -> Self {
        if cfg!(feature = "network") { Self::Yahoo } else { Self::Files }
    }
}

impl fmt::Display for SourceWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yahoo => "yahoo",
            Self::Files => "files",
            Self::Builtin => "builtin",
        })
    }
}

impl FromStr for SourceWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "yahoo" => Ok(Self::Yahoo),
            "files" => Ok(Self::Files),
            "builtin" => Ok(Self::Builtin),
            _ => Err("must be yahoo, files or builtin".to_owned()),
        }
    }
}

/// What is asked of the cache in the home.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// What was known on this day.
    pub(crate) as_of: Option<NaiveDate>,
    /// All of the history again.
    pub(crate) refresh: bool,
}

/// The files that were named, and a source for all other tickers.
pub(crate) struct Source {
    files: FileSource,
    rest: Option<Box<dyn BarSource>>,
}

impl Source {
    /// `files`, and what `word` says for the rest; Yahoo's bars are kept in `home`.
    pub(crate) fn new(
        files: FileSource,
        word: SourceWord,
        home: Arc<dyn Storage>,
        reading: Reading,
        asked: Asked,
    ) -> Result<Self, Failure> {
        let rest: Option<Box<dyn BarSource>> = match word {
            SourceWord::Yahoo => Some(yahoo(home, reading, asked)?),
            SourceWord::Files => None,
            SourceWord::Builtin => Some(Box::new(BuiltinSource)),
        };
        Ok(Self { files, rest })
    }

    /// The tickers that have a file, in order.
    pub(crate) fn tickers(&self) -> impl Iterator<Item = &Ticker> {
        self.files.tickers()
    }

    /// Whether a file of `ticker` was named.
    pub(crate) fn has_file(&self, ticker: &Ticker) -> bool {
        self.files.path(ticker).is_some()
    }
}

impl BarSource for Source {
    fn bars(&self, ticker: &Ticker) -> stockops_core::Result<Sourced> {
        match &self.rest {
            Some(rest) if !self.has_file(ticker) => rest.bars(ticker),
            None if self.tickers().next().is_none() => {
                Err(Error::NotFound { kind: "bars", name: ticker.to_string(), hint: String::new() })
            }
            _ => self.files.bars(ticker),
        }
    }
}

#[cfg(feature = "network")]
fn yahoo(home: Arc<dyn Storage>, reading: Reading, asked: Asked) -> Result<Box<dyn BarSource>, Failure> {
    use stockops_core::source::{CachedSource, Courtesy, YahooSource};
    let yahoo = match std::env::var("STOCKOPS_YAHOO_URL") {
        Ok(address) if !address.trim().is_empty() => YahooSource::at(&address, Courtesy::default())?,
        _ => YahooSource::new()?,
    };
    Ok(Box::new(CachedSource::new(yahoo, home).reading(reading).as_of(asked.as_of).refresh(asked.refresh)))
}

#[cfg(not(feature = "network"))]
fn yahoo(_: Arc<dyn Storage>, _: Reading, _: Asked) -> Result<Box<dyn BarSource>, Failure> {
    let text = "this build is without the feature `network`; build with it, or give files by --bars";
    Err(Failure::wrong("config", text.into()))
}
