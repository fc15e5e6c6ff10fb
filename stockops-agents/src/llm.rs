//! Language models: what is asked and answered, servers that do it, and what may be spent.

mod account;
mod chat;
mod connect;
mod draft;
mod fence;
mod http;
mod metered;
mod ollama;
mod openai;
mod prices;
mod scripted;
mod settings;
mod structured;
mod thinking;
pub mod tokens;

pub use account::{Account, Cost, Reserved};
pub use chat::{Answer, ChatModel, Finish, Message, Request, Schema, Speaker, ToolCall, ToolSpec, Usage};
pub(crate) use draft::malformed;
pub use fence::{FENCE_RULE, fence};
pub(crate) use http::Server;
pub use metered::Metered;
pub use ollama::OllamaModel;
pub use openai::OpenAiModel;
pub use prices::Prices;
pub use scripted::{Line, ScriptedModel};
pub(crate) use settings::refused;
pub use settings::{Api, Key, LlmSettings};
pub use structured::{Structured, structured};
