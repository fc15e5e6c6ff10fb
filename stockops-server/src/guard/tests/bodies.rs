//! Bodies of requests: too large, too slow, packed.

use super::*;

const AS: [(&str, &str); 1] = [("x-api-key", KEY)];

async fn sent(app: &Router, line: &str, body: impl Into<Body>) -> Response {
    app.clone().oneshot(request(line, &AS, body)).await.unwrap()
}

/// A body whose length is not told before.
fn chunks(count: usize, size: usize) -> Body {
    let chunk = move |_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; size]));
    Body::from_stream(futures_util::stream::iter(0..count).map(chunk))
}

#[tokio::test]
async fn a_body_may_be_as_large_as_its_route_takes() {
    let (app, _) = guarded(GuardConfig { body: 1000, ..config() });
    for (line, most) in [("POST /compute", 1000), ("POST /bars/GOOG", 4000)] {
        assert_eq!(text(sent(&app, line, vec![b'x'; most]).await).await, most.to_string());
        assert_eq!(text(sent(&app, line, chunks(most / 100, 100)).await).await, most.to_string());
        for body in [Body::from(vec![b'x'; most + 1]), chunks(most / 100 + 1, 100)] {
            let response = sent(&app, line, body).await;
            assert_eq!(response.status(), 413, "{line}");
            assert_eq!(detail(response).await, "the body is larger than this route takes");
        }
    }
}

#[tokio::test]
async fn who_has_no_key_sends_no_body() {
    let (app, _) = guarded(config());
    // It would be too large, but nobody looks at it.
    let response = app.clone().oneshot(request("POST /compute", &[], chunks(20_000, 1000))).await.unwrap();
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let (app, _) = guarded(GuardConfig { body_within: Duration::from_millis(200), ..config() });
    let slow = futures_util::stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        (n < 100).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"x")), n + 1))
    });
    let response = sent(&app, "POST /compute", Body::from_stream(slow)).await;
    assert_eq!(response.status(), 408);
    assert!(detail(response).await.starts_with("the body did not come in time"));
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let (app, _) = guarded(config());
    for encoding in ["gzip", "br", "identity, gzip"] {
        let headers = [("content-encoding", encoding), AS[0]];
        assert_eq!(status(&app, "POST /compute", &headers).await, 415, "{encoding}");
    }
    assert_eq!(status(&app, "POST /compute", &[("content-encoding", "identity"), AS[0]]).await, 200);
}
