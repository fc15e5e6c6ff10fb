//! What scripted models say, and how a report is asked for.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stockops_agents::analyze::{Event, Settings};
use stockops_agents::graph::Author;
use stockops_agents::llm::{ChatModel, Line, ScriptedModel};
use stockops_agents::{Analyst, AnalystReport, Kept, Request};
use stockops_core::Ticker;

use crate::common::desk::{HouseDesk, Paper, house};

pub(crate) type Answer<T> = stockops_agents::Result<T>;

pub(crate) const PERFORMANCE: &str = "performance analyst of a research desk";
pub(crate) const MARKET: &str = "market expert of a research desk";
pub(crate) const WRITER: &str = "report generator of a research desk";
pub(crate) const CRITIC: &str = "critic of a research desk";

pub(crate) fn amzn() -> Request {
    Request::new(Ticker::new("AMZN").unwrap())
}

pub(crate) fn paper() -> Arc<Paper> {
    Arc::new(Paper(house().headlines.clone()))
}

pub(crate) fn quick() -> Settings {
    Settings { timeout: Duration::from_secs(5), tokens: 200_000, ..Settings::default() }
}

pub(crate) fn with(model: &Arc<ScriptedModel>) -> Analyst {
    let model: Arc<dyn ChatModel> = Arc::clone(model) as _;
    Analyst::builder(HouseDesk::default()).news(paper()).model(model).settings(quick()).build().unwrap()
}

pub(crate) fn scripted(lines: impl IntoIterator<Item = Line>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(lines).in_any_order())
}

pub(crate) fn reading() -> Line {
    Line::answers(&json!({ "summary": "It closed at {{last_close}}.", "signal": "flat" })).to(PERFORMANCE)
}

pub(crate) fn mood() -> Line {
    Line::answers(&json!({ "summary": "Reuters writes of a profit.", "sentiment": "positive" })).to(MARKET)
}

pub(crate) fn prose(summary: &str) -> Value {
    json!({
        "summary": summary, "moved": "The close rose by {{return_1:size}} in the last session.",
        "outlook": "The close forecast for {{day_h5}} is {{close_h5}}.",
        "risks": "The value at risk at 99 % within {{sessions_ahead}} sessions is {{var_99_h5}}.", "answer": "",
    })
}

pub(crate) fn draft() -> Line {
    Line::answers(&prose("{{ticker}} closed at {{last_close}}.")).to(WRITER)
}

pub(crate) fn approves() -> Line {
    Line::answers(&json!({ "approved": true, "reasons": [] })).to(CRITIC)
}

pub(crate) fn objects(reason: &str) -> Line {
    Line::answers(&json!({ "approved": false, "reasons": [reason] })).to(CRITIC)
}

pub(crate) async fn report(analyst: &Analyst, request: Request) -> AnalystReport {
    analyst.analyze(request).finish().await.unwrap().report
}

pub(crate) async fn run(analyst: &Analyst, request: Request) -> Kept {
    analyst.analyze(request).finish().await.unwrap()
}

pub(crate) fn why(report: &AnalystReport) -> &str {
    match &report.written_by {
        Author::Template { why } => why,
        Author::Model { name } => panic!("{name} wrote it"),
    }
}

pub(crate) fn of<'a>(events: &'a [Event], node: &str, kind: &str) -> Vec<&'a Event> {
    events.iter().filter(|event| event.node.as_deref() == Some(node) && event.kind == kind).collect()
}
