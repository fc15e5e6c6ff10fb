//! The answer of `risk`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::Horizon;
use stockops_core::market::price_text;
use stockops_core::report::{level_table, risk_table, risk_words};
use stockops_core::risk::RiskStatement;

use super::{Answer, how_far, noted, paragraphs, trust};
use crate::tools::number::price;
use crate::tools::{Chance, Losses, Trust};

/// What may be lost and reached; losses are shares of the last close, 0.03 for 3 %.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct RiskAnswer {
    ticker: String,
    /// Last day of the bars.
    last_date: NaiveDate,
    /// Close of that day, in the currency of the bars.
    last_close: f64,
    /// The version that forecast, such as GOOG@3.
    model_version: Option<String>,
    /// Losses until each session.
    sessions: Vec<Losses>,
    /// Prices and how likely they are reached until the last of these sessions.
    levels: Vec<Chance>,
    /// The same in words, and how such statements were kept on held-out days.
    words: String,
    trust: Trust,
    /// What a reader has to know.
    notes: Vec<String>,
}

impl RiskAnswer {
    pub(in crate::mcp) fn answer(risk: &RiskStatement, evaluation: &Evaluation) -> Answer {
        let horizons = (0..risk.sessions.len()).map(Horizon::at);
        let last = Horizon::at(risk.sessions.len().saturating_sub(1));
        let answer = Self {
            ticker: risk.ticker.to_string(),
            last_date: risk.last_date,
            last_close: price(risk.last_price),
            model_version: risk.model_version.clone(),
            sessions: horizons.filter_map(|horizon| Losses::until(horizon, risk)).collect(),
            levels: Chance::until(last, risk),
            words: risk_words(risk),
            trust: trust(evaluation),
            notes: risk.notes.clone(),
        };
        let version = risk.model_version.as_deref().unwrap_or("no version");
        let words = paragraphs([
            format!("{} after {} at {}, by {version}", risk.ticker, risk.last_date, price_text(risk.last_price)),
            risk_table(risk).to_string(),
            level_table(risk).to_string(),
            answer.words.clone(),
            how_far(&answer.trust, evaluation),
            noted(&risk.notes),
        ]);
        Answer::new(words, &answer)
    }
}
