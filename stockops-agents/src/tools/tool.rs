//! `Tool`: one question that a model may ask.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::ToolFault;
use crate::llm::ToolSpec;

/// One question with typed arguments and a JSON object as its answer.
pub trait Tool: Debug + Send + Sync {
    /// Name, description and the schema of the arguments.
    fn spec(&self) -> ToolSpec;

    /// JSON schema of the answer: an object without references.
    fn answer_schema(&self) -> Value;

    /// Answer. Work that takes long is done on a thread for it.
    ///
    /// # Errors
    ///
    /// [`ToolFault`], whose text says what to do next.
    fn call(&self, arguments: Value) -> BoxFuture<'_, Result<Value, ToolFault>>;
}
