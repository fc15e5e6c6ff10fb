//! `Fault`: what a route answers where it cannot do what it was asked, in the one form that errors have here.

use std::time::Duration;

use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Described};
use aide::operation::OperationOutput;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::error::with_causes;

use crate::json::Json;
use crate::schema;

mod agents;
mod core;
mod queue;

/// What a route answers where it cannot do what it was asked: a status and `{"detail": ...}`, with the seconds to wait where they
/// are known.
///
/// Routes return `Result<_, Fault>`, and errors of core and of the analysts become one by `?`. The detail says what is wrong and
/// what to do. It holds no path, host, key or trace: what the server alone is to know goes to the log.
///
/// # Example
///
/// ```
/// use axum::http::StatusCode;
/// use stockops_core::Ticker;
/// use stockops_server::Fault;
///
/// let fault: Fault = Ticker::new("../etc").unwrap_err().into();
/// assert_eq!(fault.status, StatusCode::BAD_REQUEST);
/// assert_eq!(fault.detail, "`../etc` is not a ticker: only letters, digits and ^ . - = _ & are allowed");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The status of the answer.
    pub status: StatusCode,
    /// What is wrong and what to do, for who asked.
    pub detail: String,
    /// After how many seconds the same may be asked again, where that is known.
    pub retry_after: Option<u64>,
}

/// The body of every answer that says no.
#[derive(Serialize, JsonSchema)]
#[schemars(extend("examples" = [{"detail": "no version named AMZN@9; AMZN has 1 to 2"}]))]
struct Detail {
    /// What is wrong and what to do.
    detail: String,
}

impl Fault {
    /// A status and its reason.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None }
    }

    /// The same, to be asked again after so many seconds.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }

    /// 429: `what` is asked too often; it may be asked again after `wait`, which is rounded up to whole seconds, at least one.
    pub fn too_many(what: &str, wait: Duration) -> Self {
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        Self::new(StatusCode::TOO_MANY_REQUESTS, format!("{what}; ask again in {seconds} s")).after(seconds)
    }

    /// 500 of work that did not come to an end.
    pub(crate) fn panicked(error: &tokio::task::JoinError) -> Self {
        Self::logged(StatusCode::INTERNAL_SERVER_ERROR, "the server made a mistake; the request id names it", error)
    }

    /// 404 of a thing that is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// A failure of the server or of what it stands on: `detail` for who asked, and the error with its causes for the log.
    pub(crate) fn logged(
        status: StatusCode,
        detail: impl Into<String>,
        error: &(dyn std::error::Error + 'static),
    ) -> Self {
        let chain = with_causes(error);
        tracing::error!(status = status.as_u16(), error = chain, "a request failed");
        Self::new(status, detail)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Detail { detail: self.detail })).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stockops\""));
        }
        response
    }
}

/// What each status means here.
fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read, or a setting of it is outside its range.",
        401 => "The route wants a key, and none or a wrong one was given.",
        403 => "The request comes from a page elsewhere, or was sent to another host.",
        404 => "What was named is not there.",
        406 => "The client does not accept what the route answers.",
        408 => "The request did not come in time.",
        409 => "Somebody else is at work on it, or its state does not allow it.",
        413 => "The body is larger than the server takes.",
        415 => "The body is not JSON by its Content-Type.",
        422 => "The request can be read, and a value of it does not fit.",
        429 => "Asked too often; `Retry-After` says when to ask again.",
        502 => "A source elsewhere failed.",
        503 => "The server, or a source elsewhere, does not serve now.",
        _ => "The server failed; its log says why.",
    }
}

/// The answer of `status` in the document.
pub(crate) fn documented(status: u16) -> Described {
    let media = MediaType { schema: Some(schema::of_answer::<Detail>()), ..Default::default() };
    let content = [("application/json".to_owned(), media)].into_iter().collect();
    Described { description: meaning(status).into(), content, ..Default::default() }
}

/// In the document a route that may fail has all statuses that an error of core or of the analysts can have.
impl OperationOutput for Fault {
    type Inner = ();

    fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<Described> {
        Some(documented(500))
    }

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        [400, 404, 409, 422, 429, 500, 502, 503].map(|status| (Some(status), documented(status))).into()
    }
}
