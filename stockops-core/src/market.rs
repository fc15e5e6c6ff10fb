//! What the market says: tickers, daily bars that are consistent by construction, what was found in them, and sessions.

mod bars;
mod calendar;
mod quality;
mod suspicion;
mod ticker;
mod venue;

pub use bars::{Bar, Bars};
pub use calendar::{Calendar, Session};
pub use quality::{Action, Finding, FindingKind, QualityReport, clean, clean_as_of};
pub use ticker::{AssetClass, Ticker};
