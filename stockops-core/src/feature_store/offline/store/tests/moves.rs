//! What readers and writers meet while a view is applied and while rows move to another layout.

use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::*;
use crate::feature_store::offline::update::Update;
use crate::storage::Lock;

/// What happens in the storage.
type Event = Box<dyn FnOnce(&MemoryStorage) + Send>;

/// A storage in which something happens just before a folder is listed for the first time.
struct Meanwhile {
    inner: MemoryStorage,
    folder: Key,
    event: Mutex<Option<Event>>,
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Storage for Meanwhile {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        self.inner.get(key)
    }

    fn list(&self, folder: &Key) -> Result<Vec<String>> {
        let event = if *folder == self.folder { self.event.lock().unwrap().take() } else { None };
        if let Some(event) = event {
            event(&self.inner);
        }
        self.inner.list(folder)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> Result<()> {
        self.inner.put(key, bytes)
    }

    fn create(&self, key: &Key, bytes: &[u8]) -> Result<bool> {
        self.inner.create(key, bytes)
    }

    fn remove(&self, key: &Key) -> Result<()> {
        self.inner.remove(key)
    }

    fn lock(&self, key: &Key) -> Result<Option<Lock>> {
        self.inner.lock(key)
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.inner.place(key)
    }
}

fn rows() -> Key {
    Key::new("features/rows/stock_stats").unwrap()
}

/// Twenty days of one ticker, then five more: a file of the ticker, or two of its bucket.
fn filled(layout: Layout) -> (MemoryStorage, OfflineStore) {
    let memory = MemoryStorage::new();
    let store = OfflineStore::on(memory.clone());
    store.apply(&FeatureView::default(), Some(layout), at(NOW)).unwrap();
    for days in [20, 25] {
        store.ingest_one(&bars(BTC, 0..days, |_| 50.0), at(NOW)).unwrap();
    }
    (memory, store)
}

/// Move all rows, and have the first of the old files of rows still there.
fn moved_with_a_file_left(memory: &MemoryStorage, layout: Layout) {
    let key = rows().join(&memory.list(&rows()).unwrap()[0]).unwrap();
    let bytes = memory.get(&key).unwrap().unwrap();
    OfflineStore::on(memory.clone()).apply(&FeatureView::default(), Some(layout), at(NOW)).unwrap();
    memory.put(&key, &bytes).unwrap();
}

#[test]
fn a_reader_gets_all_rows_while_their_old_files_are_removed() {
    let (memory, _) = filled(Layout::Buckets);
    let event: Event = Box::new(|memory| moved_with_a_file_left(memory, Layout::Tickers));
    let reader = OfflineStore::on(Meanwhile { inner: memory, folder: rows(), event: Mutex::new(Some(event)) });
    assert_eq!(reader.history("stock_stats", &ticker(BTC), None).unwrap().len(), 25);
}

#[test]
fn what_a_killed_move_left_is_removed_when_the_layout_is_named_again() {
    for (from, to) in [(Layout::Buckets, Layout::Tickers), (Layout::Tickers, Layout::Buckets)] {
        let (memory, store) = filled(from);
        moved_with_a_file_left(&memory, to);
        assert_eq!(memory.list(&rows()).unwrap().len(), 2);
        store.apply(&FeatureView::default(), Some(to), at(NOW)).unwrap();
        let names = memory.list(&rows()).unwrap();
        assert_eq!((names.len(), names[0] == "BTC-USD.parquet"), (1, to == Layout::Tickers), "{names:?}");
        assert_eq!(store.history("stock_stats", &ticker(BTC), None).unwrap().len(), 25);
    }
}

/// The ingestion has its lock since before the view was there, and writes the rows of the views that it knows.
#[test]
fn an_apply_has_the_bars_that_are_ingested_at_the_same_moment() {
    let memory = MemoryStorage::new();
    let store = OfflineStore::on(memory.clone());
    let before = store.apply(&FeatureView::default(), None, at(NOW)).unwrap();
    let second = FeatureView::new("stock_stats", 1, FeatureSet::default(), None).unwrap();
    store.apply(&second, None, at(NOW)).unwrap();
    let bucket = Bucket::of(&ticker(BTC));
    let lock = memory.lock(&Key::new(&format!("features/locks/{bucket}.lock")).unwrap()).unwrap().unwrap();
    thread::scope(|scope| {
        let refresh = scope.spawn(|| store.refresh(bucket, at(NOW)));
        // Where it does not wait for the lock it is done meanwhile.
        thread::sleep(Duration::from_millis(200));
        let given = Given::from([(ticker(BTC), rows_of(&bars(BTC, 0..20, |_| 50.0), &store.closes, at(NOW)))]);
        Update::plan(&store.tables(&before).unwrap(), bucket, &given, at(NOW)).unwrap().write().unwrap();
        drop(lock);
        refresh.join().unwrap().unwrap();
    });
    assert_eq!(store.history("stock_stats_v1", &ticker(BTC), None).unwrap().len(), 20);
}
