//! `Shelf`: the bars of the server. Files that somebody sent come first, then the source; what was read stays in memory.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stockops_core::error::Trouble;
use stockops_core::source::bytes_bars;
use stockops_core::storage::{Key, Storage, json};
use stockops_core::{BarSource, Error, ReadOptions, Result, Sourced, Ticker};

use crate::hex::hex;

/// Series that stay in memory; a long one takes half a MiB.
const SERIES: usize = 128;
/// The most bytes that a file holds once it is unpacked: a century of days is 3 MiB.
const MAX_BYTES: u64 = 64 << 20;
/// Most tickers that files are kept of: nobody can fill the disk with names.
const MOST_FILES: usize = 10_000;
/// How long it is believed that a source has no bars of a ticker, so that a wrong name does not ask it again and again.
const ABSENT: Duration = Duration::from_secs(60);
/// How long it is believed that a source does not answer, so that those who wait do not each wait for it in turn.
const AWAY: Duration = Duration::from_secs(5);
/// Locks that tickers share while a source is asked.
const ASKING: usize = 64;

/// A file that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// What its sender calls it, without folders.
    pub name: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its length.
    pub bytes: usize,
    /// How it is to be read; in notes of before there is none, and the server's own way holds.
    #[serde(default)]
    pub read: Option<ReadOptions>,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// What is in memory of a ticker, and of which state of the world it is.
#[derive(Clone)]
struct Read {
    sourced: Arc<Sourced>,
    /// The file that it was read from, by its hash; none for the source.
    upload: Option<String>,
    at: Instant,
}

/// Bars by ticker: from the file that was sent for it, or else from a source.
///
/// ```text
/// bars/<TICKER>/upload.json     which file holds
/// bars/<TICKER>/<SHA256>        its bytes, as they came
/// ```
///
/// Clones share all of it. Other servers on the same storage see a new file at once.
#[derive(Clone)]
pub struct Shelf {
    storage: Arc<dyn Storage>,
    rest: Arc<dyn BarSource>,
    read: ReadOptions,
    fresh: Duration,
    memory: Arc<Cache<Ticker, Read>>,
    /// Tickers that the source has no bars of, what it said, and when.
    absent: Arc<Cache<Ticker, (Absent, Instant)>>,
    /// However many want the bars of a ticker, one asks the source.
    asking: Arc<[Mutex<()>; ASKING]>,
}

/// Why a source has no bars.
#[derive(Debug, Clone)]
enum Absent {
    /// What [`Error::NotFound`] says.
    NotFound { kind: &'static str, name: String, hint: String },
    /// What [`Error::Network`] says.
    Away { source_name: String, trouble: Trouble },
}

impl Absent {
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::NotFound { kind, name, hint } => {
                Some(Self::NotFound { kind, name: name.clone(), hint: hint.clone() })
            }
            Error::Network { source_name, trouble } => {
                Some(Self::Away { source_name: source_name.clone(), trouble: trouble.clone() })
            }
            _ => None,
        }
    }

    /// How long it is believed.
    fn believed(&self) -> Duration {
        match self {
            Self::NotFound { .. } => ABSENT,
            Self::Away { .. } => AWAY,
        }
    }
}

impl From<Absent> for Error {
    fn from(absent: Absent) -> Self {
        match absent {
            Absent::NotFound { kind, name, hint } => Self::NotFound { kind, name, hint },
            Absent::Away { source_name, trouble } => Self::Network { source_name, trouble },
        }
    }
}

impl Shelf {
    /// Files on `storage` before `rest`; a file is read by `options` where its sender says nothing else. What the source said is believed for `fresh`.
    pub fn new(storage: Arc<dyn Storage>, rest: Arc<dyn BarSource>, options: ReadOptions, fresh: Duration) -> Self {
        let read = ReadOptions { max_bytes: Some(MAX_BYTES), ..options };
        let (memory, absent) = (Arc::new(Cache::new(SERIES)), Arc::new(Cache::new(SERIES)));
        let asking = Arc::new(std::array::from_fn(|_| Mutex::default()));
        Self { storage, rest, read, fresh, memory, absent, asking }
    }

    /// How files are read whose sender says nothing else.
    pub fn options(&self) -> &ReadOptions {
        &self.read
    }

    /// Keep `bytes` as the bars of `ticker` from now on, to be read by `options`. They are read first, so that a file that cannot be used changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where files of 10,000 other tickers are kept already; [`Error::File`] with `name` in the place of a path, as of [`read_bars`](stockops_core::read_bars); those of the storage.
    pub fn take(
        &self,
        ticker: &Ticker,
        name: &str,
        bytes: Vec<u8>,
        options: &ReadOptions,
        at: DateTime<Utc>,
    ) -> Result<Sourced> {
        let name = plain_name(name);
        let sha256 = hex(&Sha256::digest(&bytes));
        let read = ReadOptions { max_bytes: Some(MAX_BYTES), ..*options };
        let upload = Upload { name, sha256, bytes: bytes.len(), read: Some(read), at };
        let sourced = bytes_bars(&upload.name, bytes.clone(), ticker, &read)?;
        let folder = folder(ticker)?;
        if self.upload(ticker)?.is_none() {
            self.check_room()?;
        }
        // Of two who send at once, the second hears so: else one could remove the file of the other.
        let busy = || Error::Busy { what: format!("the file of {ticker}"), path: self.storage.place(&folder) };
        let _alone = self.storage.lock(&folder.join("sending.lock")?)?.ok_or_else(busy)?;
        let before = self.upload(ticker)?;
        self.storage.put(&folder.join(&upload.sha256)?, &bytes)?;
        let note = folder.join(UPLOAD)?;
        self.storage.put(&note, &json::write(&self.storage.place(&note), &upload)?)?;
        if let Some(old) = before.filter(|old| old.sha256 != upload.sha256) {
            self.storage.remove(&folder.join(&old.sha256)?)?;
        }
        self.memory.remove(ticker);
        Ok(sourced)
    }

    /// [`Error::Config`] where no further ticker may have a file.
    fn check_room(&self) -> Result<()> {
        let all = Key::new("bars")?;
        let names = self.storage.list(&all)?;
        if names.len() < MOST_FILES {
            return Ok(());
        }
        // Folders of sources, and those whose file was forgotten, do not count.
        let mut kept = 0;
        for name in &names {
            kept += usize::from(self.storage.size(&all.join(name)?.join(UPLOAD)?)?.is_some());
        }
        let got = || format!("one more than {kept}; forget files that nobody needs");
        match kept < MOST_FILES {
            true => Ok(()),
            false => Err(Error::Config { field: "files", rule: "of 10,000 tickers at most", got: got() }),
        }
    }

    /// Forget the file of `ticker`, so that the source holds again; whether there was one.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn forget(&self, ticker: &Ticker) -> Result<bool> {
        let Some(old) = self.upload(ticker)? else { return Ok(false) };
        let folder = folder(ticker)?;
        self.storage.remove(&folder.join(UPLOAD)?)?;
        self.storage.remove(&folder.join(&old.sha256)?)?;
        self.memory.remove(ticker);
        Ok(true)
    }

    /// The file that holds for `ticker`; none where the source does.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    pub fn upload(&self, ticker: &Ticker) -> Result<Option<Upload>> {
        let key = folder(ticker)?.join(UPLOAD)?;
        let Some(json) = self.storage.get(&key)? else { return Ok(None) };
        json::read(&self.storage.place(&key), &json).map(Some)
    }

    /// The bars, and nothing is copied.
    ///
    /// # Errors
    ///
    /// Those of the source and of the storage.
    pub fn shared(&self, ticker: &Ticker) -> Result<Arc<Sourced>> {
        let upload = self.upload(ticker)?;
        let sha256 = upload.as_ref().map(|upload| upload.sha256.clone());
        let is_fresh = |read: &Read| read.upload == sha256 && (sha256.is_some() || read.at.elapsed() < self.fresh);
        if let Some(read) = self.memory.get(ticker).filter(is_fresh) {
            return Ok(read.sourced);
        }
        let alone = self.alone(ticker);
        if let Some(read) = self.memory.get(ticker).filter(is_fresh) {
            return Ok(read.sourced);
        }
        let sourced = Arc::new(match &upload {
            Some(upload) => match self.read_upload(ticker, upload) {
                // Another one has come since the note was read.
                Err(_) if self.upload(ticker)?.map(|newer| newer.sha256) != sha256 => {
                    drop(alone);
                    return self.shared(ticker);
                }
                read => read?,
            },
            None => self.asked_of_source(ticker)?,
        });
        let read = Read { sourced: Arc::clone(&sourced), upload: sha256, at: Instant::now() };
        self.memory.insert(ticker.clone(), read);
        Ok(sourced)
    }

    /// The right to read the bars of `ticker`, which has one holder.
    fn alone(&self, ticker: &Ticker) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        ticker.hash(&mut hasher);
        let place = hasher.finish() as usize % ASKING;
        self.asking[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked_of_source(&self, ticker: &Ticker) -> Result<Sourced> {
        if let Some((absent, _)) =
            self.absent.get(ticker).filter(|(absent, at)| at.elapsed() < absent.believed().min(self.fresh))
        {
            return Err(absent.into());
        }
        let asked = self.rest.bars(ticker);
        if let Some(absent) = asked.as_ref().err().and_then(Absent::of) {
            self.absent.insert(ticker.clone(), (absent, Instant::now()));
        }
        asked
    }

    /// The bars that were read last and are still in memory; nothing is read and no source is asked.
    pub fn known(&self, ticker: &Ticker) -> Option<Arc<Sourced>> {
        self.memory.get(ticker).map(|read| read.sourced)
    }

    fn read_upload(&self, ticker: &Ticker, upload: &Upload) -> Result<Sourced> {
        let key = folder(ticker)?.join(&upload.sha256)?;
        let lost = || wrong(self.storage.place(&key), "the file that was sent is gone; send it again".into());
        bytes_bars(&upload.name, self.storage.get(&key)?.ok_or_else(lost)?, ticker, &upload.read.unwrap_or(self.read))
    }
}

/// Name of the note beside the bytes.
const UPLOAD: &str = "upload.json";

fn wrong(path: PathBuf, problem: String) -> Error {
    Error::File { path, line: None, problem }
}

fn folder(ticker: &Ticker) -> Result<Key> {
    Key::new("bars")?.join(ticker)
}

/// The last part of what a sender calls a file, in plain letters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| c.is_alphanumeric() || " .-_^=".contains(*c)).take(80).collect();
    if plain.trim_matches([' ', '.']).is_empty() { "bars".into() } else { plain }
}

impl BarSource for Shelf {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        self.shared(ticker).map(|sourced| (*sourced).clone())
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("storage", &self.storage).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use stockops_core::source::BuiltinSource;
    use stockops_core::storage::MemoryStorage;

    const CSV: &[u8] =
        b"Date,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10.5,1000\n2024-05-02,10,11,9,10.25,1000\n";

    fn shelf(storage: &Arc<dyn Storage>) -> Shelf {
        Shelf::new(Arc::clone(storage), Arc::new(BuiltinSource), ReadOptions::default(), Duration::from_secs(60))
    }

    fn amzn() -> Ticker {
        Ticker::new("AMZN").unwrap()
    }

    #[test]
    fn a_file_comes_before_the_source_and_another_server_sees_it() {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let (here, there) = (shelf(&storage), shelf(&storage));
        assert!(here.bars(&amzn()).unwrap().bars.len() > 1000 && there.bars(&amzn()).unwrap().bars.len() > 1000);
        assert!(here.known(&amzn()).is_some() && shelf(&storage).known(&amzn()).is_none());
        let sent = here.take(&amzn(), "../../etc/bars.csv", CSV.to_vec(), &ReadOptions::default(), Utc::now()).unwrap();
        assert_eq!(sent.bars.closes(), [10.5, 10.25]);
        assert_eq!(here.bars(&amzn()).unwrap().bars, sent.bars);
        assert_eq!(there.bars(&amzn()).unwrap().bars, sent.bars);
        assert_eq!(here.upload(&amzn()).unwrap().unwrap().name, "bars.csv");
    }

    #[test]
    fn a_file_that_cannot_be_used_changes_nothing() {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let shelf = shelf(&storage);
        let error = shelf
            .take(&amzn(), "a.csv", b"Date,Open\n1,2\n".to_vec(), &ReadOptions::default(), Utc::now())
            .unwrap_err();
        assert!(error.to_string().starts_with("a.csv"), "{error}");
        assert_eq!(shelf.upload(&amzn()).unwrap(), None);
        assert!(shelf.bars(&amzn()).unwrap().bars.len() > 1000);
    }

    #[test]
    fn a_second_file_takes_the_place_of_the_first() {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let shelf = shelf(&storage);
        shelf.take(&amzn(), "a.csv", CSV.to_vec(), &ReadOptions::default(), Utc::now()).unwrap();
        let newer = [CSV, b"2024-05-03,10,11,9,10.75,1000\n"].concat();
        shelf.take(&amzn(), "b.csv", newer, &ReadOptions::default(), Utc::now()).unwrap();
        assert_eq!(shelf.bars(&amzn()).unwrap().bars.closes(), [10.5, 10.25, 10.75]);
        // The note and one file.
        assert_eq!(storage.list(&folder(&amzn()).unwrap()).unwrap().len(), 2);
        assert!(shelf.forget(&amzn()).unwrap() && !shelf.forget(&amzn()).unwrap());
        assert!(shelf.bars(&amzn()).unwrap().bars.len() > 1000);
    }

    /// Counts how often it is asked.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl BarSource for Counting {
        fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
            self.0.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
            BuiltinSource.bars(ticker)
        }
    }

    #[test]
    fn however_many_want_bars_the_source_is_asked_once() {
        let counting = Arc::new(Counting::default());
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let rest = Arc::clone(&counting) as Arc<dyn BarSource>;
        let shelf = Shelf::new(storage, rest, ReadOptions::default(), Duration::from_secs(60));
        let asked = |ticker: &str| {
            std::thread::scope(|scope| {
                (0..8).for_each(|_| drop(scope.spawn(|| shelf.shared(&ticker.parse().unwrap()))));
            });
            counting.0.swap(0, Ordering::Relaxed)
        };
        assert_eq!(asked("AMZN"), 1);
        assert_eq!(asked("NOSUCH"), 1, "that there is nothing is remembered too");
        let text = shelf.shared(&"NOSUCH".parse().unwrap()).unwrap_err().to_string();
        assert_eq!(text, BuiltinSource.bars(&"NOSUCH".parse().unwrap()).unwrap_err().to_string());
        shelf.take(&"NOSUCH".parse().unwrap(), "a.csv", CSV.to_vec(), &ReadOptions::default(), Utc::now()).unwrap();
        assert_eq!(
            shelf.shared(&"NOSUCH".parse().unwrap()).unwrap().bars.len(),
            2,
            "a file that is sent holds at once"
        );
    }

    #[test]
    fn a_file_is_read_again_as_its_sender_said() {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let bad = [CSV, b"2024-05-03,10,1,9,10.75,1000\n"].concat();
        let refused = shelf(&storage).take(&amzn(), "a.csv", bad.clone(), &ReadOptions::default(), Utc::now());
        assert!(refused.is_err(), "high under low");
        let drop_bad_rows = ReadOptions { drop_bad_rows: true, ..ReadOptions::default() };
        shelf(&storage).take(&amzn(), "a.csv", bad, &drop_bad_rows, Utc::now()).unwrap();
        assert_eq!(
            shelf(&storage).bars(&amzn()).unwrap().bars.len(),
            2,
            "by a server that knows it from its note alone"
        );
    }
}
