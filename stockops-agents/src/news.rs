//! News: headlines before a moment, from Finnhub, Yahoo, a file or memory.
//!
//! ```text
//! answer or file ─Item (date found, text cleaned)─→ shelf (whose, when, once, newest) ─→ Gathered
//! ```
//!
//! Three rules hold for every source. What bears no date is refused and counted. What bears a day and no time counts from the
//! end of that day, so it is never before it was known. And a feed that only has what is new today is never asked about a past day.

mod gathered;
mod sentiment;
mod source;

pub use gathered::{Gathered, LeftOut};
pub use sentiment::{Mood, Sentiment};
pub use source::{Headline, NewsSource, Reach};
