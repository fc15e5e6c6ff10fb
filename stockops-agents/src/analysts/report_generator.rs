//! The report generator writes the prose of the report.

use super::market_expert::Mood;
use super::performance_analyst::Reading;
use super::{Briefing, fence};
use crate::analysts::Call;
use stockops_core::graph::NodeResult;
use crate::llm::Message;
use crate::prose::{Prose, Rejection};

/// What it is given beside the briefing.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// Of the performance analyst.
    pub reading: &'a Reading,
    /// Of the market expert.
    pub mood: &'a Mood,
    /// Why earlier drafts came back.
    pub rejected: &'a [Rejection],
}

/// What it is asked.
pub fn prompt(briefing: &Briefing<'_>, material: &Material<'_>) -> Vec<Message> {
    let role = "You are the report generator of a research desk. Write the prose of a note in the manner of Bloomberg: short, \
                sober, complete sentences. Tables, sources and the verdict are set by others. Say nothing that contradicts \
                the verdict, and recommend nothing else.";
    // What analysts have written holds what they have read, so it stands behind the fence as well.
    let said = fence::fenced("colleagues", [
        format!("performance analyst: {}", material.reading.summary),
        format!("market expert: {}", material.mood.summary),
    ]);
    let mut parts = vec![format!("Your colleagues:\n{said}")];
    if let Some(last) = material.rejected.last() {
        let reasons = last.reasons.iter().map(|reason| format!("- {}", reason.replace(['{', '}'], "")));
        parts.push(format!(
            "Your last draft came back. Write it again without these faults:\n{}",
            fence::fenced("faults", reasons)
        ));
    }
    briefing.ask(role, &parts.join("\n\n"))
}

/// Ask `call`.
///
/// # Errors
///
/// Those of [`Call::answer`].
pub async fn write(briefing: &Briefing<'_>, material: &Material<'_>, call: &Call<'_>) -> NodeResult<Prose> {
    call.answer(prompt(briefing, material)).await
}
