//! What the market says: tickers, and daily bars that are consistent by construction.

mod bars;
mod ticker;

pub use bars::{Bar, Bars};
pub use ticker::{AssetClass, Ticker};
