//! `Embedder`: texts to vectors, by a server or by counting pieces of words.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::error::Result;
use crate::llm::{Key, LlmSettings, refused};

mod local;
mod server;

pub use local::LocalEmbedder;
pub use server::OpenAiEmbedder;

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

/// The embedder that the environment names: that of a server with `STOCKOPS_EMBED_URL` and `STOCKOPS_EMBED_MODEL`, and
/// `STOCKOPS_EMBED_KEY` where it wants one, else [`LocalEmbedder`].
///
/// # Errors
///
/// [`Error::Config`](crate::Error::Config) for a variable that is not what it must be.
pub fn from_env() -> Result<Arc<dyn Embedder>> {
    from_variables(|name| std::env::var(name).ok())
}

/// [`from_env`] with another look-up. An empty variable is one that is not set.
///
/// # Errors
///
/// As [`from_env`].
pub fn from_variables(look_up: impl Fn(&str) -> Option<String>) -> Result<Arc<dyn Embedder>> {
    let set = |name: &str| look_up(name).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
    let Some(url) = set("STOCKOPS_EMBED_URL") else { return Ok(Arc::new(LocalEmbedder::new())) };
    let unnamed = || refused("STOCKOPS_EMBED_MODEL", "the name of a model", "");
    let model = set("STOCKOPS_EMBED_MODEL").ok_or_else(unnamed)?;
    let key = set("STOCKOPS_EMBED_KEY").map(Key::new);
    Ok(Arc::new(OpenAiEmbedder::new(&LlmSettings { key, ..LlmSettings::new(url, model) })?))
}
