//! `TrainingLock`: the right to train a ticker.

use std::any::Any;
use std::fmt;

/// The right to train one ticker, given back when it is dropped or its process ends.
///
/// # Example
///
/// ```
/// use stockops_core::registry::{MemoryRegistry, ModelRegistry};
/// use stockops_core::{Error, Ticker};
///
/// let registry = MemoryRegistry::new();
/// let goog = Ticker::new("GOOG")?;
/// let lock = registry.training_lock(&goog)?;
/// assert!(matches!(registry.training_lock(&goog), Err(Error::Busy { .. })));
/// drop(lock);
/// assert!(registry.training_lock(&goog).is_ok());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[must_use = "training is unprotected once the lock is dropped"]
pub struct TrainingLock {
    _guard: Box<dyn Any + Send + Sync>,
}

impl TrainingLock {
    /// A lock that lasts as long as `guard`, for those who write a registry of their own.
    pub fn holding(guard: impl Any + Send + Sync) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl fmt::Debug for TrainingLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainingLock").finish_non_exhaustive()
    }
}
