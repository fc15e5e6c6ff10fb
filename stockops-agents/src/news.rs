//! News: headlines before a moment, from Finnhub, Yahoo, a file or memory.
//!
//! ```text
//! answer or file ─Item (stamp found, text cleaned)─→ Question (whose, when, once, newest) ─→ Gathered
//! ```
//!
//! Five rules hold for every source. What is older than seven days is no news, and what gives orders to who reads it is left out and
//! named. What bears no date is refused and counted. What bears a day and no time counts from the
//! end of that day, so it is never before it was known. And a feed that only has what is new today is never asked about a past day.

// what a source gives
mod gathered;
mod sentiment;
mod source;

// from text to headlines
mod clean;
mod item;
mod layout;
mod orders;
mod shelf;
mod stamp;
mod web;

// the sources
#[cfg(any(test, feature = "testing"))]
mod conformance;
mod file;
mod finnhub;
mod first_of;
mod memory;
mod settings;
mod yahoo;

#[cfg(any(test, feature = "testing"))]
pub use conformance::conformance;
pub use file::FileNews;
pub use finnhub::FinnhubNews;
pub use first_of::FirstOf;
pub use gathered::{Gathered, LeftOut};
pub use memory::MemoryNews;
pub use sentiment::{Mood, Sentiment};
pub use settings::NewsSettings;
pub use source::{Headline, NewsSource, Reach};
pub use web::Access;
pub use yahoo::YahooNews;
