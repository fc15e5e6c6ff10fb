//! Answers that are kept, and found again by what a question means.
//!
//! [`SemanticCache`] is the cache, an [`AnswerStore`] keeps it: [`SqliteAnswers`] in one file, [`MemoryAnswers`] in memory,
//! [`QdrantAnswers`] in Qdrant. With closeness alone `will it fall` would get the answer to `will it rise`, so a question
//! and the one that was answered must have equal [`ContentWords`] as well.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod corpus;
mod entry;
mod home;
mod memory;
mod qdrant;
mod semantic;
mod sqlite;
mod store;
mod words;

pub use entry::{CacheEntry, CachedReport, Scope};
pub use memory::MemoryAnswers;
pub use qdrant::QdrantAnswers;
pub use semantic::{CacheConfig, Hit, Inquiry, SemanticCache};
pub use sqlite::SqliteAnswers;
pub use store::{AnswerStore, Purge, Wanted};
pub use words::ContentWords;
