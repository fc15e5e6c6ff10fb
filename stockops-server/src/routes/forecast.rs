//! Forecasts: of the index, of a ticker, of many in one call, and their chart.

use std::time::Instant;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::report::fan;
use stockops_core::service::{Failed, Forecasts, TrainChild};
use stockops_core::{Forecast, Ticker};

use super::OfTicker;
use crate::app::App;
use crate::guard::Caller;
use crate::jobs::Work;
use crate::kept::{Answer, Kind};
use crate::openapi::{Access, Topic, answers, listed};
use crate::reply::{InTraining, Ready, Reply};
use crate::{Fault, Json, Path, Query};

/// Tickers of one call.
const MOST: usize = 100;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/predict-parent",
            post_with(predict_parent, |o| {
                listed(o, Access::Key, Topic::Forecasts, "predict_parent", "Forecast the index that the parent is of")
            }),
        )
        .api_route(
            "/predict-child",
            post_with(predict_child, |o| {
                listed(
                    o,
                    Access::Key,
                    Topic::Forecasts,
                    "predict_child",
                    "Forecast a ticker; its model is trained first where there is none",
                )
            }),
        )
        .api_route(
            "/forecast",
            get_with(forecast, |o| {
                listed(
                    o,
                    Access::Key,
                    Topic::Forecasts,
                    "forecast",
                    "Forecast many tickers at once, by their models or by the parent",
                )
            }),
        )
        .api_route(
            "/chart/{ticker}",
            get_with(chart, |o| {
                let chart =
                    listed(o, Access::Key, Topic::Forecasts, "chart", "The forecast over the last closes as SVG");
                answers(chart, 200, "image/svg+xml", "The chart.")
            }),
        )
}

/// The contract's frame around a forecast.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Predicted {
    /// The forecast.
    result: Forecast,
}

async fn predict_parent(State(app): State<App>, headers: HeaderMap) -> Result<Ready<Predicted>, Fault> {
    let ticker = app.run(|app| app.stockops().parent_version().map(|parent| parent.ticker)).await?;
    predicted(&app, &ticker, "parent", &headers).await
}

async fn predict_child(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(OfTicker { ticker }): Json<OfTicker>,
) -> Result<Reply<Ready<Predicted>>, Fault> {
    if let Some(task) = training_first(&app, &caller, &ticker).await? {
        return Ok(Reply::Training(task));
    }
    predicted(&app, &ticker, "child", &headers).await.map(Reply::Ready)
}

/// The task that trains the model of `ticker`, where it has none yet.
pub(super) async fn training_first(app: &App, caller: &Caller, ticker: &Ticker) -> Result<Option<InTraining>, Fault> {
    if app.has_version(ticker).await? {
        return Ok(None);
    }
    let asked = super::train::ask(app, caller, Work::TrainChild(TrainChild::new(ticker.clone()))).await?;
    Ok(Some(InTraining {
        status: "training",
        detail: format!("a model of {ticker} is trained first; ask again when the task is completed"),
        ticker: ticker.to_string(),
        task_id: asked.task_id,
    }))
}

async fn predicted(
    app: &App,
    ticker: &Ticker,
    role: &'static str,
    headers: &HeaderMap,
) -> Result<Ready<Predicted>, Fault> {
    let begun = Instant::now();
    let answer = prediction(app, ticker).await?;
    app.metrics().predicted(role, begun.elapsed().as_secs_f64());
    Ok(Ready::new(answer, headers))
}

/// The kept prediction of `ticker`, or a new one, as the body of the answer.
async fn prediction(app: &App, ticker: &Ticker) -> Result<Answer, Fault> {
    let key = app.key(Kind::Prediction, ticker, String::new()).await?;
    let (asked, of) = (app.clone(), ticker.clone());
    // What is kept costs nothing, so it is not counted.
    let compute = move || async move {
        asked.limits().prediction(&of).await?;
        asked.run(move |app| -> Result<Bytes, Fault> { body(&Predicted { result: made(app, &of)? }) }).await
    };
    app.kept().get_or(&key, compute).await
}

/// Keep a forecast that was made beside a training, as the answer of who asks next.
pub(crate) async fn keep(app: &App, forecast: Forecast) -> Result<(), Fault> {
    let key = app.key(Kind::Prediction, &forecast.ticker, String::new()).await?;
    let made = move || async move { body(&Predicted { result: forecast }) };
    app.kept().get_or(&key, made).await.map(drop)
}

/// A value as the body of an answer.
pub(super) fn body<T: Serialize>(value: &T) -> Result<Bytes, Fault> {
    let written = serde_json::to_vec(value);
    written.map(Bytes::from).map_err(|error| {
        Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written; the log says why", &error)
    })
}

/// Which tickers.
#[derive(Debug, Deserialize, JsonSchema)]
struct Many {
    /// Tickers with commas between them, at most 100.
    tickers: String,
}

impl Many {
    fn read(&self) -> Result<Vec<Ticker>, Fault> {
        let mut tickers = Vec::new();
        for word in self.tickers.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let ticker = Ticker::new(word)?;
            if !tickers.contains(&ticker) {
                tickers.push(ticker);
            }
        }
        match tickers.len() {
            1..=MOST => Ok(tickers),
            some => {
                Err(Fault::new(StatusCode::BAD_REQUEST, format!("`tickers` must be 1 to {MOST} tickers, got {some}")))
            }
        }
    }
}

/// Each is the kept one, or is computed; `Cache-Control: no-cache` goes round what is kept.
async fn forecast(
    State(app): State<App>,
    headers: HeaderMap,
    Query(many): Query<Many>,
) -> Result<Json<Forecasts>, Fault> {
    let wanted = headers.get(CACHE_CONTROL).and_then(|words| words.to_str().ok()).unwrap_or_default();
    let is_fresh = wanted.contains("no-cache");
    let each = many.read()?.into_iter().map(|ticker| {
        let app = app.clone();
        async move {
            let begun = Instant::now();
            let forecast = if is_fresh { fresh(&app, &ticker).await } else { kept(&app, &ticker).await };
            if forecast.is_ok() {
                app.metrics().predicted("many", begun.elapsed().as_secs_f64());
            }
            (ticker, forecast)
        }
    });
    let mut all = Forecasts { forecasts: Vec::new(), failed: Vec::new() };
    for (ticker, forecast) in join_all(each).await {
        match forecast {
            Ok(forecast) => all.forecasts.push(forecast),
            // Of one ticker alone, a limit is the answer.
            Err(fault) if fault.status == StatusCode::TOO_MANY_REQUESTS => return Err(fault),
            Err(fault) => {
                let (kind, is_input) = (word(fault.status), fault.status.is_client_error());
                all.failed.push(Failed { ticker, kind, message: fault.detail, is_input });
            }
        }
    }
    Ok(Json(all))
}

async fn fresh(app: &App, ticker: &Ticker) -> Result<Forecast, Fault> {
    app.limits().prediction(ticker).await?;
    let of = ticker.clone();
    app.run(move |app| made(app, &of)).await
}

/// A new forecast, in a span of its own.
fn made(app: &App, ticker: &Ticker) -> stockops_core::Result<Forecast> {
    let span = tracing::info_span!("forecast", %ticker, version = tracing::field::Empty);
    let forecast = span.in_scope(|| app.stockops().forecast(ticker))?;
    span.record("version", forecast.model_version.as_deref());
    app.stir(ticker);
    Ok(forecast)
}

/// The forecast as a value, kept or computed.
pub(super) async fn kept(app: &App, ticker: &Ticker) -> Result<Forecast, Fault> {
    let answer = prediction(app, ticker).await?;
    let read = serde_json::from_slice::<Predicted>(&answer.body);
    let broken = |error| Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "a kept forecast cannot be read", &error);
    read.map(|predicted| predicted.result).map_err(broken)
}

/// Why there is no forecast, in a word.
fn word(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::UNPROCESSABLE_ENTITY => "input",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => "network",
        _ => "storage",
    }
}

async fn chart(
    State(app): State<App>,
    headers: HeaderMap,
    Path(OfTicker { ticker }): Path<OfTicker>,
) -> Result<Response, Fault> {
    let key = app.key(Kind::Chart, &ticker, "forecast".into()).await?;
    let asked = app.clone();
    let compute = move || async move {
        let drawn = asked.run(move |app| -> stockops_core::Result<Bytes> {
            let bars = app.bars(&ticker)?.bars;
            Ok(fan(&app.stockops().forecast_of(&bars)?, &bars).into())
        });
        drawn.await
    };
    let ready = Ready::<String>::new(app.kept().get_or(&key, compute).await?, &headers);
    let mut response = ready.into_response();
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("image/svg+xml"));
    Ok(response)
}
