//! Which status an error of the queue has.

use axum::http::StatusCode;

use super::Fault;
use crate::queue::QueueError;

/// Seconds after which a full queue may have room again.
const FULL: u64 = 30;

impl From<QueueError> for Fault {
    fn from(error: QueueError) -> Self {
        match &error {
            QueueError::Config { .. } => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            QueueError::Lost { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            QueueError::Full { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).after(FULL),
            _ => Self::logged(StatusCode::SERVICE_UNAVAILABLE, "the queue of tasks does not serve now", &error),
        }
    }
}

#[cfg(feature = "stockops")]
impl From<crate::jobs::JobsError> for Fault {
    fn from(error: crate::jobs::JobsError) -> Self {
        use crate::jobs::JobsError as E;
        match error {
            E::Queue(error) => error.into(),
            E::Core(error) => error.into(),
            E::Schedule { .. } => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            _ => Self::logged(StatusCode::SERVICE_UNAVAILABLE, "the server is ending; ask again later", &error),
        }
    }
}
