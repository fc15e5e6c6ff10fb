//! `around`: all layers around a router, in their order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;
use tracing::field::Empty;

use super::body::{BodyLimit, Watched};
use super::keys::Shown;
use super::{Caller, Guard, headers, request_id};
use crate::Fault;

/// Bytes of a plain text that becomes a `{"detail"}`.
const PLAIN: usize = 4096;

/// Put all that guards around the routes of `router`.
///
/// Routes tell what they ask of their caller by [`Guard::require`]; a route without it is open. Each request has its [`Caller`] as an
/// extension; its address is that of axum's `ConnectInfo<SocketAddr>`, which [`serve`](super::serve) sets. Every answer has the headers that OWASP advises and an `x-request-id`, and whatever refuses says `{"detail"}`.
pub fn around(router: Router, guard: &Guard) -> Router {
    router
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(guard.clone(), gate))
        .layer(CompressionLayer::new().gzip(true))
}

/// One request from its coming to its answer.
async fn gate(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (mut parts, body) = request.into_parts();
    let id = request_id::of(&parts.headers);
    let method = parts.method.clone();
    let route = parts.extensions.get::<MatchedPath>().map_or("none".into(), |path| path.as_str().to_owned());
    let page = guard.0.config.origins.listed(&parts.headers).map(str::to_owned);
    let caller = guard.caller(&mut parts);
    let is_counted = guard.counts(&parts);
    let span = tracing::info_span!(
        "request", request_id = %id, %method, %route, client = %caller.address,
        status = Empty, probe = Empty, traceparent = Empty,
    );
    // The trace of whoever calls goes on here, where he says which.
    span.record("traceparent", request_id::trace(&parts.headers));
    let in_progress = guard.0.metrics.in_progress();
    let mut response = match guard.admit(&caller, &parts).instrument(span.clone()).await {
        Ok(()) if is_preflight(&parts) => preflight(),
        Ok(()) => guard.run(&caller, parts, body, next).instrument(span.clone()).await,
        Err(refusal) => {
            guard.0.metrics.refused(refusal.status.as_u16());
            refusal.into_response()
        }
    };
    drop(in_progress);
    if let Some(page) = page {
        headers::open_to(response.headers_mut(), &page);
    }
    headers::put(response.headers_mut());
    response.headers_mut().insert(request_id::NAME, request_id::header(&id));
    let (status, seconds) = (response.status().as_u16(), begun.elapsed().as_secs_f64());
    guard.0.metrics.answered(&route, method.as_str(), status, seconds);
    span.record("probe", (!is_counted).then_some(true));
    if is_counted {
        guard.0.metrics.answered_client(status);
    }
    span.record("status", status);
    let milliseconds = (seconds * 1e3).round() as u64;
    // Probes and scrapes would fill the log.
    span.in_scope(|| match is_counted {
        true => tracing::info!(status, milliseconds, "answered"),
        false => tracing::debug!(status, milliseconds, "answered"),
    });
    response
}

impl Guard {
    /// Who calls, put into the request together with what it shows of a key.
    fn caller(&self, request: &mut Parts) -> Caller {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = self.0.config.proxies.client(&request.headers, peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        let shown = self.shown(address, &request.headers, request.uri.query());
        let caller = match &shown {
            Shown::Right(key) => Caller { key_id: Some(key.id.as_str().into()), address, is_admin: key.is_admin },
            _ => Caller { key_id: None, address, is_admin: false },
        };
        request.extensions.insert(caller.clone());
        request.extensions.insert(shown);
        caller
    }

    /// Whether it is one of those that a client may send so many of.
    fn counts(&self, request: &Parts) -> bool {
        let asked = request.uri.path();
        let is_free = |path: &String| path == asked || path.ends_with('/') && asked.starts_with(path.as_str());
        !self.0.config.uncounted.iter().any(is_free)
    }

    /// What can be refused without looking at the route.
    async fn admit(&self, caller: &Caller, request: &Parts) -> Result<(), Fault> {
        let config = &self.0.config;
        config.origins.check(&request.method, &request.uri, &request.headers)?;
        if is_packed(&request.headers) {
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body without Content-Encoding"));
        }
        if self.counts(request) {
            self.0.limits.client(&caller.client()).await?;
        }
        self.0.streams.check(&caller.client(), &request.headers)
    }

    /// Let the route answer: in time, without a panic, with a body that is not too large and not too slow.
    async fn run(&self, caller: &Caller, mut parts: Parts, body: Body, next: Next) -> Response {
        let config = &self.0.config;
        let limit = BodyLimit(Arc::new(AtomicUsize::new(config.body)));
        parts.extensions.insert(limit.clone());
        let (body, fate) = Watched::new(body, limit, config.body_within);
        let answer = next.run(Request::from_parts(parts, Body::new(body)));
        let answer = tokio::time::timeout(config.answer_within, AssertUnwindSafe(answer).catch_unwind()).await;
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => panicked().into_response(),
            Err(_) => {
                Fault::new(StatusCode::GATEWAY_TIMEOUT, "the answer took too long; ask again later").into_response()
            }
        };
        match fate.refusal() {
            Some(refusal) => refusal.into_response(),
            None => self.0.streams.hold(&caller.client(), in_form(response).await).unwrap_or_else(Fault::into_response),
        }
    }
}

fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS && request.headers.contains_key("access-control-request-method")
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    headers::preflight(response.headers_mut());
    response
}

/// Whether the body is packed: what it would unpack to is not known.
fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Who asked does not hear what it was; the log does, from the hook of panics.
fn panicked() -> Fault {
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "the server made a mistake; the request id names it")
}

/// Plain text of an error, as axum refuses with, becomes a `{"detail"}`.
async fn in_form(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("text/plain");
    if !(status.is_client_error() || status.is_server_error()) || !kind.starts_with("text/plain") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, PLAIN).await.unwrap_or_default();
    let detail = String::from_utf8_lossy(&text);
    let detail = if detail.is_empty() {
        status.canonical_reason().unwrap_or("refused").to_lowercase()
    } else {
        detail.into_owned()
    };
    let (form, body) = Fault::new(status, detail).into_response().into_parts();
    for name in [CONTENT_TYPE, CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    parts.headers.extend(form.headers);
    Response::from_parts(parts, body)
}
