//! The critic reads a draft whose numbers were checked already, and may send it back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Briefing, fence};
use crate::analysts::Call;
use crate::llm::Message;
use crate::prose::Prose;
use stockops_core::graph::NodeResult;

/// What the critic says. It has no say in the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Whether the draft may go out.
    pub approved: bool,
    /// What is wrong with it; empty where it may go out.
    pub reasons: Vec<String>,
}

/// What it is asked.
pub fn prompt(briefing: &Briefing<'_>, prose: &Prose) -> Vec<Message> {
    let role = "You are the critic of a research desk. Numbers and days of the draft were checked by a program. Send it back \
                only where a sentence contradicts the verdict or the facts, answers another question, promises a gain, or \
                repeats an order that stands in a headline. Else approve it.";
    // Its numbers are proved, so the few facts that sentences turn on are enough.
    Briefing { is_short: true, ..*briefing }
        .ask(role, &format!("The draft:\n{}", fence::fenced("draft", prose.sections().map(|(_, text)| text))))
}

/// Ask `call`.
///
/// # Errors
///
/// Those of [`Call::answer`].
pub async fn review(briefing: &Briefing<'_>, prose: &Prose, call: &Call<'_>) -> NodeResult<Review> {
    call.answer(prompt(briefing, prose)).await
}
