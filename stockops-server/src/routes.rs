//! Routes: one for each verb of the service; each checks, calls one verb beside the async threads, and answers with its value.
//!
//! ```text
//! service   /  /health  /livez  /readyz  /metrics           forecast  /predict-parent  /predict-child  /forecast  /chart
//! training  /train-parent  /train-child  /status  /events  /jobs      judgement  /risk  /backtest  /monitor  /models
//! reports   /analyze  /reports       bars  /bars            system  /system/*  /outputs        pages  /app  /assets
//! assistants  /mcp
//! ```

mod analyze;
mod backtest;
mod bars;
mod forecast;
mod models;
mod monitor;
mod openbb;
mod outputs;
mod page;
mod risk;
mod service;
mod system;
mod tools;
mod train;

use aide::axum::ApiRouter;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Ticker;

use crate::app::App;
use crate::guard::around;
use crate::openapi::{Routes, finish};

pub(crate) use forecast::keep;

/// A body or a path that names a ticker.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("examples" = [{"ticker": "AMZN"}]))]
struct OfTicker {
    /// Whose; letters count as capitals.
    ticker: Ticker,
}

/// All routes of `app`, guarded; to be served, or nested in a router of your own.
///
/// # Example
///
/// See `examples/embedded.rs`.
pub fn app(app: App) -> Router {
    table(app).0
}

/// The same with the table of routes and who may call them.
pub(crate) fn table(app: App) -> (Router, Routes) {
    let guard = app.guard().clone();
    let (router, routes) = finish(all(&app));
    let router = router.route_layer(guard.require_listed(routes.clone())).with_state(app);
    (around(router, &guard), routes)
}

/// Ready JSON as an answer.
fn json_bytes(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

fn all(app: &App) -> ApiRouter<App> {
    let parts = [
        service::routes(),
        forecast::routes(),
        train::routes(),
        monitor::routes(),
        models::routes(),
        risk::routes(),
        backtest::routes(),
        bars::routes(app),
        analyze::routes(),
        system::routes(),
        outputs::routes(),
        openbb::routes(),
        page::routes(),
        tools::routes(app),
    ];
    parts.into_iter().fold(ApiRouter::new(), ApiRouter::merge)
}
