//! `DirectoryRecord`: JSON lines on disk, replaced whole, safe against crashes and other processes.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Decision, ForecastRecord, KeptForecast, Settle, shelf};
use crate::drift::DriftReport;
use crate::error::{Error, Result};
use crate::files::{create_folder, write_atomically};
use crate::market::Ticker;

/// A record in a directory, shared by all processes that open it.
///
/// ```text
/// <home>/record/GOOG/forecasts.jsonl    a forecast a line, with its outcomes
/// <home>/record/GOOG/decisions.jsonl    a decision a line
/// <home>/record/GOOG/record.lock        held for a moment by who changes something
/// <home>/drift/GOOG/latest.json         the latest drift report
/// <home>/drift/GOOG/history.jsonl       one a day
/// ```
///
/// A file is read, changed and replaced whole under the lock of its ticker. Reading takes no lock and writes nothing.
///
/// # Example
///
/// ```
/// use stockops_core::record::{DirectoryRecord, ForecastRecord};
///
/// let home = tempfile::tempdir().unwrap();
/// let record = DirectoryRecord::open(home.path());
/// assert!(record.latest_report(&"GOOG".parse()?)?.is_none());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRecord {
    home: PathBuf,
}

const FORECASTS: &str = "forecasts.jsonl";
const DECISIONS: &str = "decisions.jsonl";
const HISTORY: &str = "history.jsonl";

impl DirectoryRecord {
    /// The record under `home`, which need not exist: the first change makes it.
    pub fn open(home: impl AsRef<Path>) -> Self {
        Self { home: home.as_ref().to_path_buf() }
    }

    /// The folder of a ticker's drift reports.
    pub fn drift_folder(&self, ticker: &Ticker) -> PathBuf {
        self.home.join("drift").join(ticker.as_str())
    }

    fn folder(&self, ticker: &Ticker) -> PathBuf {
        self.home.join("record").join(ticker.as_str())
    }

    /// Wait until no other process changes what is kept of `ticker`. The file is never removed: two processes must lock
    /// one file, not one name.
    fn lock(&self, ticker: &Ticker) -> Result<File> {
        let folder = self.folder(ticker);
        create_folder(&folder)?;
        let path = folder.join("record.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(Error::storage("open", &path))?;
        file.lock().map_err(Error::storage("lock", &path))?;
        Ok(file)
    }

    /// Change the lines of a file; it is written where `edit` says that something changed.
    fn change<T, R>(&self, ticker: &Ticker, path: &Path, edit: impl FnOnce(&mut Vec<T>) -> (bool, R)) -> Result<R>
    where
        T: Serialize + DeserializeOwned,
    {
        let _lock = self.lock(ticker)?;
        let mut lines = read_lines(path)?;
        let (changed, result) = edit(&mut lines);
        if changed {
            let broken = |error: serde_json::Error| Error::file(path, format!("it could not be written: {error}"));
            let mut text = Vec::new();
            for line in &lines {
                serde_json::to_writer(&mut text, line).map_err(broken)?;
                text.push(b'\n');
            }
            write_atomically(path, &text)?;
        }
        Ok(result)
    }
}

impl ForecastRecord for DirectoryRecord {
    fn keep(&self, forecast: &KeptForecast) -> Result<bool> {
        let path = self.folder(&forecast.ticker).join(FORECASTS);
        self.change(&forecast.ticker, &path, |all| {
            let is_new = shelf::keep(all, forecast);
            (is_new, is_new)
        })
    }

    fn forecasts(&self, ticker: &Ticker) -> Result<Vec<KeptForecast>> {
        read_lines(&self.folder(ticker).join(FORECASTS))
    }

    fn settle(&self, ticker: &Ticker, settle: &mut Settle<'_>) -> Result<usize> {
        let path = self.folder(ticker).join(FORECASTS);
        if !path.exists() {
            return Ok(0);
        }
        self.change(ticker, &path, |all| {
            let changed = shelf::settle(all, settle);
            (changed > 0, changed)
        })
    }

    fn decide(&self, decision: &Decision) -> Result<()> {
        let path = self.folder(&decision.ticker).join(DECISIONS);
        self.change(&decision.ticker, &path, |all| (true, shelf::decide(all, decision)))
    }

    fn decisions(&self, ticker: &Ticker) -> Result<Vec<Decision>> {
        read_lines(&self.folder(ticker).join(DECISIONS))
    }

    fn keep_report(&self, report: &DriftReport) -> Result<()> {
        let folder = self.drift_folder(&report.ticker);
        create_folder(&folder)?;
        self.change(&report.ticker, &folder.join(HISTORY), |all| (true, shelf::keep_report(all, report)))?;
        let path = folder.join("latest.json");
        let json = serde_json::to_vec_pretty(report).map_err(|error| Error::file(&path, error.to_string()))?;
        write_atomically(&path, &json)
    }

    fn latest_report(&self, ticker: &Ticker) -> Result<Option<DriftReport>> {
        let path = self.drift_folder(ticker).join("latest.json");
        let Some(json) = read(&path)? else { return Ok(None) };
        serde_json::from_slice(&json).map(Some).map_err(|error| Error::file(&path, foreign(&error)))
    }

    fn reports(&self, ticker: &Ticker) -> Result<Vec<DriftReport>> {
        read_lines(&self.drift_folder(ticker).join(HISTORY))
    }
}

/// The content of a file; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::storage("read", path)(error)),
    }
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let bytes = read(path)?.unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let parse = |(number, line): (usize, &[u8])| {
        let broken = |error| Error::File { path: path.into(), line: Some(number + 1), problem: foreign(&error) };
        serde_json::from_slice(line).map_err(broken)
    };
    lines.map(parse).collect()
}

fn foreign(error: &serde_json::Error) -> String {
    format!("this was not written by stockops ({error}); remove it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::conformance;

    #[test]
    fn disk_keeps_every_promise() {
        let home = tempfile::tempdir().unwrap();
        conformance(&DirectoryRecord::open(home.path().join("not/yet")));
    }

    #[test]
    fn a_broken_line_is_named_and_nothing_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let record = DirectoryRecord::open(home.path());
        let ticker = Ticker::new("GOOG").unwrap();
        let folder = record.folder(&ticker);
        create_folder(&folder).unwrap();
        let path = folder.join(DECISIONS);
        fs::write(&path, "\n{\"half\": ").unwrap();
        let text = record.decisions(&ticker).unwrap_err().to_string();
        assert!(text.starts_with(&format!("{}, line 2: this was not written by stockops (", path.display())), "{text}");
        let day = chrono::NaiveDate::default();
        let decision = Decision::new(ticker, day, crate::record::Verdict::Keep, "");
        assert!(record.decide(&decision).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "\n{\"half\": ");
    }

    #[test]
    fn asking_makes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let record = DirectoryRecord::open(home.path());
        let ticker = Ticker::new("GOOG").unwrap();
        assert_eq!(record.settle(&ticker, &mut |_| None).unwrap(), 0);
        assert!(record.forecasts(&ticker).unwrap().is_empty() && record.reports(&ticker).unwrap().is_empty());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
