//! `BucketStorage`: objects in a bucket of S3, Google Cloud Storage or Azure, safe against lost answers and other processes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::path::Path as Place;
use object_store::{
    Attribute, Attributes, Error as StoreError, GetOptions, GetResult, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
};

use super::{Key, Lock, Storage, unique_word};
use crate::error::{Error, Result};
use per_process::PerProcess;
use problem::{is_conflict, is_no_bucket, is_slow, is_unknown, problem};
use runtime::wait;

mod lease;
mod per_process;
mod problem;
mod provider;
mod runtime;
#[cfg(test)]
mod tests;

/// How long a lock holds that nobody renews.
const LEASE: Duration = Duration::from_secs(60);
/// Pauses in milliseconds between tries to create an object, beside those of the client.
const PAUSES: [u64; 4] = [50, 200, 800, 2_000];
/// Name of the word that says who wrote an object, kept beside its content. Azure takes letters and digits alone.
const WRITER: &str = "writer";

/// Objects in a bucket, shared by all processes that open the same address.
///
/// The key `registry/GOOG/1/bundle.safetensors` of `s3://models/prod` is the object
/// `prod/registry/GOOG/1/bundle.safetensors`.
///
/// | address | credentials |
/// | --- | --- |
/// | `s3://bucket/prefix` | variables `AWS_…`, else the role of the machine, container or pod; `AWS_ENDPOINT_URL` for other stores than Amazon's |
/// | `gs://bucket/prefix` | `GOOGLE_APPLICATION_CREDENTIALS` or `GOOGLE_SERVICE_ACCOUNT`, else those of `gcloud`, else the machine's |
/// | `az://container/prefix` | `AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_…`, else the identity of the machine |
///
/// A request ends after 30 seconds, a connection that does not come about after 5 (`AWS_TIMEOUT`, `AWS_CONNECT_TIMEOUT`, and
/// the same for `GOOGLE_` and `AZURE_`). What fails by the network or by the store itself is tried again for a minute.
///
/// [`create`](Storage::create) stands on the condition `If-None-Match: *`. Some stores take it and overwrite all the same:
/// before the first object is created, one is written twice under a name of its own, and a store that takes both is refused.
/// Where the answer is lost or says nothing, the object itself says who wrote it.
///
/// A [`lock`](Storage::lock) is a lease of a minute that is renewed four times in it; the right of a process that died is free
/// when its minute is over.
///
/// A child that was forked from a process with an open bucket connects anew.
#[derive(Clone)]
pub struct BucketStorage {
    connect: Arc<Connect>,
    store: Arc<PerProcess<Arc<dyn ObjectStore>>>,
    /// With the prefix, without a slash at its end.
    address: String,
    prefix: Place,
    /// Whether the store was seen to keep to conditions.
    is_sure: Arc<Mutex<bool>>,
    lease: Duration,
}

/// How the store of a bucket is connected to.
type Connect = dyn Fn() -> object_store::Result<Arc<dyn ObjectStore>> + Send + Sync;

/// Those that were opened in this process, by address: they share connections, credentials and what is known of the store.
static OPENED: Mutex<BTreeMap<String, BucketStorage>> = Mutex::new(BTreeMap::new());

impl BucketStorage {
    /// The storage of `prefix`, which may be empty, in `bucket`. Nothing is asked yet.
    pub(super) fn of(scheme: &str, bucket: &str, prefix: &str) -> Result<Self> {
        let address = format!("{scheme}://{bucket}/{prefix}").trim_end_matches('/').to_owned();
        let opened = || OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(storage) = opened().get(&address) {
            return Ok(storage.clone());
        }
        let (scheme, bucket) = (scheme.to_owned(), bucket.to_owned());
        let storage = Self::on(move || provider::connect(&scheme, &bucket), &address, prefix);
        // The lock is free while the store connects: a child that is forked meanwhile would wait for it for ever.
        storage.store().map_err(|error| failed("open", Path::new(&address), &error))?;
        Ok(opened().entry(address).or_insert(storage).clone())
    }

    /// The storage of `prefix` in the store that `connect` connects to.
    fn on(
        connect: impl Fn() -> object_store::Result<Arc<dyn ObjectStore>> + Send + Sync + 'static,
        address: &str,
        prefix: &str,
    ) -> Self {
        // A prefix is a key or empty, and those are paths.
        let prefix = Place::parse(prefix).unwrap_or_default();
        let (connect, store) = (Arc::new(connect), Arc::new(PerProcess::new()));
        Self { connect, store, address: address.into(), prefix, is_sure: Arc::default(), lease: LEASE }
    }

    /// The store, as this process is connected to it.
    fn store(&self) -> object_store::Result<Arc<dyn ObjectStore>> {
        self.store.get(|| (self.connect)())
    }

    /// Where `key` is in the bucket.
    fn at(&self, key: &str) -> Result<Place> {
        let whole = if self.prefix.as_ref().is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) };
        Place::parse(whole).map_err(|error| self.failed("name", key, &error.into()))
    }

    fn failed(&self, action: &'static str, key: &str, error: &StoreError) -> Error {
        failed(action, Path::new(&format!("{}/{key}", self.address)), error)
    }

    /// What `ask` answers of the object `key`; `None` where there is none.
    fn ask<T, F>(&self, key: &Key, ask: impl FnOnce(Arc<dyn ObjectStore>, Place) -> F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let place = self.at(key.as_str())?;
        match self.store().and_then(|store| wait(ask(store, place))) {
            Ok(answer) => Ok(Some(answer)),
            Err(error @ StoreError::NotFound { .. }) if !is_no_bucket(&error) => Ok(None),
            Err(error) => Err(self.failed("read", key.as_str(), &error)),
        }
    }

    /// Write `bytes` where there is nothing, once, in the name of `writer`.
    fn try_create(&self, place: &Place, bytes: &[u8], writer: &str) -> object_store::Result<()> {
        let attributes = Attributes::from_iter([(Attribute::Metadata(WRITER.into()), writer.to_owned())]);
        let options = PutOptions { mode: PutMode::Create, attributes, ..PutOptions::default() };
        let (store, place, bytes) = (self.store()?, place.clone(), bytes.to_vec());
        wait(async move { store.put_opts(&place, bytes.into(), options).await.map(drop) })
    }

    /// Who wrote the object at `place`, as far as the store keeps that; `None` where there is none.
    fn writer(&self, place: &Place) -> object_store::Result<Option<String>> {
        let (store, place) = (self.store()?, place.clone());
        let head = GetOptions { head: true, ..GetOptions::default() };
        match wait(async move { store.get_opts(&place, head).await }) {
            Ok(GetResult { attributes, .. }) => {
                let writer = attributes.get(&Attribute::Metadata(WRITER.into()));
                Ok(Some(writer.map(|writer| writer.to_string()).unwrap_or_default()))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Write `bytes` where there is nothing; `false` where another has written.
    ///
    /// An error can stand for a write that is in: an answer that was lost, or that of a second try. And `there is one already`
    /// can be said where two writers only met. So it is looked who wrote what is there, and where nothing is, tried again.
    fn create_at(&self, place: &Place, bytes: &[u8]) -> object_store::Result<bool> {
        let writer = unique_word();
        let mut pauses = PAUSES.iter();
        loop {
            let Err(error) = self.try_create(place, bytes, &writer) else { return Ok(true) };
            match (self.writer(place), pauses.next()) {
                (Ok(Some(who)), _) => return Ok(who == writer),
                (Err(unseen), _) if is_conflict(&error) => return Err(unseen),
                (Ok(None), Some(pause)) if is_conflict(&error) || is_slow(&error) => {
                    std::thread::sleep(Duration::from_millis(*pause));
                }
                _ => return Err(error),
            }
        }
    }

    /// Whether the store refuses to create the object at `place`, which is there.
    fn refuses_another(&self, place: &Place) -> object_store::Result<bool> {
        let mut pauses = PAUSES.iter();
        loop {
            match (self.try_create(place, b"second", "second"), pauses.next()) {
                (Ok(()), _) => return Ok(false),
                (Err(error), _) if is_conflict(&error) => return Ok(true),
                (Err(error), Some(pause)) if is_slow(&error) => std::thread::sleep(Duration::from_millis(*pause)),
                (Err(error), _) => return Err(error),
            }
        }
    }

    /// Refuse a store that takes the condition of a write and does not keep to it. What was seen once is believed.
    fn keeps_to_conditions(&self) -> Result<()> {
        // Not held while the store is asked: where it is away, nobody waits for the tries of others.
        let is_sure = || self.is_sure.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_sure() {
            return Ok(());
        }
        // No key begins with a dot, so that what a process that dies leaves is never listed.
        let name = format!(".canary-{}", unique_word());
        let place = self.at(&name)?;
        let written = self.create_at(&place, b"first");
        let refuses = written.and_then(|_| self.refuses_another(&place));
        let _ = self.store().and_then(|store| wait(async move { store.delete(&place).await }));
        match refuses {
            Ok(true) => *is_sure() = true,
            Err(error) if !is_unknown(&error) => return Err(self.failed("write", &name, &error)),
            _ => {
                let rule = "a bucket whose store keeps to the condition `If-None-Match: *` of a write, as S3, Google Cloud Storage, \
                            Azure and MinIO do, and this one does not, so that one writer would overwrite another";
                return Err(Error::Config { field: "home", rule, got: self.address.clone() });
            }
        }
        Ok(())
    }
}

/// The client below knows the credentials, so it is not shown.
impl fmt::Debug for BucketStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketStorage").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What an error of the store is to a caller.
fn failed(action: &'static str, place: &Path, error: &StoreError) -> Error {
    Error::storage(action, place)(problem(error))
}

impl Storage for BucketStorage {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let bytes = self.ask(key, |store, place| async move { store.get(&place).await?.bytes().await })?;
        Ok(bytes.map(Vec::from))
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.ask(key, |store, place| async move { Ok(store.head(&place).await?.size) })
    }

    fn part(&self, key: &Key, places: Range<u64>) -> Result<Option<Vec<u8>>> {
        // A range beyond the end is an error to a store.
        let Some(size) = self.size(key)? else { return Ok(None) };
        let places = places.start..places.end.min(size);
        if places.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let bytes = self.ask(key, |store, place| async move { store.get_range(&place, places).await })?;
        Ok(bytes.map(Vec::from))
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        let place = self.at(folder.as_str())?;
        let ask = |store: Arc<dyn ObjectStore>| wait(async move { store.list_with_delimiter(Some(&place)).await });
        let listed = self.store().and_then(ask);
        let listed = listed.map_err(|error| self.failed("list", folder.as_str(), &error))?;
        let places = listed.common_prefixes.iter().chain(listed.objects.iter().map(|object| &object.location));
        let names = places.filter_map(|place| place.filename()).filter(|name| Key::is_part(name));
        // An object and a folder may have one name.
        Ok(names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// One request for a thousand objects.
    fn walk(&self, folder: &Key) -> Result<Vec<Key>> {
        let place = self.at(folder.as_str())?;
        let ask =
            |store: Arc<dyn ObjectStore>| wait(async move { store.list(Some(&place)).try_collect::<Vec<_>>().await });
        let listed = self.store().and_then(ask);
        let listed = listed.map_err(|error| self.failed("list", folder.as_str(), &error))?;
        let key = |whole: &str| {
            let below = whole.strip_prefix(self.prefix.as_ref())?;
            Key::new(below.trim_start_matches('/')).ok()
        };
        let mut keys: Vec<Key> = listed.iter().filter_map(|object| key(object.location.as_ref())).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        let (place, bytes) = (self.at(key.as_str())?, bytes.to_vec());
        let ask = |store: Arc<dyn ObjectStore>| wait(async move { store.put(&place, bytes.into()).await });
        let written = self.store().and_then(ask);
        written.map(drop).map_err(|error| self.failed("write", key.as_str(), &error))
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        self.keeps_to_conditions()?;
        let created = self.create_at(&self.at(key.as_str())?, bytes);
        created.map_err(|error| self.failed("write", key.as_str(), &error))
    }

    fn remove(&self, key: &Key) -> Result<()> {
        let place = self.at(key.as_str())?;
        match self.store().and_then(|store| wait(async move { store.delete(&place).await })) {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("remove", key.as_str(), &error)),
        }
    }

    fn lock(&self, key: &Key) -> Result<Option<Lock>> {
        lease::take(self, key, self.lease)
    }

    fn place(&self, key: &Key) -> PathBuf {
        PathBuf::from(format!("{}/{key}", self.address))
    }
}
