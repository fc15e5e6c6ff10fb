//! How the analysts ask a model: tools, masks, money, briefings, and what a dead model costs.

mod common;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use common::House;
use serde_json::{Value, json};
use stockops_agents::analyze::Settings;
use stockops_agents::error::ModelFault;
use stockops_agents::graph::Author;
use stockops_agents::llm::{ChatModel, Line, Prices, ScriptedModel, Speaker};
use stockops_agents::news::{Headline, NewsSource};
use stockops_agents::tools::Budget;
use stockops_agents::{Analyst, Desk, Kept, Request};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::{Bars, Forecast, Ticker};

/// Read once for all tests.
fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(House::amzn)
}

type Answer<T> = stockops_agents::Result<T>;

/// The house at the evening of its last bar.
#[derive(Debug)]
struct HouseDesk;

impl Desk for HouseDesk {
    fn now(&self) -> DateTime<Utc> {
        "2020-07-31T21:00:00Z".parse().unwrap()
    }

    fn bars(&self, _: &Ticker) -> Answer<Sourced> {
        Ok(house().bars.clone())
    }

    fn forecast(&self, bars: &Bars) -> Answer<Forecast> {
        self.preview(bars)
    }

    fn preview(&self, _: &Bars) -> Answer<Forecast> {
        Ok(house().forecast.clone())
    }

    fn evaluation(&self, _: &Bars) -> Answer<Evaluation> {
        Ok(house().evaluation.clone())
    }

    fn risk(&self, _: &Bars, question: &RiskQuestion) -> Answer<RiskStatement> {
        match question.levels.as_slice() {
            [] => Ok(house().risk.clone()),
            _ => Err(stockops_agents::Error::Store { what: "risk".into(), problem: "the desk is at lunch".into() }),
        }
    }

    fn drift(&self, _: &Bars) -> Answer<DriftReport> {
        Ok(house().drift.clone())
    }
}

/// Headlines that are there.
#[derive(Debug)]
struct Paper(Vec<Headline>);

impl NewsSource for Paper {
    fn name(&self) -> &str {
        "paper"
    }

    fn headlines<'a>(
        &'a self,
        _: &'a Ticker,
        until: DateTime<Utc>,
    ) -> futures_util::future::BoxFuture<'a, Answer<Vec<Headline>>> {
        let before = self.0.iter().filter(|one| one.published < until).cloned().collect();
        Box::pin(async move { Ok(before) })
    }
}

const PERFORMANCE: &str = "performance analyst of a research desk";
const MARKET: &str = "market expert of a research desk";
const WRITER: &str = "report generator of a research desk";
const CRITIC: &str = "critic of a research desk";

fn amzn() -> Request {
    Request::new(Ticker::new("AMZN").unwrap())
}

fn quick() -> Settings {
    Settings { timeout: Duration::from_secs(5), ..Settings::default() }
}

fn scripted(lines: impl IntoIterator<Item = Line>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(lines).in_any_order())
}

async fn run(model: &Arc<ScriptedModel>, settings: Settings, request: Request) -> Kept {
    let chat: Arc<dyn ChatModel> = Arc::clone(model) as _;
    let news = Arc::new(Paper(house().headlines.clone()));
    let analyst = Analyst::builder(HouseDesk).news(news).model(chat).settings(settings).build().unwrap();
    analyst.analyze(request).finish().await.unwrap()
}

fn reading(summary: &str) -> Line {
    Line::answers(&json!({ "summary": summary, "signal": "flat" })).to(PERFORMANCE)
}

fn mood() -> Line {
    Line::answers(&json!({ "summary": "Reuters writes of a profit.", "sentiment": "positive" })).to(MARKET)
}

fn prose(summary: &str) -> Value {
    json!({
        "summary": summary, "moved": "The close rose by {{return_1:size}} in the last session.",
        "outlook": "The close forecast for {{day_h5}} is {{close_h5}}.",
        "risks": "The value at risk at 99 % within {{sessions_ahead}} sessions is {{var_99_h5}}.", "answer": "",
    })
}

fn draft(summary: &str) -> Line {
    Line::answers(&prose(summary)).to(WRITER)
}

fn approves() -> Line {
    Line::answers(&json!({ "approved": true, "reasons": [] })).to(CRITIC)
}

fn objects(reason: &str) -> Line {
    Line::answers(&json!({ "approved": false, "reasons": [reason] })).to(CRITIC)
}

fn history() -> Line {
    Line::calls("history", json!({ "ticker": "AMZN", "sessions": 10 })).to(PERFORMANCE)
}

fn plain() -> [Line; 4] {
    [reading("It closed at {{last_close}}."), mood(), draft("{{ticker}} closed at {{last_close}}."), approves()]
}

fn why(kept: &Kept) -> &str {
    match &kept.report.written_by {
        Author::Template { why } => why,
        Author::Model { name } => panic!("{name} wrote it"),
    }
}

fn by_model(kept: &Kept) {
    let report = &kept.report;
    assert_eq!(report.written_by, Author::Model { name: "scripted".into() }, "{:?}", report.rejected);
}

/// What tools told the performance analyst.
fn told(model: &ScriptedModel) -> Vec<String> {
    let requests = model.seen();
    let last = requests.iter().rfind(|request| request.messages[0].text.contains(PERFORMANCE)).unwrap();
    let tools = last.messages.iter().filter(|message| message.speaker == Speaker::Tool);
    tools.map(|message| message.text.clone()).collect()
}

#[tokio::test]
async fn a_number_that_only_a_tool_said_is_a_fact_where_it_is_cited() {
    let day = NaiveDate::from_ymd_opt(2020, 7, 22).unwrap();
    let bar = house().bars.bars.iter().find(|bar| bar.date == day).copied().unwrap();
    let said = "On 2020-07-22 it closed at {{history_2020-07-22_close}}.";
    let model = scripted([history(), reading(said).to("known_sessions"), mood(), draft(said), approves()]);
    let kept = run(&model, quick(), amzn()).await;
    by_model(&kept);
    assert_eq!(model.left(), 0);
    let fact = kept.report.fact("history_2020-07-22_close").unwrap();
    assert_eq!((fact.day, fact.origin.source.as_str()), (Some(day), "tool history"));
    assert!((fact.number().unwrap() - bar.close).abs() < 0.005, "{fact:?}");
    assert_eq!(kept.report.summary, format!("On 2020-07-22 it closed at {:.2}.", bar.close));
    // What nobody has cited is no fact, so the table stays as narrow as it was.
    assert!(kept.report.fact("history_2020-07-21_close").is_none());
    let writer = model.seen().into_iter().find(|request| request.messages[0].text.contains(WRITER)).unwrap();
    assert!(writer.messages[1].text.contains("history_2020-07-22_close: "), "the writer is told of it");
    assert!(writer.tools.is_empty(), "the readers alone ask tools");
    assert!(kept.events.iter().any(|event| event.details.get("value").is_some_and(|value| value["tool"] == "history")));
}

#[tokio::test]
async fn the_same_call_twice_and_calls_beyond_the_budget_are_told_and_not_made() {
    let other = Line::calls("skill", json!({ "ticker": "AMZN" })).to(PERFORMANCE);
    let model = scripted([history(), history(), other, reading("It rests.").to("all 2 calls are made"), mood()]);
    let settings = Settings { tools: Budget { calls: 2, rounds: 3 }, ..quick() };
    run(&model, settings, amzn()).await;
    let told = told(&model);
    assert_eq!(told.len(), 3);
    assert!(told[1].contains("was called with these arguments before"), "{told:?}");
    assert!(told[2].contains("all 2 calls are made"), "{told:?}");
    let asked: Vec<_> = model.seen().into_iter().filter(|r| r.messages[0].text.contains(PERFORMANCE)).collect();
    assert_eq!(asked.len(), 4);
    assert!(asked[3].tools.is_empty() && asked[3].schema.is_some(), "the last question has a form and no tools");
}

#[tokio::test]
async fn what_a_tool_meets_and_hostile_arguments_are_told_to_the_model() {
    let with = |arguments| Line::calls("risk", arguments).to(PERFORMANCE);
    let model = scripted([
        with(json!({ "ticker": "AMZN", "levels": [3000.0] })),
        with(json!({ "ticker": "../../etc/passwd" })),
        with(json!({ "ticker": "GOOG" })),
        with(json!({ "ticker": "AMZN", "sessions": 1e9, "then": "rm -rf" })),
        reading("It rests."),
        mood(),
    ]);
    let settings = Settings { tools: Budget { calls: 9, rounds: 4 }, tokens: 200_000, ..quick() };
    let kept = run(&model, settings, amzn()).await;
    let told = told(&model);
    for (text, words) in
        told.iter().zip(["the desk is at lunch", "ticker", "the report is about AMZN alone", "arguments"])
    {
        assert!(text.starts_with("DATA answer of a tool") && text.contains(words), "{text}");
    }
    assert_eq!(told.len(), 4);
    assert!(!kept.report.final_report.contains("passwd"));
}

#[tokio::test]
async fn a_model_that_refuses_tools_is_asked_without_them() {
    let refuses = || {
        let reason = "registry.ollama.ai/library/tiny does not support tools".to_owned();
        Line::fails(ModelFault::Refused { status: 400, reason })
    };
    let model = scripted([refuses().to(PERFORMANCE), refuses().to(MARKET)].into_iter().chain(plain()));
    let kept = run(&model, quick(), amzn()).await;
    by_model(&kept);
    let warnings: Vec<_> = kept.report.warnings.iter().filter(|warning| warning.contains("does no tools")).collect();
    assert_eq!(warnings.len(), 1, "{:?}", kept.report.warnings);
    let model = scripted(plain());
    let kept = run(&model, Settings { tools: Budget { calls: 0, rounds: 0 }, ..quick() }, amzn()).await;
    by_model(&kept);
    assert!(model.seen().iter().all(|request| request.tools.is_empty()));
}

#[tokio::test]
async fn no_prompt_of_a_masked_run_holds_a_name_or_a_day() {
    let said = "On {{history_day-9_close}} STOCKX rested.";
    let mut whole = prose("STOCKX closed at {{last_close}} on day+0, and at {{history_day-9_close}} on day-9.");
    whole["answer"] = json!("STOCKX rested.");
    let model = scripted([
        Line::calls("history", json!({ "ticker": "STOCKX", "sessions": 10 })).to(PERFORMANCE),
        reading(said).to("known_sessions"),
        Line::answers(&whole).to(WRITER),
        approves(),
    ]);
    let question = Some("What happened on July 22, 2020, and on 2020-07-23, to AMZN?".into());
    let kept = run(&model, quick(), Request { masked: true, question, ..amzn() }).await;
    by_model(&kept);
    assert!(
        kept.report.summary.starts_with("AMZN closed at 3164.68 on 2020-07-31, and at "),
        "{}",
        kept.report.summary
    );
    assert!(kept.report.summary.ends_with(" on 2020-07-22."), "{}", kept.report.summary);
    assert_eq!(kept.report.answer.as_deref(), Some("AMZN rested."));
    for request in model.seen() {
        for message in request.messages {
            let text = format!("{} {:?}", message.text, message.calls);
            for word in ["AMZN", "Amazon", "2020", "July"] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_dead_model_is_asked_once_by_each_reader_and_then_no_more() {
    for (fault, words) in [
        (ModelFault::Unreachable("connection refused".into()), "it cannot be reached: connection refused"),
        (ModelFault::Refused { status: 401, reason: "wrong key".into() }, "it refused (401): wrong key"),
        (ModelFault::Refused { status: 404, reason: "no such model".into() }, "it refused (404): no such model"),
    ] {
        let model = scripted((0..9).map(|_| Line::fails(fault.clone())));
        let kept = run(&model, quick(), amzn()).await;
        assert_eq!(why(&kept), format!("scripted gave no answer that can be used: {words}"));
        assert!(model.seen().len() <= 2, "{} calls", model.seen().len());
        assert!(kept.events.iter().all(|event| event.kind != "retried"));
        assert!(kept.report.final_report.contains("## The model's record"));
    }
}

#[tokio::test]
async fn money_that_does_not_reach_ends_in_the_template_and_says_so() {
    // A token of a prompt costs one millionth: what the readers reserve is more than the limit.
    let prices = Some(Prices { prompt: 1.0, answer: 1.0 });
    let model = scripted(plain());
    let kept = run(&model, Settings { prices, money: Some(0.000_5), ..quick() }, amzn()).await;
    assert_eq!(why(&kept), "scripted gave no answer that can be used: the budget of 0.0005 in money is spent");
    assert!(model.seen().is_empty());
    let model = scripted(plain());
    let kept = run(&model, Settings { prices, money: Some(1.0), ..quick() }, amzn()).await;
    by_model(&kept);
    assert!(kept.report.cost.money.is_some_and(|money| money > 0.0 && money < 1.0));
    let error = Analyst::builder(HouseDesk).settings(Settings { money: Some(1.0), ..quick() }).build().unwrap_err();
    assert_eq!(error.to_string(), "`prices` must be the prices of tokens where money is limited, got none");
}

/// 20,000 tokens are enough for three drafts, each read by the critic.
#[tokio::test]
async fn one_draft_is_asked_for_with_less_than_3000_tokens() {
    let summary = "{{ticker}} closed at {{last_close}}.";
    let model = scripted([
        reading("It closed at {{last_close}}."),
        mood(),
        draft(summary),
        objects("too cheerful"),
        draft(summary).to("too cheerful"),
        objects("too gloomy"),
        draft(summary).to("too gloomy"),
        approves(),
    ]);
    let kept = run(&model, Settings { tokens: 20_000, ..quick() }, amzn()).await;
    by_model(&kept);
    let by_node = &kept.report.cost.by_node;
    // The scripted model counts a prompt as it is reserved; the answer may have 800.
    let reserved = by_node["report_generator"].prompt / 3 + 800;
    assert!(reserved < 3_000, "{reserved}: {by_node:?}");
    assert_eq!((kept.report.rejected.len(), model.left()), (2, 0));
}
