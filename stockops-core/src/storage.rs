//! The one door to what is kept: small objects under checked keys, on a disk, in memory, or in a bucket.
//!
//! [`Storage`] is the door, [`DirectoryStorage`] keeps objects as files, [`MemoryStorage`] in memory, and with the feature
//! `buckets` `BucketStorage` in a bucket; [`open`] chooses by the name of a home. With the feature `testing` every other implementation can run `conformance` from its own tests. Two ways to keep things stand on it:
//! a [`Sequence`] is one value that changes step by step, and a [`Log`] is a list that grows.

#[cfg(feature = "buckets")]
mod bucket;
#[cfg(any(test, feature = "testing"))]
mod conformance;
mod directory;
#[cfg(any(test, feature = "testing"))]
mod forgetful;
mod home;
pub mod json;
mod key;
mod lock;
mod log;
mod memory;
mod sequence;

use std::fmt::Debug;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "buckets")]
pub use bucket::BucketStorage;
#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use directory::DirectoryStorage;
#[cfg(any(test, feature = "testing"))]
pub use forgetful::ForgetfulStorage;
pub use home::{folder, local, open};
pub use key::Key;
pub use lock::Lock;
pub use log::Log;
pub use memory::MemoryStorage;
pub use sequence::Sequence;
pub(crate) use sequence::unique_word;

use crate::error::Result;

/// Small objects under keys.
///
/// Every method may be called from several threads and processes at once. A reader sees an object whole or not at all,
/// and what a call has written is seen by every later [`get`](Self::get) and [`list`](Self::list), and survives a crash.
/// A call that failed may have written all the same, as when the answer of a server is lost: [`Sequence`] and [`Log`] look
/// before they believe an error.
///
/// The promises are those that a disk and a bucket (S3, GCS, Azure) can both keep. There is no rename, and no change of an
/// object that depends on its content: whoever must not overwrite what he has not read makes a [`Sequence`] of it, which
/// needs [`create`](Self::create) alone.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{Key, MemoryStorage, Storage};
///
/// let storage = MemoryStorage::new();
/// let key = Key::new("runs/7/settings.json")?;
/// assert!(storage.create(&key, b"{}")?);
/// assert!(!storage.create(&key, b"{\"seed\": 1}")?, "there is one already");
/// assert_eq!(storage.get(&key)?.unwrap(), b"{}");
/// assert_eq!(storage.list(&Key::new("runs/7")?)?, ["settings.json"]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub trait Storage: Debug + Send + Sync {
    /// The content of an object; `None` where there is none.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>>;

    /// How many bytes an object has; `None` where there is none.
    fn size(&self, key: &Key) -> Result<Option<u64>> {
        Ok(self.get(key)?.map(|bytes| bytes.len() as u64))
    }

    /// The bytes of an object that are at `places` from 0, fewer where it ends before; `None` where there is none.
    ///
    /// An object that is replaced between two calls is another one: parts that must fit together are of an object that is
    /// only ever created.
    fn part(&self, key: &Key, places: Range<u64>) -> Result<Option<Vec<u8>>> {
        let inside = |bytes: Vec<u8>| {
            let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
            bytes.get(place(places.start)..place(places.end)).unwrap_or_default().to_vec()
        };
        Ok(self.get(key)?.map(inside))
    }

    /// The names directly under `folder`, of objects and of folders alike, in order of their bytes.
    ///
    /// A folder that holds nothing may be named or not: on a disk it stays when its last object is removed.
    fn list(&self, folder: &Key) -> Result<Vec<String>>;

    /// The keys of all objects below `folder`, in order. What is created or removed meanwhile is among them or not.
    fn walk(&self, folder: &Key) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        for name in self.list(folder)? {
            let key = folder.join(name)?;
            let below = self.walk(&key)?;
            // What holds nothing is an object, or a folder whose last object was removed.
            match below.is_empty() {
                true if self.size(&key)?.is_some() => keys.push(key),
                _ => keys.extend(below),
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }

    /// Remove what writers left that died in the middle, where they began more than `age` ago, and say what it was with its bytes;
    /// with `dry_run` nothing is removed. A storage that leaves nothing has nothing to do.
    fn sweep(&self, _age: Duration, _dry_run: bool) -> Result<Vec<(PathBuf, u64)>> {
        Ok(Vec::new())
    }

    /// Write an object, in the place of the one that is there.
    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()>;

    /// Write an object where there is none; `false` where there is one, which stays as it is. Of several calls at once
    /// one succeeds.
    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool>;

    /// Remove an object; where there is none nothing happens.
    fn remove(&self, key: &Key) -> Result<()>;

    /// Take the right that is named `key`, until the returned lock is dropped or its process ends; `None` at once where
    /// someone else has it.
    ///
    /// A lock saves work and keeps nothing safe: in a bucket it is a lease, which its holder may lose without notice, and which
    /// outlives a process that dies by a minute at most. What
    /// must not happen twice is guarded by a [`Sequence`].
    fn lock(&self, key: &Key) -> Result<Option<Lock>>;

    /// Where an object is, for messages: a path or an address.
    fn place(&self, key: &Key) -> PathBuf;
}

/// What points to a storage is one.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<S: Storage + ?Sized> Storage for $pointer {
            fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
                (**self).get(key)
            }

            fn size(&self, key: &Key) -> Result<Option<u64>> {
                (**self).size(key)
            }

            fn part(&self, key: &Key, places: Range<u64>) -> Result<Option<Vec<u8>>> {
                (**self).part(key, places)
            }

            fn list(&self, folder: &Key) -> Result<Vec<String>> {
                (**self).list(folder)
            }

            fn walk(&self, folder: &Key) -> Result<Vec<Key>> {
                (**self).walk(folder)
            }

            fn sweep(&self, age: Duration, dry_run: bool) -> Result<Vec<(PathBuf, u64)>> {
                (**self).sweep(age, dry_run)
            }

            fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
                (**self).put(key, bytes)
            }

            fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
                (**self).create(key, bytes)
            }

            fn remove(&self, key: &Key) -> Result<()> {
                (**self).remove(key)
            }

            fn lock(&self, key: &Key) -> Result<Option<Lock>> {
                (**self).lock(key)
            }

            fn place(&self, key: &Key) -> PathBuf {
                (**self).place(key)
            }
        }
    )+};
}

forward!(&S, Arc<S>);
