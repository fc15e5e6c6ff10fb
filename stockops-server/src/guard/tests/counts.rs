//! How often, and how many at once.

use super::*;

fn three_a_minute() -> LimitConfig {
    LimitConfig { client: Some(Rate { most: 3, period: Duration::from_secs(60) }), ..LimitConfig::off() }
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let (app, metrics) = limited(config(), three_a_minute());
    for _ in 0..3 {
        assert_eq!(status(&app, "GET /open", &[]).await, 200);
    }
    let response = answer(&app, "GET /open", &[]).await;
    assert_eq!(response.status(), 429);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(detail(response).await, format!("too many requests; ask again in {seconds} s"));
    assert_eq!(status(&app, "GET /open", &[("x-api-key", KEY)]).await, 200, "a key counts for itself");
    assert_eq!(status(&app, "GET /health", &[]).await, 200, "a probe is not counted");
    assert_eq!(status(&app, "GET /assets/app.css", &[]).await, 404, "files of the pages are not counted");
    let text = metrics.text();
    assert!(text.contains("stockops_refused_total{status=\"429\"} 1"));
    for answers in ["{class=\"2xx\"} 4", "{class=\"4xx\"} 1", "{class=\"5xx\"} 0"] {
        assert!(text.contains(&format!("stockops_answers_total{answers}\n")), "{answers} in\n{text}");
    }
}

#[tokio::test]
async fn wrong_keys_do_not_count_as_clients_of_their_own() {
    let (app, _) = limited(config(), three_a_minute());
    for n in 0..3 {
        assert_eq!(status(&app, "GET /open", &[("x-api-key", &format!("made-up-{n}"))]).await, 200);
    }
    assert_eq!(status(&app, "GET /open", &[("x-api-key", "made-up-3")]).await, 429);
}

#[tokio::test]
async fn a_client_has_so_many_streams_and_a_closed_one_makes_room() {
    let (app, _) = guarded(GuardConfig { streams: 2, ..config() });
    let first = answer(&app, "GET /events/1", &[]).await;
    let second = answer(&app, "GET /events/2", &[]).await;
    for headers in [&[][..], &[("accept", "text/event-stream")]] {
        let refused = answer(&app, "GET /events/3", headers).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        assert!(detail(refused).await.starts_with("2 streams of events are open"));
    }
    assert_eq!(status(&app, "GET /open", &[]).await, 200, "other answers are no streams");
    assert_eq!(status(&app, "GET /events/4", &[("x-api-key", KEY)]).await, 200, "another client");
    drop(first);
    assert_eq!(status(&app, "GET /events/5", &[]).await, 200);
    drop(second);
}
