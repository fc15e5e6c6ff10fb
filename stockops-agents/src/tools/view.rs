//! `View`: the desk as of a moment.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use stockops_core::source::Sourced;
use stockops_core::{Bars, Ticker};

use super::ToolFault;
use crate::desk::Desk;
use crate::error::Result;

/// The desk, and the moment after which nothing is known.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) desk: Arc<dyn Desk>,
    /// None for now.
    pub(super) as_of: Option<DateTime<Utc>>,
    /// The only ticker that may be asked about; none for any.
    pub(super) about: Option<Ticker>,
}

impl View {
    /// The ticker of `word`, where `tool` may be asked about it.
    pub(super) fn ticker(&self, tool: &str, word: &str) -> Result<Ticker, ToolFault> {
        let refused = |problem| ToolFault::Refused { tool: tool.into(), problem };
        let ticker = Ticker::new(word).map_err(|error| refused(error.to_string()))?;
        match &self.about {
            Some(about) if *about != ticker => Err(refused(format!("the report is about {about} alone"))),
            _ => Ok(ticker),
        }
    }

    /// The moment that questions are about.
    pub(super) fn moment(&self) -> DateTime<Utc> {
        self.as_of.unwrap_or_else(|| self.desk.now())
    }

    /// Bars of sessions that were over at the moment, and what is to be said about them.
    pub(super) fn bars(&self, ticker: &Ticker) -> Result<(Bars, Vec<String>)> {
        let Sourced { bars, quality, .. } = self.desk.bars(ticker)?;
        let mut notes: Vec<String> = quality.findings.iter().map(|finding| format!("bars: {finding}")).collect();
        let Some(moment) = self.as_of else { return Ok((bars, notes)) };
        let calendar = bars.calendar();
        let last = bars.iter().rev().map(|bar| bar.date).find(|day| calendar.session_close(*day) <= moment);
        let until = |bars: &Bars, day| bars.between(None, Some(day));
        let index = |day| bars.index().map(|index| Arc::new(until(index, day)));
        let before = last.map(|day| until(&bars, day).with_index(index(day)));
        notes.push(format!("as of {}: nothing later is in it", moment.date_naive()));
        let known = before.ok_or_else(|| stockops_core::Error::NotFound {
            kind: "bars",
            name: ticker.to_string(),
            hint: format!("none were known on {}", moment.date_naive()),
        })?;
        Ok((known, notes))
    }
}
