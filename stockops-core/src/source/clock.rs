//! The clock of sources on the network.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// What time it is.
pub(super) type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The time of the system.
pub(super) fn system() -> Clock {
    Arc::new(|| std::time::SystemTime::now().into())
}
