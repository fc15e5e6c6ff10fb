//! The answer of `train`, when it is done.

use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::registry::Alias;
use stockops_core::service::Training;

use super::{Answer, how_far, noted, paragraphs, trust};
use crate::tools::Trust;

/// A version that was trained and registered.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::mcp) struct TrainingAnswer {
    /// Such as GOOG@3.
    version: String,
    /// freeze, fine_tune, zero_shot or scratch.
    strategy: String,
    /// The version that it was transferred from.
    parent: Option<String>,
    /// Whether it forecasts from now on.
    champion: bool,
    /// What the gate said; null for the first version of a ticker.
    gate: Option<String>,
    /// Whether it has not shown skill yet.
    unproven: bool,
    /// Why it is unproven, or a challenger.
    reason: Option<String>,
    /// The run that made it.
    run: Option<String>,
    trust: Trust,
    /// What a reader has to know.
    notes: Vec<String>,
}

impl TrainingAnswer {
    pub(in crate::mcp) fn answer(training: &Training) -> Answer {
        let evaluation = &training.trained.forecaster.about().evaluation;
        let answer = Self {
            version: format!("{}@{}", training.ticker, training.version),
            strategy: training.strategy.clone(),
            parent: training.parent_version.clone(),
            champion: training.alias.contains(&Alias::Champion),
            gate: training.gate().map(str::to_owned),
            unproven: training.unproven,
            reason: training.reason.clone(),
            run: training.run_id.as_ref().map(ToString::to_string),
            trust: trust(evaluation),
            notes: training.notes.clone(),
        };
        let what = if answer.champion { "forecasts from now on" } else { "is kept as challenger" };
        let why = answer.gate.iter().chain(&answer.reason).cloned().collect::<Vec<_>>().join("; ");
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let head = format!("{} ({}) {what}{why}", answer.version, answer.strategy);
        Answer::new(paragraphs([head, how_far(&answer.trust, evaluation), noted(&training.notes)]), &answer)
    }
}
