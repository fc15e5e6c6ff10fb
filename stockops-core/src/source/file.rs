//! `FileSource`: bars from files, one for each ticker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{BarSource, ReadOptions, Sourced, read_bars};
use crate::error::{Error, Result};
use crate::market::Ticker;

/// How files of bars end whose names in a [folder](FileSource::in_folder) are tickers.
const KINDS: [&str; 4] = [".csv", ".csv.gz", ".parquet", ".zip"];

/// Files of bars by ticker; each is read when it is asked for, with [`read_bars`].
///
/// # Example
///
/// ```
/// use stockops_core::{Ticker, source::{FileSource, ReadOptions}};
///
/// let amzn = Ticker::new("AMZN")?;
/// let words = ["^GSPC=index.csv.gz", "EURUSD=X=fx.parquet"];
/// let source = FileSource::parse(&words, Some(&amzn), ReadOptions::default())?;
/// let tickers: Vec<_> = source.tickers().map(Ticker::as_str).collect();
/// assert_eq!(tickers, ["EURUSD=X", "^GSPC"]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FileSource {
    files: BTreeMap<Ticker, PathBuf>,
    options: ReadOptions,
}

impl FileSource {
    /// No files yet; they will be read by `options`.
    pub fn new(options: ReadOptions) -> Self {
        Self { files: BTreeMap::new(), options }
    }

    /// Add the file of `ticker`, in place of the one it had.
    pub fn with(mut self, ticker: Ticker, path: impl Into<PathBuf>) -> Self {
        self.files.insert(ticker, path.into());
        self
    }

    /// Read words as on the command line: `FILE` is for `main`, `TICKER=FILE` names its ticker.
    ///
    /// A path that exists is a file for `main`; any other word is split at the last `=` whose left side is a ticker.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for a word that is neither; [`Error::Config`] for a file without a ticker where `main` is `None`, and
    /// for a second file of a ticker.
    pub fn parse<S: AsRef<str>>(words: &[S], main: Option<&Ticker>, options: ReadOptions) -> Result<Self> {
        let mut source = Self::new(options);
        for word in words.iter().map(AsRef::as_ref) {
            let (ticker, path) = split(word, main)?;
            if source.path(&ticker).is_some() {
                let got = format!("{word}, a second one of {ticker}");
                return Err(Error::Config {
                    field: "bars",
                    rule: "one file a ticker (TICKER=FILE names another)",
                    got,
                });
            }
            source = source.with(ticker, path);
        }
        Ok(source)
    }

    /// The files of a folder that are named as a ticker is: `GOOG.csv`, `^GSPC.csv.gz`, `IBM.parquet` or `IBM.zip`. All others are
    /// passed over.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where there is no such folder; [`Error::Config`] for two files of one ticker.
    pub fn in_folder(folder: &Path, options: ReadOptions) -> Result<Self> {
        let mut source = Self::new(options);
        for entry in std::fs::read_dir(folder).map_err(Error::unread(folder))? {
            let name = entry.map_err(Error::unread(folder))?.file_name().to_string_lossy().into_owned();
            let stem = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
            let Some(ticker) = stem.and_then(|stem| Ticker::new(stem).ok()) else { continue };
            if let Some(other) = source.path(&ticker) {
                let got = format!("{name} beside {}", other.display());
                return Err(Error::Config { field: "bars", rule: "one file a ticker in a folder", got });
            }
            source = source.with(ticker, folder.join(name));
        }
        Ok(source)
    }

    /// Add the files of `other`, in place of those that their tickers had.
    pub fn with_all(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        self
    }

    /// The tickers that have a file, in order.
    pub fn tickers(&self) -> impl Iterator<Item = &Ticker> {
        self.files.keys()
    }

    /// The file of `ticker`, if it has one.
    pub fn path(&self, ticker: &Ticker) -> Option<&Path> {
        self.files.get(ticker).map(PathBuf::as_path)
    }
}

fn split<'a>(word: &'a str, main: Option<&Ticker>) -> Result<(Ticker, &'a str)> {
    if Path::new(word).exists() {
        let rule = "TICKER=FILE where the command names no ticker";
        let missing = || Error::Config { field: "bars", rule, got: word.to_owned() };
        return Ok((main.cloned().ok_or_else(missing)?, word));
    }
    let pairs = word.rmatch_indices('=').map(|(at, _)| (&word[..at], &word[at + 1..]));
    let named =
        pairs.filter(|(_, file)| !file.is_empty()).find_map(|(left, file)| Some((Ticker::new(left).ok()?, file)));
    named.ok_or_else(|| Error::file(Path::new(word), "no such file, and not TICKER=FILE either; check the path"))
}

impl BarSource for FileSource {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        let missing =
            || Error::NotFound { kind: "file", name: ticker.to_string(), hint: format!("give {ticker}=FILE") };
        read_bars(self.path(ticker).ok_or_else(missing)?, ticker, &self.options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "Date,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10.5,1000\n";

    #[test]
    fn it_keeps_the_promises_of_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a=b.csv");
        std::fs::write(&path, CSV).unwrap();
        let goog = Ticker::new("GOOG").unwrap();
        let amzn = Ticker::new("AMZN").unwrap();
        let source = FileSource::parse(&[path.to_str().unwrap()], Some(&goog), ReadOptions::default()).unwrap();
        assert_eq!(source.path(&goog), Some(path.as_path()));
        crate::source::conformance(&source, &goog, &amzn);
        assert_eq!(source.bars(&amzn).unwrap_err().to_string(), "no file named AMZN; give AMZN=FILE");
    }

    #[test]
    fn a_second_file_of_a_ticker_is_refused() {
        let words = ["GOOG=a.csv", "AMZN=b.csv", "GOOG=c.csv"];
        let error = FileSource::parse(&words, None, ReadOptions::default()).unwrap_err().to_string();
        let rule = "one file a ticker (TICKER=FILE names another)";
        assert_eq!(error, format!("`bars` must be {rule}, got GOOG=c.csv, a second one of GOOG"));
    }

    #[test]
    fn a_folder_has_the_files_that_are_named_as_tickers() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["GOOG.csv", "^GSPC.csv.gz", "ibm.parquet", "notes.txt", "not a ticker.csv"] {
            std::fs::write(folder.path().join(name), CSV).unwrap();
        }
        let read = || FileSource::in_folder(folder.path(), ReadOptions::default());
        let source = read().unwrap();
        let tickers: Vec<_> = source.tickers().map(Ticker::as_str).collect();
        assert_eq!(tickers, ["GOOG", "IBM", "^GSPC"]);
        assert_eq!(source.bars(&Ticker::new("GOOG").unwrap()).unwrap().bars.len(), 1);
        std::fs::write(folder.path().join("GOOG.parquet"), CSV).unwrap();
        let text = read().unwrap_err().to_string();
        assert!(text.starts_with("`bars` must be one file a ticker in a folder, got GOOG."), "{text}");
        let missing = FileSource::in_folder(&folder.path().join("none"), ReadOptions::default()).unwrap_err();
        assert!(missing.to_string().ends_with("none: no such file; check the path"), "{missing}");
    }

    #[test]
    fn words_are_split_at_the_last_sign_behind_a_ticker() {
        for (word, ticker, file) in [
            ("^GSPC=index.csv.gz", "^GSPC", "index.csv.gz"),
            ("EURUSD=X=fx.csv", "EURUSD=X", "fx.csv"),
            ("goog=some/where/k=v.csv", "GOOG", "some/where/k=v.csv"),
        ] {
            let (got, path) = split(word, None).unwrap();
            assert_eq!((got.as_str(), path), (ticker, file));
        }
    }

    #[test]
    fn a_word_that_is_neither_is_refused() {
        let text = |word: &str| split(word, None).unwrap_err().to_string();
        let neither = "no such file, and not TICKER=FILE either; check the path";
        assert_eq!(text("nowhere.csv"), format!("nowhere.csv: {neither}"));
        assert_eq!(text("GOOG="), format!("GOOG=: {neither}"));
        assert_eq!(text("."), "`bars` must be TICKER=FILE where the command names no ticker, got .");
    }
}
