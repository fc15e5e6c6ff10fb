//! `ChatModel`: one request, one answer, tokens as they come.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::refused;
use crate::error::Result;
use crate::schema::{is_plain, schema_of};

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// Instructions.
    System,
    /// What is asked, and data.
    User,
    /// The model.
    Assistant,
    /// The result of a tool.
    Tool,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
    /// Tools that the model calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Of a tool's result: the call that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl Message {
    /// Instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self::of(Speaker::System, text)
    }

    /// What is asked, and data.
    pub fn user(text: impl Into<String>) -> Self {
        Self::of(Speaker::User, text)
    }

    /// What the model said.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::of(Speaker::Assistant, text)
    }

    /// What the tool that `call` called gave.
    pub fn tool(call: &ToolCall, text: impl Into<String>) -> Self {
        Self { answers: Some(call.id.clone()), ..Self::of(Speaker::Tool, text) }
    }

    fn of(speaker: Speaker, text: impl Into<String>) -> Self {
        Self { speaker, text: text.into(), calls: Vec::new(), answers: None }
    }
}

/// A tool that a model wants to call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Its id in the conversation.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments as the model wrote them: not yet checked.
    pub arguments: Value,
}

/// A tool that a model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON schema of its arguments: an object without references.
    pub arguments: Value,
}

/// The form that an answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// A name for it.
    pub name: String,
    /// The JSON schema.
    pub schema: Value,
}

impl Schema {
    /// That of a `T`, as [`schema_of`] makes it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a `T` whose schema is no object or refers to itself.
    pub fn of<T: JsonSchema>() -> Result<Self> {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = T::schema_name().chars().map(plain).collect();
        let schema = schema_of::<T>();
        if is_plain(&schema) {
            return Ok(Self { name, schema });
        }
        Err(refused("schema", "an object without references", &name))
    }
}

/// What is asked of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// The form of the answer; none for prose.
    pub schema: Option<Schema>,
    /// Tools that it may call.
    pub tools: Vec<ToolSpec>,
    /// Most tokens of the answer.
    pub max_tokens: u32,
    /// 0 for the likeliest words; the document's is 0.3.
    pub temperature: f32,
    /// For models that can repeat themselves.
    pub seed: u64,
}

impl Request {
    /// Ask with `messages`: prose of at most 1,024 tokens at temperature 0.3, seed 1.
    pub fn new(messages: impl IntoIterator<Item = Message>) -> Self {
        let messages = messages.into_iter().collect();
        Self { messages, schema: None, tools: Vec::new(), max_tokens: 1024, temperature: 0.3, seed: 1 }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model had said all.
    Stop,
    /// It ran into `max_tokens`.
    Length,
    /// It calls tools.
    Tools,
}

/// Tokens of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Of the prompt.
    pub prompt: u64,
    /// Of the answer.
    pub answer: u64,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text, without what it thought aloud.
    pub text: String,
    /// Tools that it calls.
    pub calls: Vec<ToolCall>,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens; as the server counted, or estimated where it did not.
    pub usage: Usage,
}

/// A language model.
pub trait ChatModel: Debug + Send + Sync {
    /// Its name, as the report says it: `smollm2:135m`.
    fn name(&self) -> &str;

    /// Answer. Each piece of text goes to `token` as it comes; dropping the future closes the connection.
    ///
    /// # Errors
    ///
    /// [`Error::Model`](crate::Error::Model) where there is no answer that can be used: an empty, cut or unclosed one is none.
    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>>;

    /// Whether [`chat`](Self::chat) would send `request`: who counts what calls cost asks first. By default it would.
    ///
    /// # Errors
    ///
    /// [`Error::Model`](crate::Error::Model) where the request is longer than the model is known to read.
    fn takes(&self, _request: &Request) -> Result<()> {
        Ok(())
    }
}
