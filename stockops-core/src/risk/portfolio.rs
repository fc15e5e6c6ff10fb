//! `Portfolio`: tickers and how much of each is held.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};
use crate::market::Ticker;

/// What the amounts of a portfolio count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    /// Shares of the capital, with 0.3 for 30 %; below 0 sold short. What they do not add up to lies in cash.
    Weight,
    /// Pieces; below 0 sold short.
    Shares,
}

/// A ticker and how much of it is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// Which.
    pub ticker: Ticker,
    /// How much, in the unit of the portfolio; below 0 sold short.
    pub amount: f64,
}

/// Positions that are held from the last close on and not changed.
///
/// There is at least one, each ticker comes once, and each amount is a finite number.
///
/// # Example
///
/// ```
/// use stockops_core::risk::{Holding, Portfolio};
///
/// let portfolio = Portfolio::parse("ticker,weight\nMSFT,0.6\nIBM,-0.2\n")?;
/// assert_eq!(portfolio.holding(), Holding::Weight);
/// assert_eq!(portfolio.positions()[1].amount, -0.2);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Portfolio {
    holding: Holding,
    positions: Vec<Position>,
}

impl Portfolio {
    /// [`Error::Config`] without positions, for a ticker that comes twice, and for an amount that is no finite number.
    pub fn new(holding: Holding, positions: Vec<Position>) -> Result<Self> {
        check(!positions.is_empty(), "portfolio", "at least one position", "none")?;
        for (place, Position { ticker, amount }) in positions.iter().enumerate() {
            check(amount.is_finite(), "portfolio", "of finite amounts", format!("{amount} of {ticker}"))?;
            let known = positions[..place].iter().any(|other| other.ticker == *ticker);
            check(!known, "portfolio", "of tickers that differ", format!("{ticker} twice"))?;
        }
        Ok(Self { holding, positions })
    }

    /// From CSV with a head: the columns `ticker` and either `weight` or `shares`, in any case and order; others are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for another head and for a row that does not fit it, with its number, [`Error::Ticker`] for a word
    /// that is none, and those of [`new`](Self::new).
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let head: Vec<String> =
            reader.headers().map_err(|error| unread(&error))?.iter().map(str::to_lowercase).collect();
        let place = |name: &str| head.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let (holding, amount) = match (place("weight"), place("shares")) {
            (Some(place), None) => (Holding::Weight, Some(place)),
            (None, shares) => (Holding::Shares, shares),
            _ => (Holding::Weight, None),
        };
        let columns = place("ticker").zip(amount);
        let Some((ticker, amount)) = columns else { return Err(wrong(format!("the columns {}", head.join(", ")))) };
        let position = |(number, row): (usize, csv::Result<csv::StringRecord>)| {
            let row = row.map_err(|error| unread(&error))?;
            let cell = |place: usize| row.get(place).unwrap_or_default();
            let amount =
                cell(amount).parse().map_err(|_| wrong(format!("`{}` in row {}", cell(amount), number + 1)))?;
            Ok(Position { ticker: cell(ticker).parse()?, amount })
        };
        Self::new(holding, reader.records().enumerate().map(position).collect::<Result<_>>()?)
    }

    /// [`parse`](Self::parse) of a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where there is no such file or where its content is none, [`Error::Storage`] where the disk refuses.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::unread(path))?;
        let problem = |problem: String| Error::File { path: path.into(), line: None, problem };
        let text = String::from_utf8(bytes).map_err(|_| problem("it is no text in UTF-8".into()))?;
        Self::parse(&text).map_err(|error| problem(error.to_string()))
    }

    /// What its amounts count.
    pub fn holding(&self) -> Holding {
        self.holding
    }

    /// The positions.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// What each position is worth at these prices, one a position: its weight, or pieces times price.
    pub(crate) fn values(&self, prices: impl Iterator<Item = f64>) -> Vec<f64> {
        let value = |(position, price): (&Position, f64)| match self.holding {
            Holding::Weight => position.amount,
            Holding::Shares => position.amount * price,
        };
        self.positions.iter().zip(prices).map(value).collect()
    }
}

fn wrong(got: String) -> Error {
    Error::Config { field: "portfolio", rule: "rows of `ticker` and either `weight` or `shares`, a number", got }
}

fn unread(error: &csv::Error) -> Error {
    wrong(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_stand_anywhere_and_others_are_left_out() {
        let text = "\u{feff}Shares, name ,TICKER\n10,Microsoft,msft\n-2.5,the index,^GSPC\n";
        let portfolio = Portfolio::parse(text).unwrap();
        let rows: Vec<_> = portfolio.positions().iter().map(|own| (own.ticker.as_str(), own.amount)).collect();
        assert_eq!((portfolio.holding(), rows), (Holding::Shares, vec![("MSFT", 10.0), ("^GSPC", -2.5)]));
        assert_eq!(portfolio.values([2.0, 100.0].into_iter()), [20.0, -250.0]);
    }

    #[test]
    fn what_is_no_portfolio_is_named() {
        let message = |text: &str| Portfolio::parse(text).unwrap_err().to_string();
        let rule = "`portfolio` must be rows of `ticker` and either `weight` or `shares`, a number, got ";
        assert_eq!(message("ticker,weight,shares\nA,1,1\n"), format!("{rule}the columns ticker, weight, shares"));
        assert_eq!(message("name,weight\nA,1\n"), format!("{rule}the columns name, weight"));
        assert_eq!(message("ticker,weight\nA,1\nB,much\n"), format!("{rule}`much` in row 2"));
        assert_eq!(message("ticker,weight\nA\n"), format!("{rule}`` in row 1"));
        assert_eq!(message("ticker,weight\n"), "`portfolio` must be at least one position, got none");
        assert_eq!(message("ticker,weight\nA,1\na,2\n"), "`portfolio` must be of tickers that differ, got A twice");
        assert_eq!(message("ticker,weight\nA,inf\n"), "`portfolio` must be of finite amounts, got inf of A");
        let nowhere = Portfolio::read(Path::new("nowhere.csv")).unwrap_err();
        assert_eq!(nowhere.kind(), "file");
    }
}
