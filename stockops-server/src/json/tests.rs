use axum::body::Body;
use serde::Deserialize;
use serde_json::{Value, json};
use stockops_core::Ticker;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    ticker: Ticker,
    #[serde(default)]
    folds: Option<usize>,
}

/// Status and detail of the refusal of `body`; 200 where it is taken.
async fn asked(kind: Option<&str>, body: impl Into<Body>) -> (u16, String) {
    let mut request = Request::builder().method("POST").uri("/");
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    match Json::<Question>::from_request(request.body(body.into()).unwrap(), &()).await {
        Ok(Json(question)) => (200, format!("{} {:?}", question.ticker, question.folds)),
        Err(fault) => (fault.status.as_u16(), fault.detail),
    }
}

async fn json(body: impl Into<Body>) -> (u16, String) {
    asked(Some("application/json"), body).await
}

#[tokio::test]
async fn a_body_that_fits_is_taken() {
    assert_eq!(json(r#"{"ticker": "goog", "folds": 3}"#).await, (200, "GOOG Some(3)".into()));
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.stockops+json"] {
        assert_eq!(asked(Some(kind), r#"{"ticker": "A"}"#).await.0, 200, "{kind}");
    }
}

#[tokio::test]
async fn another_kind_of_body_is_refused_before_it_is_read() {
    for kind in [None, Some("text/plain"), Some("text/json"), Some("application/x-www-form-urlencoded"), Some("json")] {
        assert_eq!(asked(kind, r#"{"ticker": "A"}"#).await.0, 415, "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_400_and_what_does_not_fit_is_422() {
    for body in ["", "{", "{\"ticker\": \"A\"} x", "ticker=A", "{\"ticker\": NaN}", "{\"ticker\": \"\\ud800\"}"] {
        assert_eq!(json(body).await.0, 400, "{body}");
    }
    assert_eq!(json(b"{\"ticker\": \"\xff\"}".to_vec()).await.0, 400);
    for body in
        ["null", "[]", "{}", r#"{"ticker": 3}"#, r#"{"ticker": "A", "ticker": "B"}"#, r#"{"ticker": "A", "x": 1}"#]
    {
        assert_eq!(json(body).await.0, 422, "{body}");
    }
    let (status, detail) = json(r#"{"ticker": "A", "folds": -1}"#).await;
    assert_eq!(status, 422);
    assert!(
        detail.starts_with("the body does not fit: `folds`: invalid value: integer `-1`, expected usize"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_deep_body_is_refused_and_brackets_in_texts_do_not_count() {
    let deep = |depth: usize| format!(r#"{{"ticker": "A", "x": {}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert_eq!(json(deep(DEEPEST)).await, (400, "the body has more than 32 arrays and objects in each other".into()));
    assert_eq!(json(deep(DEEPEST - 1)).await.0, 422, "an unknown field, deep as it may be");
    assert_eq!(json("[".repeat(1_000_000)).await.0, 400);
    assert_eq!(depth(br#"{"a\"[": "[[[[\\", "b": [1, {"c": 2}]}"#), 3);
}

#[tokio::test]
async fn a_refusal_does_not_grow_with_the_body() {
    let (status, detail) = json(format!(r#"{{"ticker": "A", "folds": "{}"}}"#, "x".repeat(100_000))).await;
    assert!(status == 422 && detail.chars().count() == LONGEST + 3, "{detail}");
}

#[tokio::test]
async fn a_large_body_is_413() {
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use tower::ServiceExt;

    let app = axum::Router::new().route("/", post(|_: Json<Question>| async {})).layer(DefaultBodyLimit::max(100));
    let request =
        Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from("x".repeat(101))).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 413);
}

#[tokio::test]
async fn an_answer_is_json() {
    let response = Json(json!({"a": 1})).into_response();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"a": 1}));
}
