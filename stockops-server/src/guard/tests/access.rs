//! Who may call what.

use super::*;

#[tokio::test]
async fn every_kind_of_route_by_every_kind_of_key() {
    let (app, _) = guarded(config());
    let with_key = [("authorization", format!("Bearer {KEY}"))];
    let with_next = [("x-api-key", NEXT_KEY.to_owned())];
    let with_admin = [("authorization", format!("bearer {ADMIN}"))];
    let cases = [
        ("none", &[][..], [200, 401, 401]),
        ("key", &with_key, [200, 200, 401]),
        ("the other key of a rotation", &with_next, [200, 200, 401]),
        ("admin", &with_admin, [200, 200, 200]),
    ];
    for (name, headers, wanted) in cases {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for (line, wanted) in ["GET /open", "POST /compute", "DELETE /system/reset"].into_iter().zip(wanted) {
            assert_eq!(status(&app, line, &headers).await, wanted, "{line} with {name}");
        }
    }
}

#[tokio::test]
async fn what_is_no_key_is_answered_with_401_and_the_way_to_ask() {
    let wrong = [
        vec![],
        vec![("authorization", "")],
        vec![("authorization", "Bearer ")],
        vec![("authorization", "Bearer")],
        vec![("x-api-key", "")],
        vec![("authorization", "Bearer key-of-the-tests-")],
        vec![("authorization", "Bearer key-of-the-tests-1x")],
        vec![("authorization", "Basic key-of-the-tests-1")],
        vec![("authorization", "key-of-the-tests-1")],
        vec![("x-api-key", "key-of-the-tests-1, key-of-the-tests-2")],
        // A wrong key in the one header is not mended by a right one in the other.
        vec![("authorization", "Bearer no"), ("x-api-key", KEY)],
    ];
    for headers in wrong {
        let (app, _) = guarded(config());
        let response = answer(&app, "POST /compute", &headers).await;
        assert_eq!(response.status(), 401, "{headers:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer realm=\"stockops\"");
        assert!(!detail(response).await.contains("key-of"), "a key is not repeated");
    }
}

#[tokio::test]
async fn a_key_in_the_address_is_none_even_beside_a_right_one() {
    let (app, _) = guarded(config());
    for name in ["api_key", "X-API-Key", "access_token", "apikey"] {
        let line = format!("POST /compute?a=1&{name}={KEY}");
        for headers in [&[][..], &[("x-api-key", KEY)]] {
            let response = answer(&app, &line, headers).await;
            assert_eq!(response.status(), 401, "{name}");
            assert!(detail(response).await.contains("replace this one"));
        }
    }
}

#[tokio::test]
async fn without_keys_routes_for_keys_are_open_and_those_for_the_admin_are_closed() {
    let (app, _) = guarded(GuardConfig::default());
    assert_eq!(status(&app, "POST /compute", &[]).await, 200);
    assert_eq!(status(&app, "DELETE /system/reset", &[]).await, 401);
    assert_eq!(
        status(&app, "DELETE /system/reset", &[("x-api-key", "")]).await,
        401,
        "an empty key is not the empty list"
    );
    let admin_alone = GuardConfig { keys: Keys::new(None, Some(ADMIN)).unwrap(), ..GuardConfig::default() };
    let (app, _) = guarded(admin_alone);
    assert_eq!(status(&app, "POST /compute", &[]).await, 401, "a key is set, so one is asked for");
    assert_eq!(status(&app, "POST /compute", &[("x-api-key", ADMIN)]).await, 200);
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_so_has_the_right_guess() {
    let (app, _) = guarded(config());
    for n in 0..10 {
        assert_eq!(status(&app, "POST /compute", &[("x-api-key", &format!("guess-{n}"))]).await, 401);
    }
    let response = answer(&app, "POST /compute", &[("x-api-key", KEY)]).await;
    assert_eq!(response.status(), 429);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(status(&app, "GET /open", &[]).await, 200, "what is open stays open");
    // Somebody else, who has another address.
    let mut other = request("POST /compute", &[("x-api-key", KEY)], Body::empty());
    other.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 2], 1))));
    assert_eq!(app.clone().oneshot(other).await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_sends_no_key_guesses_nothing() {
    let (app, _) = guarded(config());
    for _ in 0..30 {
        assert_eq!(status(&app, "POST /compute", &[]).await, 401);
    }
    assert_eq!(status(&app, "POST /compute", &[("x-api-key", KEY)]).await, 200);
}

#[tokio::test]
async fn a_caller_is_its_key_or_its_address() {
    let (app, _) = guarded(config());
    let first = text(answer(&app, "GET /who", &[("x-api-key", KEY)]).await).await;
    // The first 8 digits of what `printf key-of-the-tests-1 | sha256sum` says.
    assert_eq!(first, "key:7d606ffe");
    assert_ne!(text(answer(&app, "GET /who", &[("x-api-key", NEXT_KEY)]).await).await, first);
    assert_eq!(text(answer(&app, "GET /who", &[("x-api-key", "wrong")]).await).await, "192.0.2.1");
    let lied = [("x-forwarded-for", "198.51.100.7")];
    assert_eq!(text(answer(&app, "GET /who", &lied).await).await, "192.0.2.1");
    let (app, _) = guarded(GuardConfig { proxies: Proxies::new("192.0.2.0/24").unwrap(), ..config() });
    assert_eq!(text(answer(&app, "GET /who", &lied).await).await, "198.51.100.7");
    assert_eq!(
        text(answer(&app, "GET /who", &[("x-forwarded-for", "2001:db8:1:2:3::9")]).await).await,
        "2001:db8:1:2::/64"
    );
}

#[tokio::test]
async fn a_foreign_host_or_origin_reaches_no_route() {
    let (app, _) = guarded(config());
    for headers in [
        vec![("host", "evil.example"), ("x-api-key", KEY)],
        vec![("origin", "http://evil.example"), ("x-api-key", KEY)],
        vec![("sec-fetch-site", "cross-site"), ("x-api-key", KEY)],
    ] {
        let response = answer(&app, "POST /compute", &headers).await;
        assert_eq!(response.status(), 403, "{headers:?}");
        assert!(!detail(response).await.contains("evil"), "what was sent is not repeated");
    }
}

#[tokio::test]
async fn a_listed_page_may_ask_first_and_then_read() {
    let page = "https://dash.example";
    let (app, _) = guarded(GuardConfig { origins: Origins::new("", page).unwrap(), ..config() });
    let asks = [("origin", page), ("access-control-request-method", "POST")];
    let response = answer(&app, "OPTIONS /compute", &asks).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["access-control-allow-origin"], page);
    assert!(response.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    let response = answer(&app, "POST /compute", &[("origin", page), ("x-api-key", KEY)]).await;
    assert_eq!((response.status().as_u16(), &response.headers()["access-control-allow-origin"] == page), (200, true));
    assert!(response.headers().get_all("vary").iter().any(|value| value == "origin"));
    // It may read that it was refused, too.
    assert_eq!(answer(&app, "POST /compute", &[("origin", page)]).await.headers()["access-control-allow-origin"], page);

    let (closed, _) = guarded(config());
    let response = answer(&closed, "OPTIONS /compute", &asks).await;
    assert_eq!(response.status(), 403, "CORS is off");
    assert!(!response.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_layer_without_the_guard_around_it_lets_nobody_in() {
    let guard =
        Guard::new(config(), Limits::new(LimitConfig::off(), Arc::new(MemoryLimiter::new())), Metrics::new(&[]));
    assert_eq!(status(&routes(&guard), "POST /compute", &[("x-api-key", KEY)]).await, 500);
}

#[test]
fn a_server_without_keys_listens_on_this_machine_alone() {
    let none = Keys::default();
    for address in ["127.0.0.1:8000", "127.9.9.9:1", "[::1]:8000", "[::ffff:127.0.0.1]:1"] {
        assert!(may_bind(address.parse().unwrap(), &none, false).is_ok(), "{address}");
    }
    for address in ["0.0.0.0:8000", "192.168.0.7:8000", "[::]:8000"] {
        let error = may_bind(address.parse().unwrap(), &none, false).unwrap_err().to_string();
        assert!(
            error.starts_with("`host` must be an address of this machine alone") && error.contains("set an API key"),
            "{error}"
        );
        assert!(may_bind(address.parse().unwrap(), &none, true).is_ok(), "who is told by name does");
        assert!(may_bind(address.parse().unwrap(), &config().keys, false).is_ok());
    }
}
