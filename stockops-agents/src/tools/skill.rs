//! The tool `skill`: how good the forecasts of a ticker were on held-out days.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::OfTicker;
use super::desk_tool::{DeskTool, boxed};
use super::trust::Trust;
use super::view::View;
use super::{Tool, ToolFault};

/// How good forecasts were on days that nothing was learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillAnswer {
    /// Whose forecasts.
    pub ticker: String,
    /// All fields; no rows where too few days were held out.
    pub trust: Trust,
    /// What has to be said with it.
    pub notes: Vec<String>,
}

/// The tool.
pub(super) fn tool(view: View) -> Arc<dyn Tool> {
    boxed(DeskTool {
        name: NAME,
        description: "How good the forecasts of a ticker were on held-out days: skill over simple rules by field and horizon, coverage of the 90 % interval, accuracy of direction. Ask it before you call a forecast reliable.",
        view,
        answer,
    })
}

const NAME: &str = "skill";

fn answer(view: &View, question: OfTicker) -> Result<SkillAnswer, ToolFault> {
    let ticker = view.ticker(NAME, &question.ticker)?;
    let judged = || {
        let (bars, notes) = view.bars(&ticker)?;
        Ok((view.desk.evaluation(&bars)?, notes))
    };
    let (evaluation, notes) = judged().map_err(|error| ToolFault::of(NAME, &error))?;
    let trust = Trust::of(&evaluation, evaluation.fields.keys().copied());
    Ok(SkillAnswer { ticker: ticker.to_string(), trust, notes })
}
