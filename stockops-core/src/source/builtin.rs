//! The bars that ship with the crate, for the demo, for tests and for a first look without a network.

use std::path::Path;

use super::{BarSource, ReadOptions, Sourced, read};
use crate::error::{Error, Result};
use crate::market::Ticker;

/// Ticker, name of the file in `data/`, and its bytes.
const SERIES: [(&str, &str, &[u8]); 5] = [
    ("^GSPC", "data/GSPC.csv.gz", include_bytes!("../../data/GSPC.csv.gz")),
    ("AMZN", "data/AMZN.csv.gz", include_bytes!("../../data/AMZN.csv.gz")),
    ("GOOGL", "data/GOOGL.csv.gz", include_bytes!("../../data/GOOGL.csv.gz")),
    ("IBM", "data/IBM.csv.gz", include_bytes!("../../data/IBM.csv.gz")),
    ("MSFT", "data/MSFT.csv.gz", include_bytes!("../../data/MSFT.csv.gz")),
];

/// Beside them, for training the parent alone: older days of two stocks, and a second index.
const POOL: [(&str, &str, &[u8]); 3] = [
    ("^IXIC", "data/pool/IXIC.csv.gz", include_bytes!("../../data/pool/IXIC.csv.gz")),
    ("MSFT", "data/pool/MSFT.csv.gz", include_bytes!("../../data/pool/MSFT.csv.gz")),
    ("GOOG", "data/pool/GOOG.csv.gz", include_bytes!("../../data/pool/GOOG.csv.gz")),
];

/// The series that the shipped parent was trained on, the index first: `^GSPC`, `^IXIC`, `IBM`, `MSFT` and `GOOG` up to
/// 2013, `AMZN`, `GOOGL`.
///
/// # Errors
///
/// None but for a crate whose data were changed.
pub fn parent_pool() -> Result<Vec<Sourced>> {
    let [ixic, msft, goog] = POOL.map(|(ticker, file, bytes)| {
        read::text_bars(Path::new(file), bytes.to_vec(), &Ticker::new(ticker)?, &ReadOptions::default())
    });
    let own = |ticker: &str| builtin_bars(&Ticker::new(ticker)?);
    [own("^GSPC"), ixic, own("IBM"), msft, goog, own("AMZN"), own("GOOGL")].into_iter().collect()
}

/// The tickers that [`builtin_bars`] knows.
pub fn builtin_tickers() -> impl Iterator<Item = Ticker> {
    SERIES.iter().filter_map(|(ticker, ..)| Ticker::new(ticker).ok())
}

/// The shipped bars of `ticker`: `^GSPC` 1999-01-04 to 2020-04-17, `AMZN` 1997-05-15 to 2020-07-31, `GOOGL` 2009-05-22
/// to 2018-08-29, `IBM` 2000-03-01 to 2013-03-01 (adjusted), `MSFT` 2015-04-01 to 2021-03-31.
///
/// They are old and are for learning the tool, not for trading. Sources and licences stand in `data/README.md` of the
/// crate. [`Error::NotFound`] for any other ticker.
///
/// ```
/// use stockops_core::{Ticker, source::builtin_bars};
///
/// let amzn = builtin_bars(&Ticker::new("AMZN")?)?;
/// assert_eq!(amzn.bars.len(), 5842);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn builtin_bars(ticker: &Ticker) -> Result<Sourced> {
    match SERIES.iter().find(|(name, ..)| *name == ticker.as_str()) {
        Some((_, file, bytes)) => read::text_bars(Path::new(file), bytes.to_vec(), ticker, &ReadOptions::default()),
        None => Err(Error::NotFound {
            kind: "shipped bars",
            name: ticker.to_string(),
            hint: format!("there are {}", SERIES.map(|(name, ..)| name).join(", ")),
        }),
    }
}

/// [`builtin_bars`] as a source.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinSource;

impl BarSource for BuiltinSource {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        builtin_bars(ticker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::FindingKind;

    #[test]
    fn it_keeps_the_promises_of_a_source() {
        for ticker in builtin_tickers() {
            crate::source::conformance(&BuiltinSource, &ticker, &Ticker::new("GOOG").unwrap());
        }
    }

    #[test]
    fn the_shipped_bars_are_those_of_the_readme() {
        for (ticker, rows, first, last) in [
            ("^GSPC", 5357, "1999-01-04", "2020-04-17"),
            ("AMZN", 5842, "1997-05-15", "2020-07-31"),
            ("GOOGL", 2335, "2009-05-22", "2018-08-29"),
            ("IBM", 3270, "2000-03-01", "2013-03-01"),
            ("MSFT", 1511, "2015-04-01", "2021-03-31"),
        ] {
            let Sourced { bars, quality, .. } = builtin_bars(&Ticker::new(ticker).unwrap()).unwrap();
            let days = [bars.first_day(), bars.last_day()].map(|day| day.unwrap().to_string());
            assert_eq!((bars.len(), [first, last]), (rows, [&*days[0], &*days[1]]), "{quality}");
            assert_eq!(quality.rows_read, quality.rows_kept, "{quality}");
            assert!(quality.find(FindingKind::Split).is_none(), "{quality}");
        }
    }

    #[test]
    fn the_pool_of_the_parent_has_the_index_first() {
        let pool = parent_pool().unwrap();
        let named: Vec<_> = pool.iter().map(|one| (one.bars.ticker().as_str(), one.bars.len())).collect();
        let stocks = [("IBM", 3270), ("MSFT", 3270), ("GOOG", 2148), ("AMZN", 5842), ("GOOGL", 2335)];
        assert_eq!(named[..2], [("^GSPC", 5357), ("^IXIC", 5031)]);
        assert_eq!(named[2..], stocks);
    }

    #[test]
    fn another_ticker_is_told_which_there_are() {
        let text = builtin_bars(&Ticker::new("TSLA").unwrap()).unwrap_err().to_string();
        assert_eq!(text, "no shipped bars named TSLA; there are ^GSPC, AMZN, GOOGL, IBM, MSFT");
    }

    #[test]
    fn the_embedded_bytes_stay_small() {
        assert!(SERIES.iter().chain(&POOL).map(|(.., bytes)| bytes.len()).sum::<usize>() < 1_000_000);
    }
}
