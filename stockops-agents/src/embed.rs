//! `Embedder`: texts to vectors, by a server or by counting pieces of words.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use crate::error::Result;

mod local;

pub use local::LocalEmbedder;

/// What turns texts into vectors, so that texts that mean the like are close.
pub trait Embedder: Debug + Send + Sync {
    /// Its name. Vectors of two embedders with one name can be compared: it names the model, and its version where that
    /// has one.
    fn name(&self) -> &str;

    /// One vector for each of `texts`, in their order; all of the same width and of length 1.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) where there are no vectors, too few, or some that are no numbers.
    fn embed<'a>(&'a self, texts: &'a [String]) -> BoxFuture<'a, Result<Vec<Vec<f32>>>>;
}
