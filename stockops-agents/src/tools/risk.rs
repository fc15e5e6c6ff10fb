//! The tool `risk`: what may be lost and reached, and how such statements were kept.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::forecast::Horizon;
use stockops_core::risk::{RiskQuestion, RiskStatement};

use super::arguments::{OfRisk, within};
use super::desk_tool::{DeskTool, boxed};
use super::number::{price, share};
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
    pub losses: Vec<TailLoss>,
    /// Chances of prices.
    pub chances: Vec<Chance>,
    /// Version that forecast.
    pub model_version: Option<String>,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// Losses as fractions of the last close: 0.05 is a loss of 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TailLoss {
    /// Level in percent.
    pub level: f64,
    /// Sessions ahead.
    pub sessions_ahead: usize,
    /// Loss that is not exceeded at this level.
    pub value_at_risk: f64,
    /// Mean loss of the cases beyond.
    pub expected_shortfall: f64,
    /// Share of held-out days on which it was exceeded: to be 1 - level / 100; none where too few were held out.
    pub exceeded_on_held_out_days: Option<f64>,
    /// Held-out days that were judged.
    pub held_out_days: usize,
}

/// Chances of one price until a session, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chance {
    /// The price.
    pub price: f64,
    /// Sessions ahead.
    pub sessions_ahead: usize,
    /// That the session closes above.
    pub close_above: f64,
    /// That it closes below.
    pub close_below: f64,
    /// That the price is traded at until then.
    pub touch: f64,
    /// Skill of such chances of a touch over a random walk on held-out days; none where too few were held out.
    pub touch_skill: Option<f64>,
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
        losses: ends.iter().flat_map(|horizon| losses(statement, *horizon)).collect(),
        chances: ends.iter().flat_map(|horizon| chances(statement, *horizon)).collect(),
        model_version: statement.model_version.clone(),
        notes,
    }
}

fn losses(statement: &RiskStatement, horizon: Horizon) -> Vec<TailLoss> {
    let loss = |(level, by_horizon): (&stockops_core::risk::Threshold, &stockops_core::risk::ByHorizon)| {
        let kept = statement.skill.get(&horizon);
        Some(TailLoss {
            level: level.0,
            sessions_ahead: horizon.sessions(),
            value_at_risk: share(*by_horizon.get(&horizon)?),
            expected_shortfall: share(*statement.expected_shortfall.get(level)?.get(&horizon)?),
            exceeded_on_held_out_days: kept.and_then(|kept| Some(share(kept.tail.get(level)?.exceeded))),
            held_out_days: kept.map_or(0, |kept| kept.n),
        })
    };
    statement.value_at_risk.iter().filter_map(loss).collect()
}

fn chances(statement: &RiskStatement, horizon: Horizon) -> Vec<Chance> {
    let chances = &statement.probability;
    let skill = statement.skill.get(&horizon).and_then(|kept| kept.touch.as_ref()?.skill);
    let chance = |(level, touch): (&stockops_core::risk::Threshold, &stockops_core::risk::ByHorizon)| {
        Some(Chance {
            price: price(level.0),
            sessions_ahead: horizon.sessions(),
            close_above: share(*chances.close_above.get(level)?.get(&horizon)?),
            close_below: share(*chances.close_below.get(level)?.get(&horizon)?),
            touch: share(*touch.get(&horizon)?),
            touch_skill: skill.map(share),
        })
    };
    chances.touch.iter().filter_map(chance).collect()
}
