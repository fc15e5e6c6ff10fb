//! From what a tool has answered to facts, for what the table of facts does not have.

use chrono::{DateTime, NaiveDate, Utc};
use stockops_core::risk::Threshold;

use super::{Called, Chance, HistoryAnswer, PastSession, RiskAnswer};
use crate::facts::{Fact, Origin, Quantity, Value};

/// What the answer of `called` says that a table of facts does not: past sessions and their indicators as `history_DAY_close`, and
/// chances of prices as `chance_above_PRICE_h5`, with the price itself as `asked_PRICE`. Forecast, skill, drift and losses are in the
/// table already. The source of each is `tool history` or `tool risk`, its path the pointer in the answer.
pub(crate) fn facts_of(called: &Called, fetched: DateTime<Utc>) -> Vec<Fact> {
    let Ok(answer) = &called.outcome else { return Vec::new() };
    let answer = answer.clone();
    match called.name.as_str() {
        "history" => serde_json::from_value(answer).map_or(Vec::new(), |answer| of_history(&answer, fetched)),
        "risk" => serde_json::from_value(answer).map_or(Vec::new(), |answer| of_risk(&answer, fetched)),
        _ => Vec::new(),
    }
}

fn of_history(answer: &HistoryAnswer, fetched: DateTime<Utc>) -> Vec<Fact> {
    answer.sessions.iter().enumerate().flat_map(|(place, session)| of_session(place, session, fetched)).collect()
}

fn of_session(place: usize, session: &PastSession, fetched: DateTime<Utc>) -> Vec<Fact> {
    use Quantity::{Average, Close, High, Low, Macd, Open, Return, Rsi14, Volume};
    let PastSession { date, open, high, low, close, volume, change, rsi14, macd, sma20, .. } = session;
    let price = |value: &f64| Some(Value::Price(*value));
    let all = [
        ("open", "open", Open, price(open), None),
        ("high", "high", High, price(high), None),
        ("low", "low", Low, price(low), None),
        ("close", "close", Close, price(close), None),
        ("volume", "volume", Volume, Some(Value::Shares(*volume)), None),
        ("change", "move of the close over 1 session", Return, change.map(Value::Fraction), Some(1)),
        ("rsi14", "RSI of 14 sessions", Rsi14, rsi14.map(Value::Number), Some(14)),
        ("macd", "MACD line", Macd, macd.map(Value::Price), None),
        ("sma20", "simple mean of 20 closes", Average, sma20.map(Value::Price), Some(20)),
    ];
    let fact = |(field, words, quantity, value, span): (&str, &str, Quantity, Option<Value>, Option<usize>)| {
        let origin = origin("history", Some(*date), fetched, format!("/sessions/{place}/{field}"));
        let fact = Fact::new(format!("history_{date}_{field}"), format!("{words} on {date}"), quantity, value?, origin);
        let of = matches!(quantity, Return).then_some(Close);
        Some(Fact { day: Some(*date), span, of, ..fact })
    };
    all.into_iter().filter_map(fact).collect()
}

fn of_risk(answer: &RiskAnswer, fetched: DateTime<Utc>) -> Vec<Fact> {
    answer.chances.iter().enumerate().flat_map(|(place, chance)| of_chance(place, chance, fetched)).collect()
}

fn of_chance(place: usize, chance: &Chance, fetched: DateTime<Utc>) -> Vec<Fact> {
    let Chance { price, sessions_ahead, close_above, close_below, touch, .. } = *chance;
    let threshold = Threshold(price);
    let path = |field: &str| format!("/chances/{place}/{field}");
    let fact = |(id, words, field, value): (&str, &str, &str, f64)| Fact {
        horizon: Some(sessions_ahead),
        of: Some(Quantity::Close),
        against: Some(format!("{id} {threshold}")),
        ..Fact::new(
            format!("chance_{id}_{threshold}_h{sessions_ahead}"),
            format!("chance that {words} {threshold}, {sessions_ahead} sessions ahead"),
            Quantity::Probability,
            Value::Fraction(value),
            origin("risk", None, fetched, path(field)),
        )
    };
    let asked = Fact::new(
        format!("asked_{threshold}"),
        "price that is asked about",
        Quantity::Threshold,
        Value::Price(price),
        origin("risk", None, fetched, path("price")),
    );
    let chances = [
        ("above", "the session closes above", "close_above", close_above),
        ("below", "the session closes below", "close_below", close_below),
        ("touch", "the price touches", "touch", touch),
    ];
    chances.map(fact).into_iter().chain([asked]).collect()
}

fn origin(tool: &str, day: Option<NaiveDate>, fetched: DateTime<Utc>, path: String) -> Origin {
    Origin { source: format!("tool {tool}"), window: day.map(|day| [day; 2]), fetched, path }
}
