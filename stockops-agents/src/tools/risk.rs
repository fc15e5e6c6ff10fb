//! The tool `risk`: what may be lost and reached, and how such statements were kept.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::forecast::Horizon;
use stockops_core::risk::{RiskQuestion, RiskStatement};

use super::arguments::{OfRisk, within};
use super::desk_tool::{DeskTool, boxed};
use super::losses::{Chance, Losses};
use super::number::price;
use super::view::View;
use super::{Tool, ToolFault};

/// What may be lost and reached in the next sessions by who holds one share from the last close on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RiskAnswer {
    /// Whose.
    pub ticker: String,
    /// Last day that is known.
    pub last_date: NaiveDate,
    /// Close of that day.
    pub last_close: f64,
    /// Losses at the next session and the last that was asked for.
    pub losses: Vec<Losses>,
    /// Chances of prices at the same sessions.
    pub chances: Vec<Chance>,
    /// Version that forecast.
    pub model_version: Option<String>,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "What may be lost in the next sessions of a ticker (value at risk and expected shortfall at 95 and 99 %), and the chances of prices, with how such statements held on held-out days.",
        view,
        answer,
    })
}

const NAME: &str = "risk";
/// Most sessions ahead.
const FURTHEST: usize = 5;
/// Most prices of a question.
const PRICES: usize = 6;

fn answer(view: &View, question: OfRisk) -> Result<RiskAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let last = Horizon::at(within(NAME, "sessions", question.sessions, 1..=FURTHEST)? - 1);
    within(NAME, "the number of levels", question.levels.len(), 0..=PRICES)?;
    let asked = RiskQuestion { levels: question.levels, horizon: Some(last), ..RiskQuestion::default() };
    let stated = || {
        let (bars, notes) = view.bars(&ticker)?;
        Ok((view.desk.risk(&bars, &asked)?, notes))
    };
    let (statement, notes) = stated().map_err(|error| ToolFault::of(NAME, &error))?;
    Ok(told(&statement, last, notes))
}

fn told(statement: &RiskStatement, last: Horizon, mut notes: Vec<String>) -> RiskAnswer {
    notes.splice(0..0, statement.notes.iter().cloned());
    let mut ends = vec![Horizon::NEXT, last];
    ends.dedup();
    RiskAnswer {
        ticker: statement.ticker.to_string(),
        last_date: statement.last_date,
        last_close: price(statement.last_price),
        losses: ends.iter().filter_map(|horizon| Losses::until(*horizon, statement)).collect(),
        chances: ends.iter().flat_map(|horizon| Chance::until(*horizon, statement)).collect(),
        model_version: statement.model_version.clone(),
        notes,
    }
}
