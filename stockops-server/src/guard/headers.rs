//! Headers that OWASP advises, on every answer.

use axum::http::header::{CACHE_CONTROL, SERVER, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What a page may load and do: only what this server gives, and no script that stands in a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Set on every answer that does not say otherwise itself.
const HEADERS: [(&str, &str); 9] = [
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-dns-prefetch-control", "off"),
];

/// Put the headers on an answer. What a route set itself stays: a page of documentation has its own policy. Answers are not kept by
/// browsers or proxies unless the route says so.
pub(super) fn put(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.remove(SERVER);
}

/// Let a listed page elsewhere read the answer, and say that the answer depends on who asks.
pub(super) fn open_to(headers: &mut HeaderMap, origin: &str) {
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    headers.insert("access-control-allow-origin", origin);
    headers
        .insert("access-control-expose-headers", HeaderValue::from_static("etag, location, retry-after, x-request-id"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.append(VARY, HeaderValue::from_static("origin"));
}

/// What a browser asks before it lets a listed page elsewhere call.
pub(super) fn preflight(headers: &mut HeaderMap) {
    let allowed = [
        ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
        (
            "access-control-allow-headers",
            "authorization, content-type, if-none-match, last-event-id, x-api-key, x-request-id",
        ),
        ("access-control-max-age", "600"),
    ];
    for (name, value) in allowed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
