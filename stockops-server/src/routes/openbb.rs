//! OpenBB Workspace: the forecast as widgets and the analysts as an agent of a terminal that people already have.
//!
//! The forms are those of its documentation for custom backends (`widgets.json`) and custom agents (`agents.json`).

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stockops_agents::Request;
use stockops_core::Ticker;
use stockops_core::forecast::{Day, Field, Horizon};

use super::OfTicker;
use super::analyze::LONGEST;

use crate::app::App;
use crate::openapi::{Access, Topic, about, answers};
use crate::{Fault, Json, Query};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |access, id: &'static str, summary: &'static str| about(access, Topic::Service, id, summary);
    ApiRouter::new()
        .api_route(
            "/widgets.json",
            get_with(widgets, of(Access::Open, "openbb_widgets", "Widgets for OpenBB Workspace")),
        )
        .api_route(
            "/agents.json",
            get_with(agents, of(Access::Open, "openbb_agents", "The agent for OpenBB Workspace")),
        )
        .api_route(
            "/openbb/forecast",
            get_with(table, of(Access::Key, "openbb_forecast", "The forecast as rows of a table")),
        )
        .api_route("/openbb/report", get_with(report, of(Access::Key, "openbb_report", "The report as Markdown")))
        .api_route(
            "/openbb/query",
            post_with(query, |o| {
                let summary = "Answer a question as the events that OpenBB Workspace reads";
                answers(of(Access::Key, "openbb_query", summary)(o), 200, "text/event-stream", "The answer.")
            }),
        )
}

async fn widgets() -> Json<Value> {
    let ticker = json!([{
        "paramName": "ticker", "value": "AMZN", "label": "Ticker", "type": "text", "description": "Whose forecast"
    }]);
    let column =
        |field: &str, name: &str, kind: &str| json!({ "field": field, "headerName": name, "cellDataType": kind });
    Json(json!({
        "stockops_forecast": {
            "name": "Forecast of the next sessions", "category": "stockops", "type": "table", "endpoint": "openbb/forecast",
            "description": "Close, high, low and volume with the 80 % interval of the close, and the skill of the close against \"tomorrow equals today\"",
            "gridData": { "w": 20, "h": 8 }, "params": ticker,
            "data": { "table": { "showAll": true, "columnsDefs": [
                column("date", "Day", "text"), column("close", "Close", "number"), column("close_low_80", "80 % from", "number"),
                column("close_high_80", "80 % to", "number"), column("high", "High", "number"), column("low", "Low", "number"),
                column("volume", "Volume", "number"), column("skill_vs_persistence", "Skill of close", "number"),
            ] } }
        },
        "stockops_report": {
            "name": "Report", "category": "stockops", "type": "markdown", "endpoint": "openbb/report",
            "description": "A report whose every number is checked against the facts", "gridData": { "w": 20, "h": 16 }, "params": ticker
        }
    }))
}

async fn agents() -> Json<Value> {
    Json(json!({
        "stockops": {
            "name": "stockops analysts",
            "description": "Forecast, risk and drift of a ticker in words, checked against the facts. Begin a question with the ticker.",
            "endpoints": { "query": "/openbb/query" },
            "features": { "streaming": true, "widget-dashboard-select": false, "widget-dashboard-search": false }
        }
    }))
}

/// A session of the forecast as a row.
#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// The day.
    date: String,
    /// The close.
    close: f64,
    /// Lower end of its 80 % interval.
    close_low_80: Option<f64>,
    /// Upper end of it.
    close_high_80: Option<f64>,
    /// The high.
    high: f64,
    /// The low.
    low: f64,
    /// The volume.
    volume: f64,
    /// Skill of the close at this horizon over "tomorrow equals today", a share of RMSE; none where it was not measured.
    skill_vs_persistence: Option<f64>,
}

async fn table(State(app): State<App>, Query(OfTicker { ticker }): Query<OfTicker>) -> Result<Json<Vec<Row>>, Fault> {
    let forecast = super::forecast::kept(&app, &ticker).await?;
    let intervals = forecast.interval(80).ok();
    let skills = forecast.skill.as_ref().and_then(|skill| skill.get(&Field::Close));
    let row = |(i, day): (usize, &Day)| {
        let interval = intervals.and_then(|days| days.get(i)).map(|day| day.close);
        let skill = skills.zip(Horizon::new(i + 1).ok()).and_then(|(skills, horizon)| skills.get(&horizon));
        Row {
            date: day.date.to_string(),
            close: day.close,
            close_low_80: interval.map(|ends| ends[0]),
            close_high_80: interval.map(|ends| ends[1]),
            high: day.high,
            low: day.low,
            volume: day.volume,
            skill_vs_persistence: skill.map(|skill| skill.vs_persistence),
        }
    };
    Ok(Json(forecast.predictions.full_forecast.iter().enumerate().map(row).collect()))
}

async fn report(State(app): State<App>, Query(OfTicker { ticker }): Query<OfTicker>) -> Result<Json<String>, Fault> {
    Ok(Json(super::analyze::reported(&app, Request::new(ticker)).await?.final_report))
}

/// What the terminal sends; it sends more, which is not used.
#[derive(Debug, Deserialize, JsonSchema)]
struct Conversation {
    /// What was said, oldest first.
    messages: Vec<Said>,
}

/// One message.
#[derive(Debug, Deserialize, JsonSchema)]
struct Said {
    /// `human` or `ai`.
    role: String,
    /// Its text; other kinds of messages are passed over.
    content: Value,
}

async fn query(State(app): State<App>, Json(asked): Json<Conversation>) -> Result<Response, Fault> {
    let last = asked.messages.iter().rev().find(|message| message.role == "human");
    let text: String = last.and_then(|said| said.content.as_str()).unwrap_or_default().chars().take(LONGEST).collect();
    let delta = match first_ticker(&app, &text).await {
        Some(ticker) => {
            let request = Request { question: Some(text), ..Request::new(ticker) };
            let report = super::analyze::reported(&app, request).await?;
            report.answer.unwrap_or(report.final_report)
        }
        None => "Name a ticker in your question, such as `AMZN: what could go wrong next week?`.".to_owned(),
    };
    let event = format!("event: copilotMessageChunk\ndata: {}\n\n", json!({ "delta": delta }));
    Ok(([(CONTENT_TYPE, "text/event-stream")], Body::from(event)).into_response())
}

/// The first word of `text` in capitals that the server has bars of.
async fn first_ticker(app: &App, text: &str) -> Option<Ticker> {
    let words =
        text.split(|c: char| c.is_whitespace() || ",;:?!()\"'".contains(c)).map(|word| word.trim_end_matches('.'));
    let capitals = words.filter(|word| !word.chars().any(char::is_lowercase)).filter_map(|word| Ticker::new(word).ok());
    // `I`, `A` and years are words of a sentence as well.
    let letters = |ticker: &Ticker| ticker.as_str().chars().filter(char::is_ascii_alphabetic).count();
    let capitals = capitals.filter(|ticker| letters(ticker) > 1);
    let candidates: Vec<Ticker> = capitals.take(5).collect();
    app.run(move |app| Ok::<_, Fault>(candidates.into_iter().find(|ticker| app.shelf().shared(ticker).is_ok())))
        .await
        .ok()?
}
