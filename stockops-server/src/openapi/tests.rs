use aide::axum::routing::{get, post_with};
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, Request};
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stockops_core::Ticker;
use tower::ServiceExt;

use super::*;
use crate::{Fault, Json, Path, Query};

/// What is asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// A price.
    level: f64,
    /// Sessions.
    #[serde(default)]
    horizon: Option<u32>,
}

/// Where a level lies.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Side {
    /// Over the price.
    Above,
    /// Under it.
    Below,
}

/// What is answered.
#[derive(Serialize, JsonSchema)]
struct Answer {
    /// Whose.
    ticker: Ticker,
    /// Where the level lies.
    side: Side,
}

#[derive(Deserialize, JsonSchema)]
struct OfTicker {
    /// Whose.
    ticker: Ticker,
}

#[derive(Deserialize, JsonSchema)]
struct Lines {
    /// How many.
    lines: Option<usize>,
}

async fn side(Path(of): Path<OfTicker>, Json(asked): Json<Question>) -> Result<Json<Answer>, Fault> {
    let side = if asked.level > 100.0 { Side::Above } else { Side::Below };
    match asked.horizon {
        Some(0) => Err(Fault::not_found("no session")),
        _ => Ok(Json(Answer { ticker: of.ticker, side })),
    }
}

async fn logs(Query(of): Query<Lines>) -> Json<Option<usize>> {
    Json(of.lines)
}

fn app() -> (Router, Routes) {
    let routes = ApiRouter::new()
        .api_route(
            "/risk/{ticker}/side",
            post_with(side, |o| {
                listed(o, Access::Key, Topic::Risk, "side", "Where a level lies").response::<202, Json<String>>()
            }),
        )
        .api_route("/system/logs", get_with(logs, |o| listed(o, Access::Admin, Topic::System, "logs", "The log")))
        .api_route(
            "/chart",
            get_with(
                || async { "<svg/>".into_response() },
                |o| {
                    let chart = listed(o, Access::Open, Topic::Forecasts, "chart", "A chart");
                    answers(chart, 200, "image/svg+xml", "The chart.")
                },
            ),
        )
        .api_route("/forgotten", get(|| async { "who may call is not said" }));
    finish(routes)
}

async fn fetched(request: Request<Body>) -> (u16, HeaderMap, Vec<u8>) {
    let response = app().0.oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec())
}

async fn document() -> Value {
    let (status, headers, body) = fetched(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!((status, &headers[CONTENT_TYPE]), (200, &"application/json".parse().unwrap()));
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn the_document_says_what_a_route_takes_answers_and_asks_for() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let route = &document["paths"]["/risk/{ticker}/side"]["post"];
    assert_eq!(
        (&route["operationId"], &route["tags"], &route["x-access"]),
        (&json!("side"), &json!(["risk"]), &json!("key"))
    );
    assert_eq!(route["security"], json!([{"bearer": []}, {"header": []}]));
    let parameter = &route["parameters"][0];
    assert_eq!(
        (&parameter["name"], &parameter["in"], &parameter["required"]),
        (&json!("ticker"), &json!("path"), &json!(true))
    );
    assert_eq!(parameter["schema"]["maxLength"], 15);
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_eq!(route["requestBody"]["content"]["application/json"]["schema"], reference("QuestionRequest"));
    assert_eq!(route["responses"]["200"]["content"]["application/json"]["schema"], reference("Answer"));
    let mut statuses: Vec<&String> = route["responses"].as_object().unwrap().keys().collect();
    statuses.sort();
    let wanted =
        ["200", "202", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "502", "503"];
    assert_eq!(statuses, wanted);
}

#[tokio::test]
async fn text_of_another_kind_is_told_by_its_kind() {
    let chart = &document().await["paths"]["/chart"]["get"]["responses"]["200"];
    let content = json!({"image/svg+xml": {"schema": {"type": "string"}}});
    assert_eq!(*chart, json!({"description": "The chart.", "content": content}));
}

#[tokio::test]
async fn schemas_come_from_the_types_and_their_docs() {
    let schemas = &document().await["components"]["schemas"];
    assert_eq!(
        schemas["QuestionRequest"],
        json!({
            "type": "object", "description": "What is asked.", "required": ["level"], "additionalProperties": false,
            "properties": {
                "level": {"type": "number", "description": "A price."},
                "horizon": {"type": ["integer", "null"], "minimum": 0, "description": "Sessions.", "default": null}
            }
        })
    );
    let side = "Where a level lies.\n\n- `above`: Over the price.\n- `below`: Under it.";
    assert_eq!(schemas["Side"], json!({"type": "string", "enum": ["above", "below"], "description": side}));
    assert_eq!(schemas["Answer"]["properties"]["side"]["$ref"], "#/components/schemas/Side", "{}", schemas["Answer"]);
}

/// All words of up to six characters, of those that the rules tell apart.
#[tokio::test]
async fn a_ticker_of_the_document_is_one_of_the_service_and_no_other_word_is() {
    let schema = document().await["components"]["schemas"]["Ticker"].clone();
    let pattern = regex::Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
    let mut words = vec![String::new()];
    for length in 0..6 {
        let longer = words.iter().filter(|word| word.len() == length);
        words.extend(
            longer.flat_map(|word| ["a", "^", ".", "-"].map(|letter| format!("{word}{letter}"))).collect::<Vec<_>>(),
        );
    }
    for word in words.iter().chain(&["7203.T", "EURUSD=X", "M&M.NS", "A/B", "A B", "ß"].map(String::from)) {
        assert_eq!(pattern.is_match(word), Ticker::new(word).is_ok(), "`{word}`");
    }
    assert_eq!(schema["maxLength"], 15);
}

#[tokio::test]
async fn a_query_parameter_that_may_be_left_out_has_no_null() {
    let parameter = &document().await["paths"]["/system/logs"]["get"]["parameters"][0];
    assert_eq!((&parameter["name"], parameter.get("required")), (&json!("lines"), None));
    assert_eq!(parameter["schema"]["type"], "integer");
}

#[tokio::test]
async fn every_route_stands_in_the_table_and_who_says_nothing_is_the_admins_alone() {
    let (_, routes) = app();
    assert_eq!(routes.access("POST", "/risk/{ticker}/side"), Some(Access::Key));
    assert_eq!(routes.access("GET", "/system/logs"), Some(Access::Admin));
    assert_eq!(routes.access("HEAD", "/system/logs"), Some(Access::Admin));
    assert_eq!(routes.access("GET", "/forgotten"), Some(Access::Admin));
    for (method, path) in [("GET", "/risk/{ticker}/side"), ("POST", "/system/logs"), ("GET", "/none")] {
        assert_eq!(routes.access(method, path), None);
    }
    let open: Vec<_> = routes.iter().filter(|route| route.access == Access::Open).map(|route| &*route.path).collect();
    assert_eq!(open, ["/chart", "/docs", "/openapi.json", "/redoc"]);
    assert_eq!(routes, Routes::of(&document().await));
}

#[tokio::test]
async fn a_route_answers_as_the_document_says() {
    let ask = |body: &str| {
        Request::post("/risk/goog/side")
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let (status, _, body) = fetched(ask(r#"{"level": 120}"#)).await;
    assert_eq!((status, &*body), (200, &br#"{"ticker":"GOOG","side":"above"}"#[..]));
    let (status, _, body) = fetched(ask(r#"{"level": 1, "horizon": 0}"#)).await;
    assert_eq!((status, &*body), (404, &br#"{"detail":"no session"}"#[..]));
}

#[tokio::test]
async fn pages_run_their_own_scripts_and_load_nothing() {
    for path in ["/docs", "/redoc"] {
        let (status, headers, body) = fetched(Request::get(path).body(Body::empty()).unwrap()).await;
        let (html, policy) = (String::from_utf8(body).unwrap(), headers[CONTENT_SECURITY_POLICY].to_str().unwrap());
        assert_eq!(status, 200);
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("http"), "{policy}");
        let directive = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap();
        assert!(!directive.contains("unsafe"), "{directive}");
        assert_eq!(directive.matches("'sha256-").count(), html.matches("</script>").count(), "one for each script");
        let around: String = html.split("</script>").map(|part| part.split("<script>").next().unwrap()).collect();
        for loads in ["<script", "<link", "<img", "@import", "url(http"] {
            assert!(!around.contains(loads), "{path} {loads}");
        }
    }
}
