//! Models: the versions of a ticker, and which of them forecasts.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Ticker;
use stockops_core::registry::{Version, VersionId};
use stockops_core::service::Models;

use super::OfTicker;
use crate::app::App;
use crate::guard::Caller;
use crate::logs::{Deed, audit};
use crate::metrics::Change;
use crate::openapi::{Access, Topic, about};
use crate::{Fault, Json, Path};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |access, id: &'static str, summary: &'static str| about(access, Topic::Models, id, summary);
    ApiRouter::new()
        .api_route("/models", get_with(all, of(Access::Key, "models", "All versions of all tickers, and the parent")))
        .api_route("/models/{ticker}", get_with(models, of(Access::Key, "models_of", "Versions of a ticker")))
        .api_route(
            "/models/{ticker}/promote",
            post_with(promote, of(Access::Key, "promote", "Let a version forecast from now on, or be the parent")),
        )
        .api_route(
            "/models/{ticker}/rollback",
            post_with(rollback, of(Access::Key, "rollback", "Let the champion before forecast again")),
        )
}

async fn all(State(app): State<App>) -> Result<Json<Models>, Fault> {
    app.read(|app| app.stockops().models(None)).await.map(Json)
}

async fn models(State(app): State<App>, Path(OfTicker { ticker }): Path<OfTicker>) -> Result<Json<Models>, Fault> {
    app.read(move |app| app.stockops().models(Some(&ticker))).await.map(Json)
}

/// Which version.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("examples" = [{"version": 3}]))]
struct Promote {
    /// Its number.
    version: u32,
    /// Whether it becomes the parent, and not the champion.
    #[serde(default)]
    parent: bool,
}

async fn promote(
    State(app): State<App>,
    caller: Caller,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Json(asked): Json<Promote>,
) -> Result<Json<Version>, Fault> {
    let of = ticker.clone();
    let promoted = app.read(move |app| match asked.parent {
        true => {
            app.stockops().make_parent(&VersionId { ticker: of.clone(), version: asked.version })?;
            app.stockops().model(&of, Some(asked.version))
        }
        false => app.stockops().promote(&of, asked.version),
    });
    let how = if asked.parent { Change::Parent } else { Change::Promoted };
    changed(&app, &caller, (Deed::Promote, how), &ticker, promoted.await).await
}

async fn rollback(
    State(app): State<App>,
    caller: Caller,
    Path(OfTicker { ticker }): Path<OfTicker>,
) -> Result<Json<Version>, Fault> {
    let of = ticker.clone();
    let back = app.read(move |app| app.stockops().rollback(&of)).await;
    changed(&app, &caller, (Deed::Rollback, Change::RolledBack), &ticker, back).await
}

/// The log hears of it, metrics count it, and what the version before had answered is forgotten.
async fn changed(
    app: &App,
    caller: &Caller,
    (deed, how): (Deed, Change),
    ticker: &Ticker,
    outcome: Result<Version, Fault>,
) -> Result<Json<Version>, Fault> {
    let words = match &outcome {
        Ok(version) => format!("version {}", version.version),
        Err(fault) => fault.detail.clone(),
    };
    audit(deed, caller, ticker.as_str(), &words);
    let version = outcome?;
    app.metrics().changed(how);
    app.purge(ticker).await;
    Ok(Json(version))
}
