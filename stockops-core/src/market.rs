//! What the market says: tickers, daily bars that are consistent by construction, what was found in them, and sessions.

mod asset_class;
mod bars;
mod calendar;
mod days;
mod events;
mod expiry;
mod finding;
mod hours;
mod known_day;
mod new_york;
mod pair;
mod quality;
mod quote;
mod split;
mod suspicion;
mod ticker;
mod venue;
mod week;

pub use asset_class::AssetClass;
pub use bars::{Bar, Bars};
pub use calendar::{Calendar, Session};
pub use days::Days;
pub use events::{EventKind, Events};
pub use finding::{Action, Finding, FindingKind};
pub use known_day::KnownDay;
pub use quality::{Cleaning, QualityReport, clean, clean_as_of, clean_with};
pub(crate) use quality::{Refusal, clean_rows};
pub use quote::{price_decimals, price_text, volume_text};
pub(crate) use split::split_near;
pub use ticker::Ticker;
