//! `AnswerStore`: where answers are kept.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use stockops_core::Ticker;

use super::{CacheEntry, ContentWords, Scope};
use crate::error::Result;

/// What an answer has to be, to be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What it has to hold for.
    pub scope: Scope,
    /// Whose vectors can be compared.
    pub embedder: String,
    /// What it has to be an answer to.
    pub content_words: ContentWords,
    /// The question's vector.
    pub vector: Vec<f32>,
    /// First and last moment at which it may have been written.
    pub created: [DateTime<Utc>; 2],
}

/// What is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purge {
    /// What was written before.
    Before(DateTime<Utc>),
    /// What is of a ticker and of another version than its newest.
    Superseded {
        /// Whose.
        ticker: Ticker,
        /// The version that forecasts now.
        current: String,
    },
    /// What a version forecast, of any ticker: such as a parent that was trained anew.
    Version(String),
    /// Everything.
    All,
}

/// A store of answers. Every method may be called from several threads and processes at once, and an entry is seen whole or
/// not at all.
///
/// # Errors
///
/// Every method gives [`Error::Store`](crate::Error::Store) where the store cannot be used; it says what to do.
pub trait AnswerStore: Debug + Send + Sync {
    /// Where it is, for messages: a path or an address.
    fn place(&self) -> String;

    /// Keep an entry, in the place of one of the same id.
    fn put<'a>(&'a self, entry: &'a CacheEntry) -> BoxFuture<'a, Result<()>>;

    /// The entry that is as wanted and whose vector is closest, with the cosine of the two; `None` where none is as wanted.
    fn nearest<'a>(&'a self, wanted: &'a Wanted) -> BoxFuture<'a, Result<Option<(CacheEntry, f32)>>>;

    /// Remove one entry; whether there was one.
    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool>>;

    /// Remove entries, and count them. Where others write at the same time the count may be theirs too.
    fn purge<'a>(&'a self, purge: &'a Purge) -> BoxFuture<'a, Result<u64>>;

    /// The entries of a ticker, or of all, newest first, without vectors.
    fn entries<'a>(&'a self, ticker: Option<&'a Ticker>) -> BoxFuture<'a, Result<Vec<CacheEntry>>>;
}

/// The cosine of the angle between two vectors; `None` where they differ in width, or where one has no direction.
pub(super) fn cosine(one: &[f32], other: &[f32]) -> Option<f32> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let cosine = product(one, other) / (product(one, one) * product(other, other)).sqrt();
    (one.len() == other.len() && cosine.is_finite()).then_some(cosine as f32)
}

/// The closest of `entries` to `vector`; of equally close ones the newest.
pub(super) fn closest(entries: impl IntoIterator<Item = CacheEntry>, vector: &[f32]) -> Option<(CacheEntry, f32)> {
    let scored = entries.into_iter().filter_map(|entry| Some((cosine(&entry.vector, vector)?, entry)));
    let closest = scored.max_by(|(a, x), (b, y)| a.total_cmp(b).then(x.created.cmp(&y.created)));
    closest.map(|(cosine, entry)| (entry, cosine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_of_known_angles() {
        assert_eq!(cosine(&[3.0, 0.0], &[0.5, 0.0]), Some(1.0));
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), Some(0.0));
        assert_eq!(cosine(&[1.0, 2.0], &[-1.0, -2.0]), Some(-1.0));
        // 3 * 4 + 4 * 3 over 5 * 5.
        assert_eq!(cosine(&[3.0, 4.0], &[4.0, 3.0]), Some(0.96));
    }

    #[test]
    fn what_cannot_be_compared_has_no_cosine() {
        assert_eq!(cosine(&[1.0, 0.0], &[1.0, 0.0, 0.0]), None);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), None);
        assert_eq!(cosine(&[f32::NAN, 0.0], &[1.0, 0.0]), None);
        assert_eq!(cosine(&[], &[]), None);
    }
}
