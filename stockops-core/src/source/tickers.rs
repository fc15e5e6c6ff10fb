//! `read_tickers`: a list of tickers from a file, each with the file of its bars where it names one.

use std::path::{Path, PathBuf};

use super::encoding::decode;
use super::origin::Origin;
use super::text::line_of;
use crate::error::{Error, Result};
use crate::market::Ticker;

/// What the column of tickers is called in a file with a header.
const TICKER: [&str; 2] = ["ticker", "symbol"];

/// What the column of files is called in a file with a header.
const BARS: [&str; 3] = ["bars", "file", "path"];

/// A ticker of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTicker {
    /// Whose name it is.
    pub ticker: Ticker,
    /// The file of its bars, where the list names one. A relative path begins at the folder of the list.
    pub bars: Option<PathBuf>,
}

/// The tickers that a file lists, in its order.
///
/// There is one ticker a line. Empty lines and what follows a `#` are left out. The file may also be a CSV: its first column has the
/// tickers and its second column, which may be missing or empty, files of bars. Where the first line is a header (`ticker` or
/// `symbol`, in any case) the columns are found by their names, the files under `bars`, `file` or `path`.
///
/// # Errors
///
/// [`Error::File`] for a file that cannot be read or lists nothing, and for the first line that is no ticker or repeats one.
///
/// # Example
///
/// ```
/// use stockops_core::source::read_tickers;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("tickers.csv");
/// std::fs::write(&path, "ticker,bars\nGOOG,goog.csv\n# the index\n^GSPC,\n").unwrap();
/// let listed = read_tickers(&path)?;
/// assert_eq!(listed[0].bars, Some(folder.path().join("goog.csv")));
/// assert_eq!((listed[1].ticker.as_str(), &listed[1].bars), ("^GSPC", &None));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn read_tickers(path: &Path) -> Result<Vec<ListedTicker>> {
    let origin = Origin { path, is_text: true };
    let read = std::fs::read(path).map_err(Error::unread(path))?;
    listed(origin, &decode(origin, read)?)
}

fn listed(origin: Origin<'_>, text: &str) -> Result<Vec<ListedTicker>> {
    let mut reader = ::csv::ReaderBuilder::new();
    reader.has_headers(false).trim(::csv::Trim::All).flexible(true).comment(Some(b'#'));
    let (mut tickers, mut places) = (Vec::new(), (0, Some(1)));
    let mut seen = std::collections::HashSet::new();
    for (row, record) in reader.from_reader(text.as_bytes()).records().enumerate() {
        let record = record.map_err(|error| origin.file(error.to_string()))?;
        if let (0, Some(header)) = (row, header(&record)) {
            places = header;
            continue;
        }
        // What follows a mark on the line of a ticker is a comment too.
        let end = record.iter().position(|cell| cell.contains('#')).unwrap_or(usize::MAX);
        let whole = |place: usize| record.get(place).filter(|_| place <= end);
        let cell = |place: usize| whole(place).and_then(|cell| cell.split('#').next()).unwrap_or_default().trim();
        if cell(places.0).is_empty() && record.iter().all(|cell| cell.is_empty() || cell.starts_with('#')) {
            continue;
        }
        let line = line_of(text, &record);
        let ticker = Ticker::new(cell(places.0)).map_err(|error| origin.error(line, error.to_string()))?;
        if !seen.insert(ticker.clone()) {
            return Err(origin.error(line, format!("{ticker} is listed twice; take one of the lines out")));
        }
        let file = places.1.map(&cell).filter(|file| !file.is_empty());
        tickers.push(ListedTicker { ticker, bars: file.map(|file| beside(origin.path, file)) });
    }
    if tickers.is_empty() {
        return Err(origin.file("it lists no ticker; write one a line".to_owned()));
    }
    Ok(tickers)
}

/// The places of tickers and of files, where `record` is a header.
fn header(record: &::csv::StringRecord) -> Option<(usize, Option<usize>)> {
    let place = |names: &[&str]| record.iter().position(|name| names.contains(&name.to_lowercase().as_str()));
    Some((place(&TICKER)?, place(&BARS)))
}

/// `file` in the folder of `list`; an absolute one is where it is.
fn beside(list: &Path, file: &str) -> PathBuf {
    list.parent().map_or_else(|| file.into(), |folder| folder.join(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<ListedTicker>> {
        listed(Origin { path: Path::new("lists/mine.csv"), is_text: true }, text)
    }

    fn words(text: &str) -> Vec<(String, String)> {
        let file = |one: &ListedTicker| one.bars.as_ref().map_or(String::new(), |file| file.display().to_string());
        read(text).unwrap().iter().map(|one| (one.ticker.to_string(), file(one))).collect()
    }

    fn pairs(words: &[[&str; 2]]) -> Vec<(String, String)> {
        words.iter().map(|[ticker, file]| ((*ticker).to_owned(), (*file).to_owned())).collect()
    }

    #[test]
    fn a_list_is_one_ticker_a_line_with_comments_and_empty_lines() {
        let text = "# ours\ngoog\n\n  AMZN   # a shop\r\n^GSPC\n";
        assert_eq!(words(text), pairs(&[["GOOG", ""], ["AMZN", ""], ["^GSPC", ""]]));
    }

    #[test]
    fn a_second_column_has_files_beside_the_list_and_a_header_may_order_the_columns() {
        let plain = "GOOG,goog.csv\nAMZN\nIBM,\n";
        assert_eq!(words(plain), pairs(&[["GOOG", "lists/goog.csv"], ["AMZN", ""], ["IBM", ""]]));
        let named = "Name,Bars,Symbol\nAlphabet,/data/goog.csv,GOOG\n";
        assert_eq!(words(named), pairs(&[["GOOG", "/data/goog.csv"]]));
        let without_files = "ticker,sector\nGOOG,tech\n";
        assert_eq!(words(without_files), pairs(&[["GOOG", ""]]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let text = |list: &str| read(list).unwrap_err().to_string();
        assert_eq!(text(""), "lists/mine.csv: it lists no ticker; write one a line");
        assert_eq!(
            text("GOOG\n\n../x\n"),
            "lists/mine.csv, line 3: `../x` is not a ticker: only letters, digits and ^ . - = _ & are allowed"
        );
        assert_eq!(
            text("GOOG\nAMZN\ngoog\n"),
            "lists/mine.csv, line 3: GOOG is listed twice; take one of the lines out"
        );
    }
}
