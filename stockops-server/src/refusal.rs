//! `Refusal`: an answer that says no, in the one form that errors have here.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// An answer that says no: a status and `{"detail": ...}`, for 429 and 503 with the seconds to wait, for 401 with the way to ask.
///
/// # Example
///
/// ```
/// use axum::http::StatusCode;
/// use axum::response::IntoResponse;
/// use stockops_server::Refusal;
///
/// let answer = Refusal::new(StatusCode::NOT_FOUND, "no task named 7").into_response();
/// assert_eq!(answer.status(), 404);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// What is wrong and what to do, for who asked. It holds no path, key, host or trace.
    pub detail: String,
    /// After how many seconds the same may be asked again, where that is known.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with a status and its reason.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None }
    }

    /// 429: `what` is asked too often; it may be asked again after `wait`, which is rounded up to whole seconds.
    pub fn too_many(what: &str, wait: Duration) -> Self {
        let seconds = seconds(wait);
        let detail = format!("{what}; ask again in {seconds} s");
        Self { status: StatusCode::TOO_MANY_REQUESTS, detail, retry_after: Some(seconds) }
    }
}

/// Whole seconds, rounded up, at least one.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "detail": self.detail }).to_string();
        let mut response = (self.status, [(CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stockops\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_none() {
        for (wait, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_001, 60)] {
            let refusal = Refusal::too_many("too many requests", Duration::from_millis(wait));
            assert_eq!(refusal.retry_after, Some(seconds));
            let response = refusal.into_response();
            assert_eq!(response.headers()[RETRY_AFTER], seconds.to_string().as_str());
            assert_eq!(response.status(), 429);
        }
    }
}
