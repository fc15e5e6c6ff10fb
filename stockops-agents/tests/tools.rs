//! Tools over a desk of the test: arguments, answers that carry interval and skill, faults, and a conversation that ends.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Days, NaiveDate, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use stockops_agents::llm::{Answer, ChatModel, Finish, Request, Speaker, ToolCall, Usage};
use stockops_agents::news::{Headline, MemoryNews};
use stockops_agents::tools::{Budget, Conversation, ToolFault, Toolbox, converse};
use stockops_agents::{Desk, Result};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::{Bar, Bars, Error, Forecast, QualityReport, Ticker};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A desk that knows GOOG alone; its forecast is one cent above the last close.
#[derive(Debug)]
struct Small;

impl Desk for Small {
    fn now(&self) -> DateTime<Utc> {
        at("2026-01-06T22:00:00Z")
    }

    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        if ticker.as_str() != "GOOG" {
            let hint = "give them".to_string();
            return Err(Error::NotFound { kind: "bars", name: ticker.to_string(), hint }.into());
        }
        let first = day("2025-11-03");
        let days = (0..65).map(|i| first + Days::new(i)).filter(|day| is_weekday(*day)).zip(0..);
        let bar = |(date, i): (NaiveDate, u32)| {
            let close = 100.0 + f64::from(i);
            Bar { date, open: close - 0.5, high: close + 1.0, low: close - 1.0, close, volume: 1e6 }
        };
        let bars = Bars::new(ticker.clone(), days.map(bar).collect())?;
        let (first_day, last_day) = (bars.first_day(), bars.last_day());
        let (rows_read, rows_kept) = (bars.len(), bars.len());
        let quality =
            QualityReport { ticker: ticker.clone(), rows_read, rows_kept, first_day, last_day, findings: Vec::new() };
        Ok(Sourced { bars, quality, understood: Default::default() })
    }

    fn forecast(&self, _: &Bars) -> Result<Forecast> {
        panic!("a tool keeps no forecast in the record")
    }

    fn preview(&self, bars: &Bars) -> Result<Forecast> {
        let last = bars.as_slice().last().unwrap();
        let price = last.close + 0.012_345;
        let day = json!({"date": last.date + Days::new(1), "open": price, "high": price + 1.0, "low": price - 1.0,
            "close": price, "volume": 1_000_000.4});
        let ends = json!([price - 2.0, price + 2.0]);
        let interval = json!({"date": last.date + Days::new(1), "open": ends, "high": ends, "low": ends, "close": ends,
            "volume": [5e5, 2e6], "range": [0.01, 0.03], "path": ends});
        let forecast = json!({
            "ticker": bars.ticker(), "last_date": last.date, "last_price": last.close, "future_window_days": 1,
            "next_business_days": [last.date + Days::new(1)],
            "predictions": {"next_day": day, "next_week": {"high": price, "low": price}, "full_forecast": [day]},
            "history": [], "intervals": {"90": [interval]},
            "outlook": {"stance": "NEUTRAL", "reason": "it holds 0", "volatility": "usual", "range": 0.02,
                "range_80": [0.01, 0.03], "usual_range": 0.02},
            "skill": {"close": {"h1": {"vs_persistence": 0.001, "vs_best_rule": -0.012_34, "best_rule": "persistence"}}},
            "model_version": "GOOG@3", "strategy": "zero_shot", "notes": ["zero-shot"],
        });
        Ok(serde_json::from_value(forecast).unwrap())
    }

    fn evaluation(&self, _: &Bars) -> Result<Evaluation> {
        Ok(Evaluation::none("too short".into()))
    }

    fn risk(&self, bars: &Bars, question: &RiskQuestion) -> Result<RiskStatement> {
        let chances = json!({"90": {"h1": 0.1}});
        let sessions: Vec<_> = (1..6).map(|ahead| bars.last_day().unwrap() + Days::new(ahead)).collect();
        let statement = json!({
            "ticker": bars.ticker(), "last_date": bars.last_day(), "last_price": 100.0, "sessions": sessions, "paths": 10,
            "value_at_risk": {"95": {"h1": 0.021_234_5, "h5": 0.05}}, "expected_shortfall": {"95": {"h1": 0.03, "h5": 0.07}},
            "probability": {"close_above": {"90": {"h1": 0.9}}, "close_below": chances, "touch": chances, "wider": {}, "any_wider": {}},
            "expected_high": {}, "expected_low": {}, "skill": {}, "model_version": "GOOG@3",
            "notes": [format!("asked until {}", question.horizon.unwrap())],
        });
        Ok(serde_json::from_value(statement).unwrap())
    }

    fn drift(&self, bars: &Bars) -> Result<DriftReport> {
        Ok(DriftReport::skipped(bars.ticker().clone(), bars.last_day(), String::new(), "too short".into()))
    }
}

fn is_weekday(day: NaiveDate) -> bool {
    use chrono::Datelike;
    day.weekday().num_days_from_monday() < 5
}

fn toolbox() -> Toolbox {
    let goog = Ticker::new("GOOG").unwrap();
    let headline = |title: &str, published: &str| Headline {
        title: title.into(),
        summary: String::new(),
        publisher: "R".into(),
        url: String::new(),
        published: at(published),
    };
    let news = MemoryNews::default()
        .with(&goog, headline("Profit beats", "2026-01-05T10:00:00Z"))
        .with(&goog, headline("Shares plunge", "2026-01-06T10:00:00Z"));
    Toolbox::new(Arc::new(Small), Some(Arc::new(news)))
}

async fn call(name: &str, arguments: Value) -> Value {
    toolbox().call(name, arguments).await.unwrap()
}

async fn fault(name: &str, arguments: Value) -> ToolFault {
    toolbox().call(name, arguments).await.unwrap_err()
}

#[tokio::test]
async fn a_forecast_has_interval_and_skill_in_the_same_object() {
    let answer = call("forecast", json!({"ticker": "goog"})).await;
    // 47 weekdays from 2025-11-03 on: the last close is 146.
    let close = &answer["sessions"][0]["close"];
    assert_eq!(close, &json!({"value": 146.01, "interval_90": [144.01, 148.01], "skill": -0.0123}));
    assert_eq!(answer["sessions"][0]["open"]["skill"], Value::Null, "none is stated for it");
    assert_eq!((&answer["last_close"], &answer["last_date"]), (&json!(146.0), &json!("2026-01-06")));
    assert_eq!(answer["skill_in_words"], "No skill is claimed: too short.");
    assert_eq!((&answer["stance"], &answer["notes"]), (&json!("NEUTRAL"), &json!(["zero-shot"])));
}

#[tokio::test]
async fn history_has_the_last_sessions_with_their_indicators() {
    let answer = call("history", json!({"ticker": "GOOG", "sessions": 2})).await;
    let newest = &answer["sessions"][1];
    assert_eq!((&newest["date"], &newest["close"]), (&json!("2026-01-06"), &json!(146.0)));
    // Each close is 1 above the one before: no loss at all, and the mean of 127 to 146.
    assert_eq!((&newest["rsi14"], &newest["sma20"]), (&json!(100.0), &json!(136.5)));
    assert_eq!(newest["change"], json!(0.0069), "146 / 145 - 1");
    assert_eq!((&answer["known_sessions"], &answer["first_date"]), (&json!(47), &json!("2025-11-03")));
    assert_eq!(call("history", json!({"ticker": "GOOG"})).await["sessions"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn risk_skill_drift_and_news_answer_with_what_they_are_worth() {
    let risk = call("risk", json!({"ticker": "GOOG"})).await;
    assert_eq!(
        (&risk["losses"][0]["value_at_risk_95"], &risk["losses"][0]["value_at_risk_99"]),
        (&json!(0.0212), &Value::Null)
    );
    assert_eq!(risk["losses"][0]["kept"], Value::Null, "nothing was held out");
    assert_eq!((&risk["losses"][1]["sessions_ahead"], &risk["notes"]), (&json!(5), &json!(["asked until h5"])));
    assert_eq!((&risk["chances"][0]["price"], &risk["chances"][0]["touch"]), (&json!(90.0), &json!(0.1)));
    let skill = call("skill", json!({"ticker": "GOOG"})).await;
    assert_eq!((&skill["trust"]["skill"], &skill["trust"]["judged_forecasts"]), (&json!([]), &json!(0)));
    let drift = call("drift", json!({"ticker": "GOOG"})).await;
    assert_eq!((&drift["health"], &drift["summary"]), (&Value::Null, &json!("Not tested: too short.")));
    let news = call("news", json!({"ticker": "GOOG", "limit": 1})).await;
    assert_eq!(news["headlines"][0]["title"], "Shares plunge");
    assert_eq!((&news["sentiment"]["mood"], news["headlines"].as_array().unwrap().len()), (&json!("negative"), 1));
}

#[tokio::test]
async fn as_of_a_past_moment_nothing_later_is_known() {
    // The session of Monday the 5th is over at 21:00 UTC, that of the 6th is not.
    let past = toolbox().as_of(at("2026-01-05T21:30:00Z"));
    let forecast = past.call("forecast", json!({"ticker": "GOOG"})).await.unwrap();
    assert_eq!((&forecast["last_date"], &forecast["last_close"]), (&json!("2026-01-05"), &json!(145.0)));
    assert_eq!(forecast["notes"][1], "as of 2026-01-05: nothing later is in it");
    let during = toolbox().as_of(at("2026-01-05T16:00:00Z")).call("history", json!({"ticker": "GOOG"})).await.unwrap();
    assert_eq!(during["sessions"][9]["date"], "2026-01-02", "a session that still runs is not known");
    let news = past.call("news", json!({"ticker": "GOOG"})).await.unwrap();
    assert_eq!(
        (news["headlines"].as_array().unwrap().len(), &news["headlines"][0]["title"]),
        (1, &json!("Profit beats"))
    );
    let before = toolbox().as_of(at("2020-01-01T00:00:00Z")).call("history", json!({"ticker": "GOOG"})).await;
    assert!(matches!(before, Err(ToolFault::Refused { .. })), "{before:?}");
}

#[tokio::test]
async fn what_a_model_writes_is_understood_or_it_is_told_how() {
    let as_text = call("forecast", json!("{\"ticker\": \"GOOG\"}")).await;
    assert_eq!(as_text["ticker"], "GOOG");
    call("history", json!({"ticker": "GOOG", "sessions": null})).await;
    let cases = [
        ("buy", json!({}), "there is no tool `buy`; call one of forecast, history, skill, drift, risk, news"),
        (
            "forecast",
            json!({}),
            "the arguments of `forecast` cannot be used: missing field `ticker`; it takes ticker (string)",
        ),
        ("news", json!([1]), "they are no object; it takes ticker (string), limit (integer, optional)"),
        ("risk", json!({"ticker": "GOOG", "days": 1}), "unknown field `days`"),
        ("history", json!({"ticker": "GOOG", "sessions": 1000}), "`sessions` must be 1 to 60, got 1000"),
        (
            "history",
            json!({"ticker": "GOOG", "sessions": -1}),
            "it takes ticker (string), sessions (integer, optional)",
        ),
        ("forecast", json!({"ticker": "../etc"}), "is not a ticker"),
        ("forecast", json!({"ticker": "AAPL"}), "no bars named AAPL"),
        ("risk", json!("no json"), "no JSON"),
    ];
    for (name, arguments, wanted) in cases {
        let fault = fault(name, arguments.clone()).await;
        assert!(fault.to_string().contains(wanted), "{name} {arguments}: {fault}");
        assert_eq!(fault.to_json()["error"]["message"], fault.to_string());
    }
}

#[test]
fn schemas_are_flat_objects_without_references() {
    let toolbox = toolbox();
    let specs = toolbox.specs();
    assert_eq!(specs.len(), 6);
    for spec in &specs {
        let answer = toolbox.answer_schema(&spec.name).unwrap();
        for schema in [&spec.arguments, &answer] {
            assert_eq!(schema["type"], "object", "{}", spec.name);
            let text = schema.to_string();
            for bad in ["$ref", "$defs", "\"uint\"", "\"double\"", "$schema"] {
                assert!(!text.contains(bad), "{bad} in {text}");
            }
        }
        assert_eq!(spec.arguments["additionalProperties"], json!(false));
        for (name, property) in spec.arguments["properties"].as_object().unwrap() {
            assert!(property["type"] != "object" && property["description"].is_string(), "{}: {name}", spec.name);
        }
        assert_eq!(spec.arguments["required"], json!(["ticker"]));
    }
    assert_eq!(Toolbox::new(Arc::new(Small), None).specs().len(), 5, "no news without a source");
}

/// A model that says what the test wrote, and keeps what it was asked.
#[derive(Debug)]
struct Scripted {
    /// The calls of each answer; an answer without calls is text. The last is said again and again.
    script: Vec<Vec<(&'static str, Value)>>,
    asked: Mutex<Vec<Request>>,
}

impl ChatModel for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn chat<'a>(&'a self, request: &'a Request, _: &'a (dyn Fn(&str) + Send + Sync)) -> BoxFuture<'a, Result<Answer>> {
        let mut asked = self.asked.lock().unwrap();
        let said = &self.script[asked.len().min(self.script.len() - 1)];
        let call = |(place, (name, arguments)): (usize, &(&str, Value))| ToolCall {
            id: format!("{}-{place}", asked.len()),
            name: (*name).into(),
            arguments: arguments.clone(),
        };
        let calls: Vec<ToolCall> = said.iter().enumerate().map(call).collect();
        let finish = if calls.is_empty() { Finish::Stop } else { Finish::Tools };
        asked.push(request.clone());
        let answer = Answer { text: "said".into(), calls, finish, usage: Usage { prompt: 10, answer: 1 } };
        async move { Ok(answer) }.boxed()
    }
}

async fn talk(script: Vec<Vec<(&'static str, Value)>>, budget: Budget) -> (Result<Conversation>, Vec<Request>) {
    let model = Scripted { script, asked: Mutex::default() };
    let request =
        Request { messages: Vec::new(), schema: None, tools: Vec::new(), max_tokens: 100, temperature: 0.0, seed: 1 };
    let talked = converse(&model, request, &toolbox(), budget, &|_| {}).await;
    let asked = model.asked.into_inner().unwrap();
    (talked, asked)
}

fn of_goog(name: &'static str) -> (&'static str, Value) {
    (name, json!({"ticker": "GOOG"}))
}

#[tokio::test]
async fn a_model_asks_reads_and_answers() {
    let (talked, asked) = talk(vec![vec![of_goog("forecast"), of_goog("risk")], vec![]], Budget::default()).await;
    let talked = talked.unwrap();
    assert_eq!((talked.answer.text.as_str(), talked.calls.len(), asked.len()), ("said", 2, 2));
    assert_eq!(talked.answer.usage, Usage { prompt: 20, answer: 2 }, "tokens of both answers");
    let told = &asked[1].messages;
    assert_eq!(told.iter().map(|m| m.speaker).collect::<Vec<_>>(), [Speaker::Assistant, Speaker::Tool, Speaker::Tool]);
    assert_eq!(told[1].answers.as_deref(), Some("0-0"));
    assert!(told[1].text.contains("interval_90"), "{}", told[1].text);
}

#[tokio::test]
async fn the_same_call_twice_and_one_too_many_are_not_made() {
    let script = vec![vec![of_goog("skill")], vec![of_goog("skill"), of_goog("drift"), of_goog("risk")], vec![]];
    let (talked, _) = talk(script, Budget { calls: 3, rounds: 4 }).await;
    let outcomes: Vec<_> = talked.unwrap().calls.into_iter().map(|called| called.outcome.map(|_| ())).collect();
    let repeated = ToolFault::Repeated { tool: "skill".into() };
    assert_eq!(outcomes, [Ok(()), Err(repeated), Ok(()), Err(ToolFault::OverBudget { limit: 3 })]);
}

#[tokio::test]
async fn a_model_that_never_answers_is_ended() {
    let (talked, asked) = talk(vec![vec![of_goog("skill")]], Budget { calls: 8, rounds: 3 }).await;
    assert_eq!(
        talked.unwrap_err().to_string(),
        "scripted: its answer cannot be used: it calls tools where it was given none"
    );
    assert_eq!(asked.len(), 4);
    assert!(asked[2].tools.len() == 6 && asked[3].tools.is_empty(), "the last question has no tools");
    let (talked, asked) = talk(vec![vec![]], Budget { calls: 0, rounds: 0 }).await;
    assert!(talked.is_ok() && asked.len() == 1);
}
