//! What every answer has, and what none has.

use super::*;

#[tokio::test]
async fn every_answer_has_the_headers_that_owasp_advises() {
    let (app, _) = guarded(config());
    for line in ["GET /open", "GET /nothing", "POST /open", "POST /compute", "GET /panic", "GET /page"] {
        let response = answer(&app, line, &[]).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(header(name), value, "{line}");
        }
        assert!(header("permissions-policy").contains("camera=()"));
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"),
            "{policy}"
        );
        for word in ["connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(word), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(!response.headers().contains_key("server"), "{line}");
        assert!(!header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn every_refusal_is_a_detail() {
    let (app, _) = guarded(config());
    for (line, status, words) in [
        ("GET /nothing", 404, "not found"),
        ("POST /open", 405, "method not allowed"),
        ("GET /plain", 404, "no task named 7"),
        ("POST /compute", 401, "send a key"),
    ] {
        let response = answer(&app, line, &[]).await;
        assert_eq!(response.status(), status, "{line}");
        let length = response.headers().get("content-length").map(|length| length.to_str().unwrap().to_owned());
        let detail = detail(response).await;
        assert!(detail.starts_with(words), "{line}: {detail}");
        if let Some(length) = length {
            assert_eq!(length, serde_json::json!({ "detail": detail }).to_string().len().to_string());
        }
    }
    assert_eq!(answer(&app, "POST /open", &[]).await.headers()["allow"], "GET,HEAD");
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let (app, metrics) = guarded(config());
    let response = answer(&app, "GET /panic", &[("x-request-id", "mine-1")]).await;
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["x-request-id"], "mine-1");
    let detail = detail(response).await;
    assert_eq!(detail, "the server made a mistake; the request id names it");
    assert!(metrics.text().contains("http_requests_total{handler=\"/panic\",method=\"GET\",status=\"500\"} 1"));
    assert_eq!(status(&app, "GET /open", &[]).await, 200);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let (app, _) = guarded(GuardConfig { answer_within: Duration::from_millis(100), ..config() });
    let response = answer(&app, "GET /slow", &[]).await;
    assert_eq!(response.status(), 504);
    assert!(detail(response).await.starts_with("the answer took too long"));
}

#[tokio::test]
async fn a_stream_outlives_the_time_of_an_answer_and_is_not_packed() {
    let (app, _) = guarded(GuardConfig { answer_within: Duration::from_millis(150), ..config() });
    let response = answer(&app, "GET /events/7", &[("accept-encoding", "gzip")]).await;
    assert!(!response.headers().contains_key("content-encoding"));
    let mut body = response.into_body().into_data_stream();
    for n in 0..4 {
        let event = body.next().await.unwrap().unwrap();
        assert_eq!(event, format!("id: {n}\ndata: {{}}\n\n"), "each event comes by itself");
    }
}

#[tokio::test]
async fn a_large_answer_is_packed_for_who_takes_it() {
    let (app, _) = guarded(config());
    let packed = answer(&app, "GET /large", &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let bytes = axum::body::to_bytes(packed.into_body(), 1 << 20).await.unwrap();
    assert!(bytes.len() < 1000 && bytes.starts_with(&[0x1f, 0x8b]), "{}", bytes.len());
    let plain = answer(&app, "GET /large", &[]).await;
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(text(plain).await.len(), 60_000);
}

#[tokio::test]
async fn routes_count_by_their_template() {
    let (app, metrics) = guarded(config());
    for id in 0..50 {
        drop(answer(&app, &format!("GET /events/{id}"), &[]).await);
        drop(answer(&app, &format!("GET /nothing/{id}"), &[]).await);
        drop(answer(&app, &format!("M{id} /open"), &[]).await);
    }
    let text = metrics.text();
    for line in [
        "http_requests_total{handler=\"/events/{id}\",method=\"GET\",status=\"200\"} 50",
        "http_requests_total{handler=\"none\",method=\"GET\",status=\"404\"} 50",
        "http_requests_total{handler=\"/open\",method=\"other\",status=\"405\"} 50",
        "http_request_duration_seconds_count{handler=\"/events/{id}\",method=\"GET\"} 50",
        "http_requests_in_progress 0",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    let series = text.lines().filter(|line| line.starts_with("http_requests_total")).count();
    assert_eq!(series, 3, "{text}");
}
