//! `Clock`: what time it is, for sources on the network and for the service.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// What time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The time of the system.
pub(crate) fn system() -> Clock {
    Arc::new(|| std::time::SystemTime::now().into())
}
