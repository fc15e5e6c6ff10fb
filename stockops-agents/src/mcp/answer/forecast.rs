//! The answer of `forecast`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stockops_core::Forecast;
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::{Field, Horizon, Outlook};
use stockops_core::market::price_text;
use stockops_core::report::{forecast_table, outlook_words};

use super::{Answer, how_far, noted, paragraphs, trust};
use crate::tools::number::{price, share};
use crate::tools::{SessionAnswer, Trust};

/// The next sessions of a ticker.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct ForecastAnswer {
    ticker: String,
    /// Last day of the bars that it was made from.
    last_date: NaiveDate,
    /// Close of that day, in the currency of the bars.
    last_close: f64,
    /// The version that forecast, such as GOOG@3; ^GSPC@0 is the parent that ships with stockops.
    model_version: Option<String>,
    /// The next sessions by the calendar of the exchange.
    sessions: Vec<SessionAnswer>,
    /// What is said of direction and volatility; null where nothing could be calibrated.
    outlook: Option<OutlookAnswer>,
    trust: Trust,
    /// What a reader has to know, such as zero-shot or unproven.
    notes: Vec<String>,
}

/// Direction and volatility in words; decided by rules on the intervals, not by opinion.
#[derive(Debug, Serialize, JsonSchema)]
struct OutlookAnswer {
    /// BULLISH, BEARISH or NEUTRAL. NEUTRAL where the 80 % interval of the move holds 0, as it usually does.
    stance: String,
    /// Why, in a sentence.
    reason: String,
    /// calmer, usual or wilder than the last year.
    volatility: String,
    /// Mean width of the days that are forecast, high over low less 1: 0.02 for 2 %.
    width: f64,
    /// Holds 80 % of outcomes for the width of the middle day, [low, high].
    width_80: [f64; 2],
    /// Half of the last 250 days were wider.
    usual_width: f64,
    /// Skill for the width of the next day over the best simple rule; null where nothing could be held out.
    width_skill: Option<f64>,
}

impl ForecastAnswer {
    pub(in crate::mcp) fn answer(forecast: &Forecast, evaluation: &Evaluation) -> Answer {
        let Forecast { ticker, last_date, last_price, model_version, notes, .. } = forecast;
        let answer = Self {
            ticker: ticker.to_string(),
            last_date: *last_date,
            last_close: price(*last_price),
            model_version: model_version.clone(),
            sessions: SessionAnswer::all(forecast),
            outlook: forecast.outlook.as_ref().map(|outlook| OutlookAnswer::of(outlook, forecast)),
            trust: trust(evaluation),
            notes: notes.clone(),
        };
        let version = model_version.as_deref().unwrap_or("no version");
        let words = paragraphs([
            format!("{ticker} after {last_date} at {}, forecast by {version}", price_text(*last_price)),
            forecast_table(forecast).to_string(),
            forecast.outlook.as_ref().map(outlook_words).unwrap_or_default(),
            how_far(&answer.trust, evaluation),
            noted(notes),
        ]);
        Answer::new(words, &answer)
    }
}

impl OutlookAnswer {
    fn of(outlook: &Outlook, forecast: &Forecast) -> Self {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let skill = forecast.skill.as_ref().and_then(|skill| skill.get(&Field::Range)?.get(&Horizon::NEXT));
        let Outlook { stance, reason, volatility, range, range_80, usual_range } = outlook;
        Self {
            stance: word(json!(stance)),
            reason: reason.clone(),
            volatility: word(json!(volatility)),
            width: share(range.exp_m1()),
            width_80: range_80.map(|end| share(end.exp_m1())),
            usual_width: share(usual_range.exp_m1()),
            width_skill: skill.map(|skill| share(skill.vs_best_rule)),
        }
    }
}
