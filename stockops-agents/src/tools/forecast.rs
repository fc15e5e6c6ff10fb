//! The tool `forecast`: the next sessions, each number with its interval and its skill.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::Forecast;
use stockops_core::forecast::{Day, Field, Horizon, IntervalDay};
use stockops_core::report::skill_words;

use super::arguments::OfTicker;
use super::desk_tool::{DeskTool, boxed};
use super::number::{price, share};
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

/// One session that is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionAnswer {
    /// Its day.
    pub date: NaiveDate,
    /// Sessions ahead, 1 for the next.
    pub sessions_ahead: usize,
    /// First price.
    pub open: Stated,
    /// Highest price.
    pub high: Stated,
    /// Lowest price.
    pub low: Stated,
    /// Last price.
    pub close: Stated,
    /// Shares; 0 where no volume is known.
    pub volume: Stated,
}

/// A number that is forecast, with what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stated {
    /// The number.
    pub value: f64,
    /// Its 90 % interval, [low, high]; none where nothing was calibrated.
    pub interval_90: Option<[f64; 2]>,
    /// Skill over the best simple rule on held-out days, as a fraction; below 0.01 there is none; none where nothing was held out.
    pub skill_vs_best_rule: Option<f64>,
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
    let days = forecast.predictions.full_forecast.iter().enumerate();
    ForecastAnswer {
        ticker: forecast.ticker.to_string(),
        last_date: forecast.last_date,
        last_close: price(forecast.last_price),
        sessions: days.map(|(i, day)| session(forecast, i, day)).collect(),
        stance: forecast.outlook.as_ref().map(|outlook| format!("{:?}", outlook.stance).to_uppercase()),
        stance_reason: forecast.outlook.as_ref().map(|outlook| outlook.reason.clone()),
        skill_in_words,
        model_version: forecast.model_version.clone(),
        strategy: forecast.strategy.to_string(),
        notes,
    }
}

fn session(forecast: &Forecast, place: usize, day: &Day) -> SessionAnswer {
    let interval = forecast.intervals.get("90").and_then(|days| days.get(place));
    let skill = |field| {
        let row = forecast.skill.as_ref()?.get(&field)?.get(&Horizon::at(place))?;
        Some(share(row.vs_best_rule))
    };
    let stated = |field, value, of: fn(&IntervalDay) -> [f64; 2], round: fn(f64) -> f64| Stated {
        value: round(value),
        interval_90: interval.map(|interval| of(interval).map(round)),
        skill_vs_best_rule: skill(field),
    };
    SessionAnswer {
        date: day.date,
        sessions_ahead: place + 1,
        open: stated(Field::Open, day.open, |day| day.open, price),
        high: stated(Field::High, day.high, |day| day.high, price),
        low: stated(Field::Low, day.low, |day| day.low, price),
        close: stated(Field::Close, day.close, |day| day.close, price),
        volume: stated(Field::Volume, day.volume, |day| day.volume, f64::round),
    }
}
