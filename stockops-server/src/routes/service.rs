//! The service itself: what it is, whether it lives and is ready, and its metrics.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use crate::app::App;
use crate::metrics::Metrics;
use crate::openapi::{Access, Topic, about, answers};
use crate::{Fault, Json};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Open, Topic::Service, id, summary);
    ApiRouter::new()
        .api_route(
            "/",
            get_with(root, |o| {
                let root = of("root", "What this is; a browser gets the page")(o);
                answers(root.response::<200, Json<Root>>(), 200, "text/html", "The page.")
            }),
        )
        .api_route("/health", get_with(health, of("health", "Whether it runs")))
        .api_route("/livez", get_with(health, of("livez", "Whether it runs")))
        .api_route(
            "/readyz",
            get_with(readyz, |o| {
                let readyz = of("readyz", "Whether it can serve, part by part")(o);
                readyz.response::<200, Json<Readiness>>().response::<503, Json<Readiness>>()
            }),
        )
        .api_route(
            "/metrics",
            get_with(metrics, |o| {
                answers(of("metrics", "Metrics in the text form of Prometheus")(o), 200, "text/plain", "The metrics.")
            }),
        )
}

/// Those of a process that answers nobody else.
pub(super) fn probes() -> Router<App> {
    let routes = Router::new().route("/health", get(health)).route("/livez", get(health));
    routes.route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// What the service is.
#[derive(Debug, Serialize, JsonSchema)]
struct Root {
    /// `stockops`.
    project: &'static str,
    /// Its version.
    version: &'static str,
    /// What it does, in a sentence.
    description: &'static str,
    /// What it can do.
    features: Vec<&'static str>,
    /// Its main routes, and what each does.
    endpoints: BTreeMap<&'static str, &'static str>,
    /// A first call for each use.
    quick_start: BTreeMap<&'static str, &'static str>,
    /// Where all routes are described.
    documentation: &'static str,
}

async fn root(State(app): State<App>, headers: HeaderMap) -> Response {
    let wanted = headers.get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    if wanted.contains("text/html") { super::page::first(&app).await } else { Json(described()).into_response() }
}

fn described() -> Root {
    Root {
        project: "stockops",
        version: env!("CARGO_PKG_VERSION"),
        description: "Five-day forecasts of daily bars with calibrated intervals, which state their skill against simple rules",
        features: vec![
            "forecasts with intervals and skill",
            "transfer from an index to a stock",
            "risk",
            "drift and retraining",
            "reports whose numbers are checked",
            "versions with promote and rollback",
        ],
        endpoints: BTreeMap::from([
            ("POST /analyze", "report of the analysts"),
            ("POST /train-parent", "train the index"),
            ("POST /train-child", "train a ticker"),
            ("POST /predict-parent", "forecast the index"),
            ("POST /predict-child", "forecast a ticker"),
            ("GET /status/{task_id}", "state of a task"),
            ("GET /events/{task_id}", "its events as a stream"),
            ("POST /monitor/{ticker}", "drift and evaluation"),
            ("GET /risk/{ticker}", "what may be lost"),
            ("POST /bars/{ticker}", "send bars of your own"),
        ]),
        quick_start: BTreeMap::from([
            ("1_forecast_the_index", "POST /predict-parent"),
            ("2_forecast_a_stock", "POST /predict-child {\"ticker\": \"AMZN\"}"),
            ("3_wait_for_its_model", "GET /status/{task_id}"),
        ]),
        documentation: "/docs",
    }
}

/// That it runs.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    /// `healthy`.
    status: &'static str,
}

async fn health() -> Json<Health> {
    Json(Health { status: "healthy" })
}

/// Whether it can serve.
#[derive(Debug, Serialize, JsonSchema)]
struct Readiness {
    /// `ready`, or `not ready` where a part is away that answers need.
    status: &'static str,
    /// Each part: `up`, `down` or `off`. Redis is not needed; whether the language model answers is not asked.
    parts: BTreeMap<&'static str, &'static str>,
}

async fn readyz(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let word = |up: bool| if up { "up" } else { "down" };
    let registry = app.read(|app| app.stockops().parent_version().map(drop).map_err(Fault::from)).await.is_ok();
    let jobs = app.jobs().depth().await.is_ok();
    #[cfg(feature = "redis")]
    let redis = match app.redis() {
        Some(redis) => word(redis.keys().await.is_some()),
        None => "off",
    };
    #[cfg(not(feature = "redis"))]
    let redis = "off";
    let model = if app.has_model() { "configured" } else { "off" };
    let parts = BTreeMap::from([("registry", word(registry)), ("jobs", word(jobs)), ("redis", redis), ("llm", model)]);
    // Where Redis is away, answers go on and jobs wait: a balancer that left it out would leave out every server at once.
    let is_ready = registry && (jobs || redis != "off");
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { status: if is_ready { "ready" } else { "not ready" }, parts }))
}

async fn metrics(State(app): State<App>) -> Response {
    ([(CONTENT_TYPE, Metrics::CONTENT_TYPE)], app.metrics().text()).into_response()
}
