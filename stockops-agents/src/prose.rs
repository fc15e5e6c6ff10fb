//! `Prose`: what a writer writes of a report, and why a draft was sent back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The prose of a report. Numbers stand in it as slots such as `{{close_h5}}`, which code fills from the facts.
///
/// Headings, tables, the verdict with its reasons, headlines and sources are laid out by code around it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "The prose, numbers as slots.")]
pub struct Prose {
    /// Two or three sentences: where the price stands, what is forecast, what the verdict is.
    pub summary: String,
    /// What moved: returns, range, indicators.
    pub moved: String,
    /// What may come: forecast, interval, volatility.
    pub outlook: String,
    /// What may be lost, and what else may go wrong.
    pub risks: String,
    /// The answer to the question; empty where nothing was asked.
    #[serde(default)]
    pub answer: String,
}

impl Prose {
    /// Its sections with their names, empty ones left out.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { summary, moved, outlook, risks, answer } = self;
        let all = [("summary", summary), ("moved", moved), ("outlook", outlook), ("risks", risks), ("answer", answer)];
        all.into_iter().map(|(name, text)| (name, text.trim())).filter(|(_, text)| !text.is_empty())
    }

    /// The first section that has to be there and is empty.
    pub fn missing(&self, is_asked: bool) -> Option<&'static str> {
        let Self { summary, moved, outlook, risks, answer } = self;
        let needed = [("summary", summary), ("moved", moved), ("outlook", outlook), ("risks", risks)];
        let empty = needed.into_iter().find(|(_, text)| text.trim().is_empty()).map(|(name, _)| name);
        empty.or((is_asked && answer.trim().is_empty()).then_some("answer"))
    }
}

/// Who sent a draft back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The program that holds each number, day, name and direction against the facts.
    Checker,
    /// The critic.
    Critic,
}

/// A draft that was sent back, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejection {
    /// Which draft, from 1.
    pub round: u32,
    /// By whom.
    pub by: Judge,
    /// Why.
    pub reasons: Vec<String>,
}
