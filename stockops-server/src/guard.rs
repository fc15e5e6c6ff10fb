//! The guard: what stands around every route. It knows who calls, from where, how often and how much, and no route of its own.
//!
//! ```text
//! connection ─► id, address ─► name and page ─► key ─► count ─► streams ─► time and panic ─► body ─► route
//! bytes ◄─ gzip ◄─ headers, id, metrics, log ◄───────────── {"detail"} from wherever it stops ◄──────┘
//! ```

mod access;
mod address;
mod around;
mod body;
mod connections;
mod headers;
mod keys;
mod origin;
mod request_id;
mod require;
mod streams;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use access::{Caller, may_bind};
pub use address::Proxies;
pub use around::around;
pub use connections::serve;
pub use keys::{Keys, secret};
pub use origin::Origins;
pub use require::{BodyLimitLayer, RequireLayer};

use crate::limits::{Limits, Rate, Windows};
use crate::metrics::Metrics;
pub use crate::openapi::Access;
use crate::openapi::Routes;
use streams::Streams;

/// Wrong keys of one address before it has to wait.
const WRONG_KEYS: Rate = Rate { most: 10, period: Duration::from_secs(60) };

/// How a server is guarded.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    /// Who may call. Default nobody has a key.
    pub keys: Keys,
    /// Which proxies say for whom they ask. Default none.
    pub proxies: Proxies,
    /// Under which names the server is called, and from which pages. Default this machine's, and none.
    pub origins: Origins,
    /// Bytes of a request's body. Default 1 MiB; a route that takes files has more by [`Guard::body_limit`].
    pub body: usize,
    /// How long a request's headers may take, and so long a connection may wait for the next request. Default 15 seconds.
    pub headers_within: Duration,
    /// How long a request's body may take. Default 30 seconds.
    pub body_within: Duration,
    /// How long until an answer has to begin. Default 120 seconds. A stream that began is not cut.
    pub answer_within: Duration,
    /// Streams of events that a client may have open. Default 10.
    pub streams: usize,
    /// Connections at once; more wait until one ends. Default 1024.
    pub connections: usize,
    /// Paths that are not counted as requests of a client: those that machines ask all the time, and those that cost nothing; one
    /// that ends with `/` stands for all below it. Default `/livez`, `/readyz`, `/health`, `/metrics` and `/assets/`.
    pub uncounted: Vec<String>,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            keys: Keys::default(),
            proxies: Proxies::default(),
            origins: Origins::default(),
            body: 1 << 20,
            headers_within: Duration::from_secs(15),
            body_within: Duration::from_secs(30),
            answer_within: Duration::from_secs(120),
            streams: 10,
            connections: 1024,
            uncounted: ["/livez", "/readyz", "/health", "/metrics", "/assets/"].map(String::from).into(),
        }
    }
}

/// What stands around the routes of one server. A clone is the same.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use axum::Router;
/// use axum::routing::{delete, get};
/// use stockops_server::guard::{Access, Guard, GuardConfig, around};
/// use stockops_server::limits::{LimitConfig, Limits, MemoryLimiter};
/// use stockops_server::metrics::Metrics;
///
/// let limits = Limits::new(LimitConfig::default(), Arc::new(MemoryLimiter::new()));
/// let guard = Guard::new(GuardConfig::default(), limits, Metrics::new(&[]));
/// let open = Router::new().route("/health", get(|| async { "{}" })).route_layer(guard.require(Access::Open));
/// let admin = Router::new().route("/system/reset", delete(|| async { "{}" })).route_layer(guard.require(Access::Admin));
/// let app: Router = around(open.merge(admin), &guard);
/// ```
#[derive(Debug, Clone)]
pub struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: GuardConfig,
    limits: Limits,
    metrics: Metrics,
    streams: Streams,
    wrong_keys: Windows,
}

impl Guard {
    /// A guard by `config`, which counts in `limits` and tells `metrics`.
    pub fn new(config: GuardConfig, limits: Limits, metrics: Metrics) -> Self {
        let streams = Streams::new(config.streams);
        Self(Arc::new(Inner { config, limits, metrics, streams, wrong_keys: Windows::default() }))
    }

    /// The layer of routes that ask for `access`. It goes onto the router of these routes with `route_layer`, before
    /// [`around`] goes around all of them.
    pub fn require(&self, access: Access) -> RequireLayer {
        require::require(self.clone(), access)
    }

    /// The layer of routes that ask for what the table of the document says. It goes onto the router of these routes with
    /// `route_layer`; a route that is not in the table answers nobody.
    pub fn require_listed(&self, routes: Routes) -> RequireLayer {
        require::require_listed(self.clone(), routes)
    }

    /// The layer of routes whose body may have so many bytes, in the place of [`GuardConfig::body`].
    pub fn body_limit(&self, bytes: usize) -> BodyLimitLayer {
        require::body_limit(bytes)
    }
}
