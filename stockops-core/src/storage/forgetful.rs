//! `ForgetfulStorage`: a storage whose answers get lost, to test what is built on one.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Key, Lock, Storage};
use crate::error::{Error, Result};

/// A storage that does each write and loses half of the answers, as a network does: in turn it says what happened, fails,
/// says what happened, and answers as to a client that asked a second time (there is one already).
///
/// # Example
///
/// ```
/// # #[cfg(feature = "testing")] {
/// use stockops_core::storage::{ForgetfulStorage, Key, MemoryStorage, Sequence};
///
/// let storage = ForgetfulStorage::new(MemoryStorage::new());
/// let count: Sequence<'_, u32> = Sequence::new(&storage, Key::new("count")?);
/// for _ in 0..8 {
///     count.change(|now| Ok((Some(now.unwrap_or(0) + 1), ())))?;
/// }
/// assert_eq!(count.newest()?, Some(8));
/// # }
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ForgetfulStorage<S> {
    inner: S,
    writes: AtomicUsize,
}

impl<S: Storage> ForgetfulStorage<S> {
    /// Lose the answers of `inner`.
    pub fn new(inner: S) -> Self {
        Self { inner, writes: AtomicUsize::new(0) }
    }

    /// What is said of a write to `key` that did `done`.
    fn told<T>(&self, key: &Key, done: T, again: T) -> Result<T> {
        match self.writes.fetch_add(1, Ordering::Relaxed) % 4 {
            1 => Err(Error::storage("write", &self.place(key))(std::io::ErrorKind::TimedOut.into())),
            3 => Ok(again),
            _ => Ok(done),
        }
    }
}

impl<S: Storage> Storage for ForgetfulStorage<S> {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        self.inner.get(key)
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        self.inner.list(folder)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        self.inner.put(key, bytes).and_then(|()| self.told(key, (), ()))
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        self.inner.create(key, bytes).and_then(|created| self.told(key, created, false))
    }

    fn remove(&self, key: &Key) -> Result<()> {
        self.inner.remove(key).and_then(|()| self.told(key, (), ()))
    }

    fn lock(&self, key: &Key) -> Result<Option<Lock>> {
        self.inner.lock(key)
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.inner.place(key)
    }
}
