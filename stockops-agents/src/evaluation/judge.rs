//! `Judgement`: what a language model thinks of a report. It stands beside the scores and is in none of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ModelFault, Result};
use crate::llm::{ChatModel, FENCE_RULE, Message, Request, fence, structured};

/// What the model is told.
const INSTRUCTIONS: &str = "You judge how clear and useful a report on a stock is to a reader who knows finance.";

/// What a language model thinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Judgement {
    /// Which model.
    pub model: String,
    /// 0 to 1.
    pub score: f64,
    /// Why, in its words.
    pub reason: String,
}

/// What it is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answered {
    /// From 0 (useless) to 1 (clear and useful).
    score: f64,
    /// Why, in one sentence.
    reason: String,
}

/// Ask `model` what it thinks of `report`, which is data to it.
///
/// # Errors
///
/// [`Error::Model`] where it gives no answer, or none with a score from 0 to 1. Who calls goes on without.
pub async fn judge(model: &dyn ChatModel, report: &str) -> Result<Judgement> {
    let instructions = format!("{INSTRUCTIONS} {FENCE_RULE}");
    let request = Request::new([Message::system(instructions), Message::user(fence("report", report))]);
    let Answered { score, reason } = structured(model, &request, &|_| {}).await?.value;
    let model = model.name().to_owned();
    if !(0.0..=1.0).contains(&score) {
        let fault = ModelFault::Malformed(format!("a score from 0 to 1 was asked for, got {score}"));
        return Err(Error::Model { model, fault });
    }
    Ok(Judgement { model, score, reason })
}

#[cfg(test)]
mod tests;
