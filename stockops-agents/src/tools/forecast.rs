//! The tool `forecast`: the next sessions, each number with its interval and its skill.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::Forecast;
use stockops_core::report::skill_words;

use super::arguments::OfTicker;
use super::desk_tool::{DeskTool, boxed};
use super::number::price;
use super::stated::SessionAnswer;
use super::view::View;
use super::{Tool, ToolFault};

/// The next sessions of a ticker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastAnswer {
    /// Whose forecast.
    pub ticker: String,
    /// Last day that is known.
    pub last_date: NaiveDate,
    /// Close of that day.
    pub last_close: f64,
    /// The next sessions.
    pub sessions: Vec<SessionAnswer>,
    /// BULLISH, BEARISH or NEUTRAL: what the interval says of direction; none where nothing was calibrated.
    pub stance: Option<String>,
    /// Why.
    pub stance_reason: Option<String>,
    /// How good such forecasts were on held-out days.
    pub skill_in_words: String,
    /// Version that forecast.
    pub model_version: Option<String>,
    /// How the model was made.
    pub strategy: String,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "Forecast of the next trading sessions of a ticker: open, high, low, close and volume, each with its 90 % interval and its skill over simple rules. Quote a number only together with its interval and its skill.",
        view,
        answer,
    })
}

const NAME: &str = "forecast";

fn answer(view: &View, question: OfTicker) -> Result<ForecastAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let made = || {
        let (bars, notes) = view.bars(&ticker)?;
        let forecast = view.desk.preview(&bars)?;
        Ok((forecast, skill_words(&view.desk.evaluation(&bars)?), notes))
    };
    let (forecast, words, notes) = made().map_err(|error| ToolFault::of(NAME, &error))?;
    Ok(told(&forecast, words, notes))
}

fn told(forecast: &Forecast, skill_in_words: String, mut notes: Vec<String>) -> ForecastAnswer {
    notes.splice(0..0, forecast.notes.iter().cloned());
    ForecastAnswer {
        ticker: forecast.ticker.to_string(),
        last_date: forecast.last_date,
        last_close: price(forecast.last_price),
        sessions: SessionAnswer::all(forecast).into_iter().map(SessionAnswer::brief).collect(),
        stance: forecast.outlook.as_ref().map(|outlook| format!("{:?}", outlook.stance).to_uppercase()),
        stance_reason: forecast.outlook.as_ref().map(|outlook| outlook.reason.clone()),
        skill_in_words,
        model_version: forecast.model_version.clone(),
        strategy: forecast.strategy.to_string(),
        notes,
    }
}
