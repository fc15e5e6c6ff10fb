//! `structured`: an answer as a Rust type, by JSON schema, with one repair.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::draft::malformed;
use super::{Answer, ChatModel, Finish, Message, Request, Schema, Speaker, Usage};
use crate::error::{Error, Result};

/// An answer that is a `T`.
#[derive(Debug, Clone, PartialEq)]
pub struct Structured<T> {
    /// The answer.
    pub value: T,
    /// Tokens of all calls.
    pub usage: Usage,
    /// What was wrong with the first answer; none where it was right.
    pub repaired: Option<String>,
}

/// Ask for a `T`: its JSON schema goes with the request and into the instructions, and the whole answer has to be one
/// such object. Where it is not, the model is told what is wrong and asked once more.
///
/// Never is a `T` searched for in prose. One fence of code around the whole answer is taken off. Tokens of the first
/// answer alone go to `token`.
///
/// # Errors
///
/// [`Error::Model`] where the second answer is none either, or where the model fails; [`Error::Config`] for a `T` whose
/// schema is no object or refers to itself.
///
/// # Example
///
/// ```
/// use schemars::JsonSchema;
/// use serde::Deserialize;
/// use stockops_agents::llm::{Line, Message, Request, ScriptedModel, structured};
///
/// #[derive(Debug, Deserialize, JsonSchema)]
/// struct Mood {
///     calm: bool,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> stockops_agents::Result<()> {
/// let model = ScriptedModel::new([Line::says("It is calm."), Line::says(r#"{"calm": true}"#).to("no JSON")]);
/// let answer = structured::<Mood>(&model, &Request::new([Message::user("How is the market?")]), &|_| {}).await?;
/// assert!(answer.value.calm && answer.repaired.is_some());
/// # Ok(())
/// # }
/// ```
pub async fn structured<T: JsonSchema + DeserializeOwned>(
    model: &dyn ChatModel,
    request: &Request,
    token: &(dyn Fn(&str) + Send + Sync),
) -> Result<Structured<T>> {
    let mut request = asking::<T>(request)?;
    let first = model.chat(&request, token).await?;
    let wrong = match value(&first) {
        Ok(value) => return Ok(Structured { value, usage: first.usage, repaired: None }),
        Err(wrong) => wrong,
    };
    let again = format!("That cannot be used: {wrong}. Answer again with the JSON object alone.");
    request.messages.extend([Message::assistant(first.text), Message::user(again)]);
    // The same seed would say the same again.
    request.seed = request.seed.wrapping_add(1);
    let second = model.chat(&request, &|_| {}).await?;
    let both = |a: Usage, b: Usage| Usage { prompt: a.prompt + b.prompt, answer: a.answer + b.answer };
    let usage = both(first.usage, second.usage);
    let still =
        |wrong| Error::Model { model: model.name().into(), fault: malformed(format!("{wrong}, also when told so")) };
    Ok(Structured { value: value(&second).map_err(still)?, usage, repaired: Some(wrong) })
}

/// `request` with the schema of `T`, also in its instructions: a server that forces the form does not tell the model.
fn asking<T: JsonSchema>(request: &Request) -> Result<Request> {
    let mut request = request.clone();
    let schema = Schema::of::<T>()?;
    let rule = format!("Answer with one JSON object of this JSON schema and nothing else: {}", schema.schema);
    match request.messages.first_mut() {
        Some(first) if first.speaker == Speaker::System => first.text = format!("{}\n\n{rule}", first.text),
        _ => request.messages.insert(0, Message::system(rule)),
    }
    request.schema = Some(schema);
    Ok(request)
}

/// The `T` that `answer` is, or what is wrong with it.
fn value<T: DeserializeOwned>(answer: &Answer) -> Result<T, String> {
    if answer.finish == Finish::Tools {
        return Err("it calls tools where an answer was asked for".into());
    }
    let text = unfenced(answer.text.trim());
    if let Err(error) = serde_json::from_str::<Value>(text) {
        return Err(format!("it is no JSON ({error})"));
    }
    serde_json::from_str(text).map_err(|error| format!("it has not the form that was asked for ({error})"))
}

/// `text` without one fence of code that is around all of it.
fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside).trim())
}
