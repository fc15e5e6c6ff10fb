//! How far to trust an answer, in words and as a table.

use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::Field;
use stockops_core::report::skill_table;

use crate::tools::Trust;

/// What `evaluation` says of close, volume and range.
pub(super) fn trust(evaluation: &Evaluation) -> Trust {
    Trust::of(evaluation, Field::JUDGED)
}

/// The words, and the table where there is one.
pub(super) fn how_far(trust: &Trust, evaluation: &Evaluation) -> String {
    let table = evaluation.skill.as_ref().map(|skill| format!("\n{}", skill_table(skill))).unwrap_or_default();
    format!("How far to trust it. {}{table}", trust.words)
}
