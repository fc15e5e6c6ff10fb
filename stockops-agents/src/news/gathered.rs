//! `Gathered`: headlines, who gave them, and what was left out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Headline;

/// What a source gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// Who gave it, such as `Finnhub`.
    pub source: String,
    /// Newest first.
    pub headlines: Vec<Headline>,
    /// What was left out, and how often.
    pub left_out: LeftOut,
    /// What a reader has to know, such as a source that did not answer and why.
    pub notes: Vec<String>,
}

/// Items that are no headline of this question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Without a date that can be read.
    pub undated: usize,
    /// Not known yet at the moment that was asked for.
    pub later: usize,
    /// About another company.
    pub other_company: usize,
    /// Without a title.
    pub untitled: usize,
    /// With a title that was there already.
    pub repeated: usize,
    /// Older than those that were kept.
    pub older: usize,
    /// Published more than 7 days before the moment that was asked for.
    #[serde(default)]
    pub stale: usize,
    /// Speaking to who reads it, as orders to a model do.
    #[serde(default)]
    pub orders: usize,
}

impl Gathered {
    /// Nothing, by `source`.
    pub fn none(source: &str) -> Self {
        Self { source: source.into(), headlines: Vec::new(), left_out: LeftOut::default(), notes: Vec::new() }
    }
}

impl LeftOut {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for LeftOut {
    /// `left out: 2 without a date, 1 about another company`; empty where nothing was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.undated, "without a date"),
            (self.later, "not yet known"),
            (self.other_company, "about another company"),
            (self.untitled, "without a title"),
            (self.repeated, "said already"),
            (self.older, "older"),
            (self.stale, "of more than 7 days before"),
            (self.orders, "giving orders to who reads it"),
        ];
        let said: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if said.is_empty() { Ok(()) } else { write!(f, "left out: {}", said.join(", ")) }
    }
}
