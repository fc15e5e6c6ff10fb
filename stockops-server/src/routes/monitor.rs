//! Monitoring: drift of the data and of the model, and what the reports were worth.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stockops_agents::evaluation::AgentEval;
use stockops_core::record::Decision;
use stockops_core::service::MonitorRequest;
use stockops_core::training::Watch;
use stockops_core::{DriftReport, Ticker};

use super::OfTicker;
use crate::app::App;
use crate::guard::Caller;
use crate::jobs::Work;
use crate::metrics::Quality;
use crate::openapi::{Access, Topic, about};
use crate::reply::{InTraining, Reply};
use crate::{Fault, Json, Path, Query};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Key, Topic::Monitoring, id, summary);
    ApiRouter::new()
        .api_route(
            "/monitor/parent",
            post_with(parent, of("monitor_parent", "Look at the index that the parent is of")),
        )
        .api_route(
            "/monitor/{ticker}",
            post_with(monitor, of("monitor", "Look for drift, and train again where it is asked for")),
        )
        .api_route("/monitor/{ticker}/drift", get_with(drift, of("last_drift", "The last drift report")))
        .api_route("/monitor/{ticker}/eval", get_with(eval, of("last_eval", "The last evaluation of a report")))
}

/// What a look at a ticker says.
#[derive(Debug, Serialize, JsonSchema)]
struct Monitored {
    /// Whose.
    ticker: Ticker,
    /// Whether the parent is of it.
    is_parent: bool,
    /// `parent` or `child`.
    r#type: &'static str,
    /// Drift of data and model.
    drift: DriftReport,
    /// What the last report was worth; null where there is none.
    agent_eval: Option<Value>,
    /// What policy says, and why.
    action: Decision,
    /// Where the parts can be had again.
    links: Links,
}

/// Addresses on this server.
#[derive(Debug, Serialize, JsonSchema)]
struct Links {
    /// The drift report.
    get_drift_json: String,
    /// The evaluation.
    get_eval_json: String,
}

/// What may be done about it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Policy {
    /// Whether a new model is trained where policy says so; the answer is then a task.
    #[serde(default)]
    retrain: bool,
}

async fn parent(State(app): State<App>) -> Result<Json<Monitored>, Fault> {
    let ticker = app.run(|app| app.stockops().parent_version().map(|parent| parent.ticker)).await?;
    look(&app, ticker, "parent").await.map(Json)
}

async fn monitor(
    State(app): State<App>,
    caller: Caller,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Query(policy): Query<Policy>,
) -> Result<Reply<Json<Monitored>>, Fault> {
    if policy.retrain {
        let asked = super::train::ask(
            &app,
            &caller,
            Work::Monitor(MonitorRequest { retrain: true, ..MonitorRequest::new(ticker.clone()) }),
        )
        .await?;
        let detail = format!("{ticker} is looked at, and trained again where policy says so");
        let (status, ticker, task_id) = ("training", ticker.to_string(), asked.task_id);
        return Ok(Reply::Training(InTraining { status, detail, ticker, task_id }));
    }
    look(&app, ticker, "child").await.map(|seen| Reply::Ready(Json(seen)))
}

async fn look(app: &App, ticker: Ticker, kind: &'static str) -> Result<Monitored, Fault> {
    // It replays forecasts, so it counts as one.
    app.limits().prediction(&ticker).await?;
    let of = ticker.clone();
    let looked = app.run(move |app| -> Result<_, Fault> {
        let request = MonitorRequest::new(of.clone());
        let report = app.stockops().monitor(&request, &mut Watch::silent())?;
        let is_parent = app.stockops().parent_version()?.ticker == of;
        let kept = app.stockops().record().forecasts(&of)?;
        let quality = Quality::of(&report.drift, kept.iter().flat_map(|forecast| &forecast.outcomes));
        Ok((report, is_parent, quality, latest_eval(app, &of)?))
    });
    let (report, is_parent, quality, eval) = looked.await?;
    app.metrics().judged(&ticker, &quality);
    let at = |part: &str| format!("/monitor/{ticker}/{part}");
    Ok(Monitored {
        is_parent,
        r#type: if is_parent { "parent" } else { kind },
        drift: report.drift,
        agent_eval: eval.map(|eval| serde_json::json!(eval)),
        action: report.action,
        links: Links { get_drift_json: at("drift"), get_eval_json: at("eval") },
        ticker,
    })
}

pub(super) fn latest_eval(app: &App, ticker: &Ticker) -> Result<Option<AgentEval>, Fault> {
    Ok(app.analyst().evaluations().map(|kept| kept.latest(ticker)).transpose()?.flatten())
}

async fn drift(State(app): State<App>, Path(OfTicker { ticker }): Path<OfTicker>) -> Result<Json<DriftReport>, Fault> {
    let ticker = named(&app, ticker).await?;
    let of = ticker.clone();
    let report = app.read(move |app| app.stockops().record().latest_report(&of)).await?;
    report.map(Json).ok_or_else(|| none(&ticker, "drift report"))
}

async fn eval(State(app): State<App>, Path(OfTicker { ticker }): Path<OfTicker>) -> Result<Json<AgentEval>, Fault> {
    let ticker = named(&app, ticker).await?;
    let of = ticker.clone();
    let eval = app.read(move |app| latest_eval(app, &of)).await?;
    eval.map(Json).ok_or_else(|| none(&ticker, "evaluation"))
}

/// The ticker of a path, where `parent` means that of the parent.
async fn named(app: &App, ticker: Ticker) -> Result<Ticker, Fault> {
    match ticker.as_str() {
        "PARENT" => app.read(|app| app.stockops().parent_version().map(|parent| parent.ticker)).await,
        _ => Ok(ticker),
    }
}

fn none(ticker: &Ticker, what: &str) -> Fault {
    let next = if what == "evaluation" { "POST /analyze" } else { "POST /monitor" };
    Fault::not_found(format!("no {what} of {ticker} yet; {next} makes one"))
}
