//! `Lock`: a right that one holder has at a time.

use std::any::Any;
use std::fmt;

/// A right that one holder has at a time, given back when it is dropped or its process ends.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{Key, MemoryStorage, Storage};
///
/// let storage = MemoryStorage::new();
/// let key = Key::new("registry/GOOG/training.lock")?;
/// let held = storage.lock(&key)?;
/// assert!(held.is_some() && storage.lock(&key)?.is_none());
/// drop(held);
/// assert!(storage.lock(&key)?.is_some());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[must_use = "the right is given back once the lock is dropped"]
pub struct Lock {
    _guard: Box<dyn Any + Send + Sync>,
}

impl Lock {
    /// A lock that lasts as long as `guard`, for those who write a storage of their own.
    pub fn holding(guard: impl Any + Send + Sync) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
