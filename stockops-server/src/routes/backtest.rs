//! Backtests: what the models of a ticker would have done on days that they never saw.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Strategy;
use stockops_core::pipeline::Backtest;
use stockops_core::service::BacktestRequest;
use stockops_core::training::Watch;

use super::OfTicker;
use super::forecast::body;
use crate::app::App;
use crate::kept::Kind;
use crate::openapi::{Access, Topic, listed};
use crate::reply::Ready;
use crate::{Fault, Path, Query};

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/backtest/{ticker}",
        get_with(backtest, |o| {
            listed(
                o,
                Access::Key,
                Topic::Forecasts,
                "backtest",
                "Walk over past days with the parent, zero-shot, against simple rules",
            )
        }),
    )
}

/// Which days.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct Asked {
    /// First day; the last tenth of the bars where nothing is said.
    from: Option<NaiveDate>,
    /// Last day.
    to: Option<NaiveDate>,
}

async fn backtest(
    State(app): State<App>,
    headers: HeaderMap,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Query(asked): Query<Asked>,
) -> Result<Ready<Backtest>, Fault> {
    let key = app.key(Kind::Backtest, &ticker, format!("{asked:?}")).await?;
    let request = BacktestRequest {
        from: asked.from,
        to: asked.to,
        strategy: Strategy::ZeroShot,
        ..BacktestRequest::new(ticker)
    };
    let asked = app.clone();
    let compute = move || async move {
        asked.limits().training(&request.ticker).await?;
        asked.run_long(move |app| body(&app.stockops().backtest(&request, &mut Watch::silent())?)).await
    };
    Ok(Ready::new(app.kept().get_or(&key, compute).await?, &headers))
}
