//! From settings to a model.

use std::sync::Arc;

use super::{Api, ChatModel, LlmSettings, OllamaModel, OpenAiModel};
use crate::error::Result;

impl LlmSettings {
    /// The model behind these settings. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting outside its range.
    pub fn connect(&self) -> Result<Arc<dyn ChatModel>> {
        Ok(match self.api {
            Api::OpenAi => Arc::new(OpenAiModel::new(self)?),
            Api::Ollama => Arc::new(OllamaModel::new(self)?),
        })
    }
}
