//! `Table`: rows of all tickers as Parquet files in a folder of a storage.

use std::collections::BTreeSet;

use super::history::{History, Rows};
use super::layout::{Bucket, Layout};
use super::parquet::{read, read_object, write};
use crate::error::Result;
use crate::files::sha256_hex;
use crate::market::Ticker;
use crate::storage::{Key, Storage};

/// Files of a bucket from which on they are bound together.
const FILES: usize = 8;
/// Ends the name of every file.
const ENDING: &str = ".parquet";

/// Rows of all tickers as Parquet files in one folder.
///
/// ```text
/// GOOG.parquet                      one ticker, replaced as a whole
/// 3f-09ab12cd5f70bf18.parquet       some rows of a bucket, named by its content and never changed
/// ```
///
/// What counts of a bucket is all that its files hold together, and the same row may stand in two of them. So a file is added,
/// or several are bound together and then removed, without a moment in which rows are missing.
pub(super) struct Table<'a> {
    storage: &'a dyn Storage,
    folder: Key,
    /// The columns after those of ticker and times.
    names: Vec<String>,
    layout: Layout,
}

impl<'a> Table<'a> {
    pub(super) fn new(storage: &'a dyn Storage, folder: Key, names: Vec<String>, layout: Layout) -> Self {
        Self { storage, folder, names, layout }
    }

    /// All versions of the rows of `tickers`, which are of one bucket; a ticker without rows is left out.
    pub(super) fn of(&self, bucket: Bucket, tickers: &BTreeSet<Ticker>) -> Result<Rows> {
        match self.layout {
            Layout::Tickers => self.files_of(tickers.iter().cloned()),
            Layout::Buckets => self.of_bucket(bucket, Some(tickers)),
        }
    }

    /// All rows of a bucket.
    pub(super) fn all_of(&self, bucket: Bucket) -> Result<Rows> {
        match self.layout {
            Layout::Tickers => {
                let names = self.storage.list(&self.folder)?;
                self.files_of(
                    names.iter().filter_map(|name| ticker_of(name)).filter(|ticker| Bucket::of(ticker) == bucket),
                )
            }
            Layout::Buckets => self.of_bucket(bucket, None),
        }
    }

    /// Add `new` rows of tickers of one bucket, of which `kept` are there. Nobody else may write to that bucket meanwhile.
    pub(super) fn add(&self, bucket: Bucket, kept: &Rows, new: &Rows) -> Result<()> {
        match self.layout {
            Layout::Tickers => new.iter().try_for_each(|(ticker, rows)| self.replace(ticker, kept.get(ticker), rows)),
            Layout::Buckets => {
                self.create(bucket, new)?;
                if self.names_of(bucket)?.len() > FILES { self.bind(bucket) } else { Ok(()) }
            }
        }
    }

    /// Remove the files of a bucket.
    pub(super) fn remove(&self, bucket: Bucket) -> Result<()> {
        self.names_of(bucket)?.iter().try_for_each(|name| self.storage.remove(&self.folder.join(name)?))
    }

    /// Bind the files of a bucket into one.
    fn bind(&self, bucket: Bucket) -> Result<()> {
        let old = self.names_of(bucket)?;
        let bound = self.create(bucket, &self.of_bucket(bucket, None)?)?;
        for name in old.iter().filter(|name| Some(*name) != bound.as_ref()) {
            self.storage.remove(&self.folder.join(name)?)?;
        }
        Ok(())
    }

    /// Write a file of a bucket, and return its name; `None` where there is no row.
    fn create(&self, bucket: Bucket, rows: &Rows) -> Result<Option<String>> {
        if rows.values().all(History::is_empty) {
            return Ok(None);
        }
        let bytes = write(&self.storage.place(&self.folder), &self.names, rows)?;
        let name = format!("{bucket}-{}{ENDING}", &sha256_hex(&bytes)[..16]);
        // Where it is there already its content is the same.
        self.storage.create(&self.folder.join(&name)?, &bytes)?;
        Ok(Some(name))
    }

    fn replace(&self, ticker: &Ticker, kept: Option<&History>, new: &History) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let mut all = kept.cloned().unwrap_or_else(|| History::of_width(self.names.len()));
        all.extend(new);
        let key = self.file_of(ticker)?;
        let bytes = write(&self.storage.place(&key), &self.names, &Rows::from([(ticker.clone(), all.in_order())]))?;
        self.storage.put(&key, &bytes)
    }

    fn files_of(&self, tickers: impl Iterator<Item = Ticker>) -> Result<Rows> {
        let mut rows = Rows::new();
        for ticker in tickers {
            let key = self.file_of(&ticker)?;
            if let Some(bytes) = self.storage.get(&key)? {
                rows.append(&mut read(&self.storage.place(&key), &self.names, bytes, None)?);
            }
        }
        Ok(in_order(rows))
    }

    fn of_bucket(&self, bucket: Bucket, wanted: Option<&BTreeSet<Ticker>>) -> Result<Rows> {
        // Where files are bound while they are read, some are gone: then it is looked again.
        loop {
            if let Some(rows) = self.try_bucket(bucket, wanted)? {
                return Ok(in_order(rows));
            }
        }
    }

    fn try_bucket(&self, bucket: Bucket, wanted: Option<&BTreeSet<Ticker>>) -> Result<Option<Rows>> {
        let mut rows = Rows::new();
        for name in self.names_of(bucket)? {
            let key = self.folder.join(name)?;
            let found = match wanted {
                Some(wanted) => read_object(self.storage, &key, &self.names, wanted)?,
                None => {
                    let bytes = self.storage.get(&key)?;
                    bytes.map(|bytes| read(&self.storage.place(&key), &self.names, bytes, None)).transpose()?
                }
            };
            let Some(found) = found else { return Ok(None) };
            for (ticker, history) in found {
                rows.entry(ticker).or_insert_with(|| History::of_width(self.names.len())).extend(&history);
            }
        }
        Ok(Some(rows))
    }

    /// Whether no file of this layout is there.
    pub(super) fn is_empty(&self) -> Result<bool> {
        let names = self.storage.list(&self.folder)?;
        Ok(!names.iter().any(|name| match self.layout {
            Layout::Tickers => ticker_of(name).is_some(),
            Layout::Buckets => is_part(name),
        }))
    }

    /// Names of the files of a bucket: of its tickers, or its parts.
    fn names_of(&self, bucket: Bucket) -> Result<Vec<String>> {
        let mut names = self.storage.list(&self.folder)?;
        names.retain(|name| match self.layout {
            Layout::Tickers => ticker_of(name).is_some_and(|ticker| Bucket::of(&ticker) == bucket),
            Layout::Buckets => is_part(name) && name.starts_with(&bucket.to_string()),
        });
        Ok(names)
    }

    fn file_of(&self, ticker: &Ticker) -> Result<Key> {
        self.folder.join(format_args!("{ticker}{ENDING}"))
    }
}

fn in_order(rows: Rows) -> Rows {
    rows.into_iter().map(|(ticker, history)| (ticker, history.in_order())).collect()
}

/// The ticker whose file that is; a part of a bucket is none, since tickers are upper case and its hash is not.
fn ticker_of(name: &str) -> Option<Ticker> {
    let word = name.strip_suffix(ENDING).filter(|_| !is_part(name))?;
    Ticker::new(word).ok().filter(|ticker| ticker.as_str() == word)
}

/// Whether it is the name of a part of a bucket: two digits, a line and sixteen digits, in hexadecimal.
fn is_part(name: &str) -> bool {
    let is_hex = |word: &str, length| {
        word.len() == length && word.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
    };
    let parts = name.strip_suffix(ENDING).and_then(|word| word.split_once('-'));
    parts.is_some_and(|(bucket, hash)| is_hex(bucket, 2) && is_hex(hash, 16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    fn ticker(word: &str) -> Ticker {
        Ticker::new(word).unwrap()
    }

    fn rows(word: &str, events: std::ops::Range<i64>, created: i64) -> Rows {
        let mut history = History::of_width(1);
        events.for_each(|event| history.push(event, created, [event as f64 + created as f64 / 10.0]));
        Rows::from([(ticker(word), history)])
    }

    fn table(storage: &MemoryStorage, layout: Layout) -> Table<'_> {
        Table::new(storage, Key::new("rows").unwrap(), vec!["Close".into()], layout)
    }

    #[test]
    fn rows_are_added_in_both_layouts_and_files_of_a_bucket_are_bound() {
        for layout in [Layout::Tickers, Layout::Buckets] {
            let storage = MemoryStorage::new();
            let table = table(&storage, layout);
            let (goog, wanted) = (ticker("GOOG"), BTreeSet::from([ticker("GOOG")]));
            let bucket = Bucket::of(&goog);
            for day in 0..20 {
                let kept = table.of(bucket, &wanted).unwrap();
                assert_eq!(kept.get(&goog).map_or(0, History::len), day, "{layout}");
                table.add(bucket, &kept, &rows("GOOG", day as i64..day as i64 + 1, 99)).unwrap();
            }
            assert_eq!(table.all_of(bucket).unwrap()[&goog].events, (0..20).collect::<Vec<i64>>());
            let files = storage.list(&Key::new("rows").unwrap()).unwrap();
            assert!((1..=FILES).contains(&files.len()), "{files:?}");
            assert_eq!(files == ["GOOG.parquet"], layout == Layout::Tickers);
            table.remove(bucket).unwrap();
            assert!(table.all_of(bucket).unwrap().is_empty());
        }
    }

    /// A process is killed after it bound files and before it removed them.
    #[test]
    fn rows_that_stand_in_two_files_are_read_once() {
        let storage = MemoryStorage::new();
        let table = table(&storage, Layout::Buckets);
        let bucket = Bucket::of(&ticker("GOOG"));
        table.create(bucket, &rows("GOOG", 0..5, 1)).unwrap();
        table.create(bucket, &rows("GOOG", 3..9, 1)).unwrap();
        assert_eq!(table.all_of(bucket).unwrap()[&ticker("GOOG")].events, (0..9).collect::<Vec<i64>>());
        table.bind(bucket).unwrap();
        assert_eq!(table.names_of(bucket).unwrap().len(), 1);
        table.bind(bucket).unwrap();
        assert_eq!(table.names_of(bucket).unwrap().len(), 1, "binding one file leaves it");
    }

    #[test]
    fn names_tell_files_of_tickers_from_parts_of_buckets() {
        assert_eq!(ticker_of("^GSPC.parquet"), Some(ticker("^GSPC")));
        assert!(is_part("3f-09ab12cd5f70bf18.parquet") && ticker_of("3f-09ab12cd5f70bf18.parquet").is_none());
        for name in ["goog.parquet", "GOOG.parquet.bak", "GOOG", "3F-09AB12CD5F70BF18.parquet"] {
            assert!(ticker_of(name).is_none() && !is_part(name), "{name}");
        }
    }
}
