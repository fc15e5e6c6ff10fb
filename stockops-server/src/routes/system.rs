//! What the admin sees and does: logs, kept answers, and a reset.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_agents::cache::Purge;
use stockops_core::Ticker;

use super::forecast::Predicted;
use crate::app::App;
use crate::guard::Caller;
use crate::kept::Kind;
use crate::logs::{Deed, Tail, audit};
use crate::openapi::{Access, Topic, about};
use crate::{Fault, Json, Query};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Admin, Topic::System, id, summary);
    ApiRouter::new()
        .api_route("/system/logs", get_with(logs, of("logs", "The last lines of the log")))
        .api_route(
            "/system/cache",
            get_with(cache, |o| {
                of("cache", "Tickers of which an answer is kept, or the kept forecast of one")(o)
                    .response::<200, Json<Kept>>()
            }),
        )
        .api_route("/system/reset", delete_with(reset, of("reset", "Forget kept answers, and set all outputs aside")))
}

/// How much of the log.
#[derive(Debug, Deserialize, JsonSchema)]
struct Lines {
    /// Lines, 100 where nothing is said, 10,000 at most.
    lines: Option<usize>,
}

async fn logs(State(app): State<App>, Query(asked): Query<Lines>) -> Result<Json<Tail>, Fault> {
    let lines = asked.lines.unwrap_or(100).min(10_000);
    let tail = app.read(move |app| match app.logs() {
        Some(logs) => logs
            .tail(lines)
            .map_err(|error| Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "the log cannot be read", &error)),
        None => Err(Fault::not_found("this server keeps no log")),
    });
    tail.await.map(Json)
}

/// Which ticker.
#[derive(Debug, Deserialize, JsonSchema)]
struct Of {
    /// Whose kept forecast; a list of all tickers where none is named.
    ticker: Option<Ticker>,
}

/// Tickers of which an answer is kept.
#[derive(Debug, Serialize, JsonSchema)]
struct Cached {
    /// In order.
    cached_tickers: Vec<String>,
    /// How many.
    count: usize,
}

/// The list, or the kept answer.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is asked for: the kept answer is bytes already")]
enum Kept {
    Tickers(Cached),
    Forecast(Box<Predicted>),
}

async fn cache(State(app): State<App>, Query(of): Query<Of>) -> Result<Response, Fault> {
    let Some(ticker) = of.ticker else {
        let cached_tickers = app.kept().tickers().await;
        return Ok(Json(Cached { count: cached_tickers.len(), cached_tickers }).into_response());
    };
    let kept = app.kept().newest(Kind::Prediction, &ticker).await;
    let none = || Fault::not_found(format!("no forecast of {ticker} is kept; other answers about it may be"));
    Ok(super::json_bytes(kept.ok_or_else(none)?.body))
}

/// A reset has to be meant.
#[derive(Debug, Deserialize, JsonSchema)]
struct Confirm {
    /// `reset`.
    confirm: Option<String>,
}

/// What a reset has done, part by part.
#[derive(Debug, Serialize, JsonSchema)]
struct Reset {
    /// `completed`, or `partial` where a part failed.
    status: &'static str,
    /// When.
    timestamp: chrono::DateTime<chrono::Utc>,
    /// What became of each part.
    details: BTreeMap<&'static str, String>,
}

async fn reset(State(app): State<App>, caller: Caller, Query(asked): Query<Confirm>) -> Result<Json<Reset>, Fault> {
    if asked.confirm.as_deref() != Some("reset") {
        audit(Deed::Reset, &caller, "all", "not confirmed");
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "a reset forgets all models; say `?confirm=reset` where you mean it",
        ));
    }
    let timestamp = app.stockops().now();
    let mut details = BTreeMap::new();
    // What runs would write into the folders that come after.
    for job in app.jobs().list(None, 1000).await?.iter().filter(|job| !job.state.is_end()) {
        app.jobs().cancel(&job.id).await?;
    }
    let aside = format!("reset-{}", timestamp.format("%Y%m%dT%H%M%S"));
    for (part, folders) in PARTS {
        let aside = aside.clone();
        let moved = app.run(move |app| super::outputs::set_aside(app.config(), folders, &aside)).await;
        details.insert(part, moved.unwrap_or_else(|fault| format!("failed: {}", fault.detail)));
    }
    app.forget_places();
    let redis = if app.kept().clear().await { "kept answers are forgotten" } else { "failed: Redis does not answer" };
    details.insert("redis", redis.to_owned());
    let answers = match app.semantic() {
        None => "off".to_owned(),
        Some(semantic) => match semantic.purge(&Purge::All).await {
            Ok(count) => format!("{count} kept answers of the analysts are removed"),
            Err(error) => format!("failed: {}", Fault::from(error).detail),
        },
    };
    details.insert("qdrant", answers);
    let status = if details.values().any(|part| part.starts_with("failed")) { "partial" } else { "completed" };
    audit(Deed::Reset, &caller, "all", status);
    Ok(Json(Reset { status, timestamp, details }))
}

/// Folders of the home that a reset sets aside, by the contract's names of its parts.
const PARTS: [(&str, &[&str]); 2] = [
    ("feast", &["features"]),
    ("outputs", &["registry", "record", "drift", "reports", "evaluations", "analysts", "bars", "runs", "batch"]),
];
