//! Language models: one trait, what is asked and what is answered.

mod chat;

pub use chat::{Answer, ChatModel, Finish, Message, Request, Schema, Speaker, ToolCall, ToolSpec, Usage};
