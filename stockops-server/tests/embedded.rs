//! The router in a service of somebody else, below a path of theirs, and every route of its document.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use stockops_server::{App, AppConfig, app, probes};
use tower::ServiceExt;

async fn status(router: &Router, method: &str, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path).header("host", "localhost").body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_answer_below_a_path_of_somebody_else() {
    let home = tempfile::tempdir().unwrap();
    let config = AppConfig { workers: 0, ..AppConfig::new(home.path()) };
    let stocks = App::builder(config).build().await.unwrap();
    let router = Router::new().route("/hello", get(|| async { "hello" })).nest("/stocks", app(stocks));
    assert_eq!(status(&router, "GET", "/hello").await, StatusCode::OK);
    assert_eq!(status(&router, "GET", "/stocks/health").await, StatusCode::OK);
    assert_eq!(status(&router, "GET", "/stocks/status/nope").await, StatusCode::NOT_FOUND);
    assert_eq!(status(&router, "GET", "/stocks/system/logs").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&router, "GET", "/stocks/nothing").await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_alone_answer_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let config = AppConfig { workers: 1, ..AppConfig::new(home.path()) };
    let router = probes(App::builder(config).build().await.unwrap());
    for path in ["/livez", "/readyz", "/health", "/metrics"] {
        assert_eq!(status(&router, "GET", path).await, StatusCode::OK, "{path}");
    }
    for (method, path) in
        [("GET", "/"), ("GET", "/models"), ("GET", "/app"), ("POST", "/mcp"), ("POST", "/train-child")]
    {
        assert_eq!(status(&router, method, path).await, StatusCode::NOT_FOUND, "{path}");
    }
}
