//! The tool `history`: past sessions with their indicators.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::{Bar, Bars, Feature, FeatureSet, Frame};

use super::arguments::{OfPast, within};
use super::desk_tool::{DeskTool, boxed};
use super::number::{decimals, price, share};
use super::view::View;
use super::{Tool, ToolFault};
use crate::error::Result as Outcome;

/// Past sessions of a ticker. They are known, so they have neither interval nor skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryAnswer {
    /// Whose history.
    pub ticker: String,
    /// The sessions, the newest last.
    pub sessions: Vec<PastSession>,
    /// First day of all that is known.
    pub first_date: NaiveDate,
    /// Sessions of all that is known.
    pub known_sessions: usize,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// One session that is over. Indicators are computed from sessions up to this one; none where too few are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PastSession {
    /// Its day.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares; 0 where no volume is known.
    pub volume: f64,
    /// Change of the close since the session before, as a fraction.
    pub change: Option<f64>,
    /// Relative strength index of 14 sessions, 0 to 100.
    pub rsi14: Option<f64>,
    /// Mean of 12 sessions less that of 26, exponential, in prices.
    pub macd: Option<f64>,
    /// Mean close of 20 sessions.
    pub sma20: Option<f64>,
    /// Average true range of 14 sessions, in prices.
    pub atr14: Option<f64>,
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "Past trading sessions of a ticker, the newest last: open, high, low, close, volume, change, and the indicators RSI14, MACD, SMA20 and ATR14. These are facts of the past, not forecasts.",
        view,
        answer,
    })
}

const NAME: &str = "history";
/// Most sessions of an answer.
const MOST: usize = 60;
/// Words of the indicators, in the order in which [`past`] reads them.
const WORDS: [&str; 4] = ["RSI14", "MACD", "SMA20", "ATR14"];

fn answer(view: &View, question: OfPast) -> Result<HistoryAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let count = within(NAME, "sessions", question.sessions, 1..=MOST)?;
    let told = || {
        let (bars, notes) = view.bars(&ticker)?;
        told(&bars, count, notes)
    };
    told().map_err(|error| ToolFault::of(NAME, &error))
}

fn told(bars: &Bars, count: usize, mut notes: Vec<String>) -> Outcome<HistoryAnswer> {
    let features = WORDS.map(|word| word.parse::<Feature>()).into_iter().collect::<Result<Vec<_>, _>>()?;
    let frame = FeatureSet::new(features)?.frame(bars).ok();
    if frame.is_none() {
        notes.push("too few sessions are known for the indicators".into());
    }
    let all = bars.as_slice();
    let first = all.len().saturating_sub(count);
    Ok(HistoryAnswer {
        ticker: bars.ticker().to_string(),
        sessions: (first..all.len()).map(|place| past(all, place, frame.as_ref())).collect(),
        first_date: all.first().map(|bar| bar.date).unwrap_or_default(),
        known_sessions: all.len(),
        notes,
    })
}

fn past(all: &[Bar], place: usize, frame: Option<&Frame>) -> PastSession {
    let bar = all[place];
    let before = place.checked_sub(1).map(|place| all[place].close);
    let indicator = |column: usize, round: fn(f64) -> f64| {
        let frame = frame?;
        let row = place.checked_sub(frame.skipped())?;
        frame.values().get([row, column]).copied().map(round)
    };
    PastSession {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: bar.volume.round(),
        change: before.map(|before| share(bar.close / before - 1.0)),
        rsi14: indicator(0, |rsi| decimals(rsi, 1)),
        macd: indicator(1, price),
        sma20: indicator(2, price),
        atr14: indicator(3, price),
    }
}
