//! `MemoryStorage`: the twin for tests and for programs that keep nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Key, Lock, Storage};
use crate::error::Result;

/// Objects in memory, none at first and gone with the last clone.
///
/// Clones share one content, as two opens of one directory do.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{Key, MemoryStorage, Storage};
///
/// let (storage, key) = (MemoryStorage::new(), Key::new("a/b")?);
/// storage.clone().put(&key, b"shared")?;
/// assert_eq!(storage.get(&key)?.unwrap(), b"shared");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    objects: Arc<Mutex<BTreeMap<Key, Vec<u8>>>>,
    held: Arc<Mutex<BTreeSet<Key>>>,
}

impl MemoryStorage {
    /// An empty storage.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Storage for MemoryStorage {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        Ok(locked(&self.objects).get(key).cloned())
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        let objects = locked(&self.objects);
        let below = |key: &Key| key.as_str().strip_prefix(folder.as_str())?.strip_prefix('/').map(str::to_string);
        let keys = objects.range(folder.clone()..).map(|(key, _)| key);
        // Keys such as `a-b` stand between the folder `a` and what it holds.
        let keys = keys.take_while(|key| key.as_str().starts_with(folder.as_str())).filter_map(below);
        let names: BTreeSet<String> = keys.filter_map(|key| key.split('/').next().map(str::to_string)).collect();
        Ok(names.into_iter().collect())
    }

    fn walk(&self, folder: &Key) -> Result<Vec<Key>> {
        let is_below =
            |key: &&Key| key.as_str().strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        Ok(locked(&self.objects).keys().filter(is_below).cloned().collect())
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        locked(&self.objects).insert(key.clone(), bytes.to_vec());
        Ok(())
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        let mut objects = locked(&self.objects);
        let is_new = !objects.contains_key(key);
        if is_new {
            objects.insert(key.clone(), bytes.to_vec());
        }
        Ok(is_new)
    }

    fn remove(&self, key: &Key) -> Result<()> {
        locked(&self.objects).remove(key);
        Ok(())
    }

    fn lock(&self, key: &Key) -> Result<Option<Lock>> {
        let is_free = locked(&self.held).insert(key.clone());
        Ok(is_free.then(|| Lock::holding(Held { all: Arc::clone(&self.held), key: key.clone() })))
    }

    fn place(&self, key: &Key) -> PathBuf {
        PathBuf::from(format!("memory:{key}"))
    }
}

/// Removes its key from those that are held when it is dropped.
struct Held {
    all: Arc<Mutex<BTreeSet<Key>>>,
    key: Key,
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.all).remove(&self.key);
    }
}

/// A thread that panicked left no change half done: every change is one call.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance;

    #[test]
    fn memory_keeps_every_promise() {
        conformance(&MemoryStorage::new());
    }

    #[test]
    fn clones_and_what_points_to_a_storage_share_one_content() {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        conformance(&storage);
        assert!(storage.get(&Key::new("objects/a").unwrap()).unwrap().is_some());
    }
}
