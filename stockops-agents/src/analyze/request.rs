//! `Request`: what is asked of the analysts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;

use crate::language::Language;

/// What is asked of the analysts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AnalystRequest"))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Whose report.
    pub ticker: Ticker,
    /// The name of the company, such as `Alphabet Inc.`: then a question and a report may call it so.
    #[serde(default)]
    pub name: Option<String>,
    /// What is asked beyond a report, such as `what would change your mind?`.
    #[serde(default)]
    pub question: Option<String>,
    /// The conversation that this goes on with: 1 to 120 letters, digits and `^ . - = _ @ &`.
    #[serde(default)]
    pub thread: Option<String>,
    /// The language of the report. Default English.
    #[serde(default)]
    pub language: Language,
    /// Report as of the end of a past day: with bars and news up to it.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// Hide names and days from the language model, which may know what came after `as_of`.
    #[serde(default)]
    pub masked: bool,
    /// Go round what was answered before.
    #[serde(default)]
    pub fresh: bool,
}

impl Request {
    /// A report of `ticker` and no more.
    pub fn new(ticker: Ticker) -> Self {
        let language = Language::default();
        Self { ticker, name: None, question: None, thread: None, language, as_of: None, masked: false, fresh: false }
    }

    /// What is asked, where it says anything.
    pub fn asked(&self) -> Option<&str> {
        said(&self.question)
    }

    /// The name of the company, where one is given.
    pub fn named(&self) -> Option<&str> {
        said(&self.name)
    }
}

fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
