//! The answer of `risk`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::Horizon;
use stockops_core::market::price_text;
use stockops_core::report::{level_table, risk_table, risk_words};
use stockops_core::risk::{ByHorizon, RiskScore, RiskStatement, Threshold};

use super::{Answer, Trust, noted, paragraphs};

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
    sessions: Vec<Until>,
    /// Prices and how likely they are reached until the last of these sessions.
    levels: Vec<Level>,
    /// The same in words, and how such statements were kept on held-out days.
    words: String,
    trust: Trust,
    /// What a reader has to know.
    notes: Vec<String>,
}

/// Losses until one session.
#[derive(Debug, Serialize, JsonSchema)]
struct Until {
    date: NaiveDate,
    /// 1 for the next session.
    sessions_ahead: usize,
    /// Loss that is not exceeded with 95 %.
    value_at_risk_95: Option<f64>,
    /// Loss that is not exceeded with 99 %.
    value_at_risk_99: Option<f64>,
    /// Mean loss of the 5 % of cases beyond.
    expected_shortfall_95: Option<f64>,
    /// Mean loss of the 1 % of cases beyond.
    expected_shortfall_99: Option<f64>,
    /// Mean of the highest price until then.
    expected_high: Option<f64>,
    /// Mean of the lowest price until then.
    expected_low: Option<f64>,
    /// How such statements were kept on held-out days; null where too few are held out.
    kept: Option<Kept>,
}

/// How statements of one horizon were kept on held-out days.
#[derive(Debug, Serialize, JsonSchema)]
struct Kept {
    judged_forecasts: usize,
    /// Share of days that lost more than the value at risk of 95 %; it is to be 0.05.
    exceeded_95: Option<f64>,
    /// Share of days that lost more than the value at risk of 99 %; it is to be 0.01.
    exceeded_99: Option<f64>,
    /// How often chance strays as far from 0.01 (Kupiec): below 0.05 the statement is doubtful.
    kupiec_p_99: Option<f64>,
    /// Skill of the probabilities of a touch over a random walk, by Brier score: at or below 0 the walk is as good.
    touch_skill: Option<f64>,
}

/// A price and how likely it is reached until the last session.
#[derive(Debug, Serialize, JsonSchema)]
struct Level {
    price: f64,
    /// Probability that the last session closes above it.
    close_above: Option<f64>,
    /// Probability that the last session closes below it.
    close_below: Option<f64>,
    /// Probability that it is traded at until then.
    touch: Option<f64>,
    /// Skill of such probabilities over a random walk on held-out days.
    touch_skill: Option<f64>,
}

impl RiskAnswer {
    pub(in crate::mcp) fn answer(risk: &RiskStatement, evaluation: &Evaluation) -> Answer {
        let answer = Self {
            ticker: risk.ticker.to_string(),
            last_date: risk.last_date,
            last_close: risk.last_price,
            model_version: risk.model_version.clone(),
            sessions: risk.sessions.iter().enumerate().map(|(at, date)| Until::of(risk, at, *date)).collect(),
            levels: levels(risk),
            words: risk_words(risk),
            trust: Trust::of(evaluation),
            notes: risk.notes.clone(),
        };
        let version = risk.model_version.as_deref().unwrap_or("no version");
        let words = paragraphs([
            format!("{} after {} at {}, by {version}", risk.ticker, risk.last_date, price_text(risk.last_price)),
            risk_table(risk).to_string(),
            level_table(risk).to_string(),
            answer.words.clone(),
            answer.trust.paragraph(evaluation),
            noted(&risk.notes),
        ]);
        Answer::new(words, &answer)
    }
}

impl Until {
    fn of(risk: &RiskStatement, at: usize, date: NaiveDate) -> Self {
        let horizon = Horizon::at(at);
        let of = |table: &std::collections::BTreeMap<Threshold, ByHorizon>, level: f64| {
            table.get(&Threshold(level))?.get(&horizon).copied()
        };
        Self {
            date,
            sessions_ahead: at + 1,
            value_at_risk_95: of(&risk.value_at_risk, 95.0),
            value_at_risk_99: of(&risk.value_at_risk, 99.0),
            expected_shortfall_95: of(&risk.expected_shortfall, 95.0),
            expected_shortfall_99: of(&risk.expected_shortfall, 99.0),
            expected_high: risk.expected_high.get(&horizon).copied(),
            expected_low: risk.expected_low.get(&horizon).copied(),
            kept: risk.skill.get(&horizon).map(Kept::of),
        }
    }
}

impl Kept {
    fn of(score: &RiskScore) -> Self {
        let tail = |level: f64| score.tail.get(&Threshold(level));
        Self {
            judged_forecasts: score.n,
            exceeded_95: tail(95.0).map(|tail| tail.exceeded),
            exceeded_99: tail(99.0).map(|tail| tail.exceeded),
            kupiec_p_99: tail(99.0).map(|tail| tail.value_at_risk.kupiec_p),
            touch_skill: score.touch.as_ref().and_then(|touch| touch.skill),
        }
    }
}

/// Each price with its chances at the last session.
fn levels(risk: &RiskStatement) -> Vec<Level> {
    let last = Horizon::at(risk.sessions.len().saturating_sub(1));
    let touch_skill = risk.skill.get(&last).and_then(|score| score.touch.as_ref()?.skill);
    let chances = &risk.probability;
    let level = |(price, touch): (&Threshold, &ByHorizon)| Level {
        price: price.0,
        close_above: chances.close_above.get(price).and_then(|row| row.get(&last)).copied(),
        close_below: chances.close_below.get(price).and_then(|row| row.get(&last)).copied(),
        touch: touch.get(&last).copied(),
        touch_skill,
    };
    chances.touch.iter().map(level).collect()
}
