//! The performance analyst reads forecast, indicators, skill and drift.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Briefing;
use crate::analysts::Asks;
use crate::llm::Message;
use stockops_core::forecast::Stance;
use stockops_core::graph::NodeResult;

/// Where the analyst sees the price go. It is told in the report's JSON and moves no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Nothing is said of direction.
    Flat,
}

impl Signal {
    /// The stance of the signal.
    pub fn stance(self) -> Stance {
        match self {
            Self::Up => Stance::Bullish,
            Self::Down => Stance::Bearish,
            Self::Flat => Stance::Neutral,
        }
    }
}

/// What the performance analyst says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// Two or three sentences on trend, volatility and how far the forecast can be trusted, numbers as slots.
    pub summary: String,
    /// Where the facts point: up, down or flat.
    pub signal: Signal,
}

/// What it is asked.
pub fn prompt(briefing: &Briefing<'_>) -> Vec<Message> {
    let role = "You are the performance analyst of a research desk. Read the facts on price, forecast, intervals, skill and \
                drift. Say in two or three sentences what moved, what the forecast says, and how far it can be trusted. \
                An interval that holds zero says nothing of direction: then the signal is flat.";
    briefing.ask(role, "")
}

/// Ask `asks`.
///
/// # Errors
///
/// Those of [`Asks::answer`].
pub async fn read(briefing: &Briefing<'_>, asks: &Asks<'_>) -> NodeResult<Reading> {
    asks.answer(prompt(briefing), briefing.is_short).await
}
