//! Layers of single routes: what they ask of their caller, and how large a body they take.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{MatchedPath, NestedPath, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{FromFnLayer, Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::future::{BoxFuture, FutureExt};

use super::access::network;
use super::body::BodyLimit;
use super::keys::Shown;
use super::{Access, Guard, WRONG_KEYS};
use crate::Fault;
use crate::openapi::Routes;

type Layer<S> = FromFnLayer<fn(State<S>, Request, Next) -> BoxFuture<'static, Response>, S, (State<S>, Request)>;

/// The layer of [`Guard::require`].
pub type RequireLayer = Layer<Required>;

/// The layer of [`Guard::body_limit`].
pub type BodyLimitLayer = Layer<usize>;

/// What a layer of [`Guard::require`] or [`Guard::require_listed`] holds.
#[derive(Debug, Clone)]
pub struct Required {
    guard: Guard,
    access: Asked,
}

/// What is asked for: the same of all routes, or of each what the table says.
#[derive(Debug, Clone)]
enum Asked {
    Same(Access),
    Listed(Arc<Routes>),
}

impl Asked {
    /// A route that is not listed is nobody's.
    fn of(&self, request: &Request) -> Option<Access> {
        match self {
            Self::Same(access) => Some(*access),
            Self::Listed(routes) => {
                let path = request.extensions().get::<MatchedPath>()?.as_str();
                // Where the router is nested in another one, the path begins with where.
                let nested = request.extensions().get::<NestedPath>().map_or("", NestedPath::as_str);
                let own = path.strip_prefix(nested).filter(|own| !own.is_empty()).unwrap_or("/");
                routes.access(request.method().as_str(), own)
            }
        }
    }
}

pub(super) fn require(guard: Guard, access: Access) -> RequireLayer {
    layer(Required { guard, access: Asked::Same(access) })
}

pub(super) fn require_listed(guard: Guard, routes: Routes) -> RequireLayer {
    layer(Required { guard, access: Asked::Listed(Arc::new(routes)) })
}

fn layer(required: Required) -> RequireLayer {
    from_fn_with_state(required, |State(required), request, next| {
        async move {
            match required.check(&request) {
                Ok(()) => next.run(request).await,
                Err(refusal) => refusal.into_response(),
            }
        }
        .boxed()
    })
}

pub(super) fn body_limit(bytes: usize) -> BodyLimitLayer {
    from_fn_with_state(bytes, |State(bytes), request, next| {
        if let Some(BodyLimit(limit)) = request.extensions().get() {
            limit.store(bytes, Ordering::Relaxed);
        }
        next.run(request).boxed()
    })
}

impl Required {
    fn check(&self, request: &Request) -> Result<(), Fault> {
        let Some(shown) = request.extensions().get::<Shown>() else {
            // Without `around` nobody knows who calls.
            return Err(Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the server is not put together as it should be",
            ));
        };
        let keys = &self.guard.0.config.keys;
        match self.access.of(request) {
            Some(Access::Open) => Ok(()),
            Some(Access::Key) if keys.is_empty() => Ok(()),
            Some(Access::Key) => recognised(shown).map(drop),
            Some(Access::Admin) if recognised(shown)? => Ok(()),
            Some(Access::Admin) => Err(unauthorized("this route needs an admin key")),
            None => Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, "this route does not know the method")),
        }
    }
}

impl Guard {
    /// What a request shows of a key. Wrong ones are counted whatever the route asks for: an open one may tell by its answer whether a
    /// key was right.
    pub(super) fn shown(&self, caller: IpAddr, headers: &HeaderMap, query: Option<&str>) -> Shown {
        let (wrong_keys, address) = (&self.0.wrong_keys, network(caller));
        match self.0.config.keys.shown(headers, query) {
            shown @ (Shown::Right(_) | Shown::Wrong) => {
                if let Some(wait) = wrong_keys.wait("wrong keys", &address, WRONG_KEYS) {
                    return Shown::TooMany(wait);
                }
                if shown == Shown::Wrong {
                    let _ = wrong_keys.take("wrong keys", &address, WRONG_KEYS);
                    tracing::warn!(%address, "a wrong key");
                }
                shown
            }
            shown => shown,
        }
    }
}

/// Whether the key is one of the admin's; 401 without a key that fits, and 429 for who tries too many.
fn recognised(shown: &Shown) -> Result<bool, Fault> {
    match shown {
        Shown::Right(key) => Ok(key.is_admin),
        Shown::Nothing => Err(unauthorized("send a key, as `Authorization: Bearer KEY` or as `X-API-Key: KEY`")),
        Shown::InAddress => {
            Err(unauthorized("a key in an address is read by others; send it as a header, and replace this one"))
        }
        Shown::Wrong => Err(unauthorized("this key is not valid")),
        Shown::TooMany(wait) => Err(Fault::too_many("too many wrong keys came from this address", *wait)),
    }
}

fn unauthorized(detail: &str) -> Fault {
    Fault::new(StatusCode::UNAUTHORIZED, detail)
}
