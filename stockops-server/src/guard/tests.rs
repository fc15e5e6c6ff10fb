//! The guard as a whole: routes of all three kinds behind it, asked in the process and over TCP.

mod access;
mod answers;
mod bodies;
mod counts;
mod wire;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use futures_util::StreamExt;
use serde_json::Value;
use tower::ServiceExt;

use super::*;
use crate::limits::{LimitConfig, MemoryLimiter};

const KEY: &str = "key-of-the-tests-1";
const NEXT_KEY: &str = "key-of-the-tests-2";
const ADMIN: &str = "admin-of-the-tests";

/// A guard with keys and without limits.
fn config() -> GuardConfig {
    let keys = Keys::new(Some(&format!("{KEY}, {NEXT_KEY}")), Some(ADMIN)).unwrap();
    GuardConfig { keys, ..GuardConfig::default() }
}

fn guarded(config: GuardConfig) -> (Router, Metrics) {
    limited(config, LimitConfig::off())
}

fn limited(config: GuardConfig, limits: LimitConfig) -> (Router, Metrics) {
    let metrics = Metrics::new(&[]);
    let guard = Guard::new(config, Limits::new(limits, Arc::new(MemoryLimiter::new())), metrics.clone());
    (around(routes(&guard), &guard), metrics)
}

/// Routes that do what routes can do wrong.
fn routes(guard: &Guard) -> Router {
    let open = Router::new()
        .route("/open", get(|| async { "{}" }))
        .route("/health", get(|| async { "{}" }))
        .route("/who", get(|caller: axum::Extension<Caller>| async move { caller.client() }))
        .route("/panic", get(|| async { panic!("the path /home/ann/secret") as &str }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(5)).await }))
        .route("/large", get(|| async { ([(CONTENT_TYPE, "application/json")], "[1234567890]".repeat(5000)) }))
        .route("/plain", get(|| async { (StatusCode::NOT_FOUND, "no task named 7").into_response() }))
        .route("/page", get(|| async { ([(CONTENT_TYPE, "text/html"), (axum::http::header::SERVER, "old")], "<p>") }))
        .route("/events/{id}", get(events))
        .route_layer(guard.require(Access::Open));
    let small = Router::new()
        .route("/compute", post(|body: Bytes| async move { body.len().to_string() }))
        .route_layer(guard.require(Access::Key));
    let upload = Router::new()
        .route("/bars/{ticker}", post(|body: Bytes| async move { body.len().to_string() }))
        .route_layer(guard.body_limit(4000))
        .route_layer(guard.require(Access::Key));
    let admin =
        Router::new().route("/system/reset", delete(|| async { "{}" })).route_layer(guard.require(Access::Admin));
    open.merge(small).merge(upload).merge(admin)
}

/// One event at once, then one every 100 milliseconds, for as long as somebody listens.
async fn events() -> Response {
    let ticks = futures_util::stream::unfold(0_u32, |n| async move {
        tokio::time::sleep(Duration::from_millis(if n == 0 { 0 } else { 100 })).await;
        Some((Ok::<_, Infallible>(Bytes::from(format!("id: {n}\ndata: {{}}\n\n"))), n + 1))
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(ticks.boxed())).into_response()
}

/// A request from 192.0.2.1 to localhost; `line` is such as `POST /compute`.
fn request(line: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:8000");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(body.into()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
    request
}

async fn answer(app: &Router, line: &str, headers: &[(&str, &str)]) -> Response {
    app.clone().oneshot(request(line, headers, Body::empty())).await.unwrap()
}

async fn status(app: &Router, line: &str, headers: &[(&str, &str)]) -> u16 {
    answer(app, line, headers).await.status().as_u16()
}

async fn text(response: Response) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

/// The `detail` of a refusal, which is its only member.
async fn detail(response: Response) -> String {
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["detail"].as_str().unwrap().to_owned()
}
