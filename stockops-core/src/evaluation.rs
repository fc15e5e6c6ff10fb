//! Judgement: forecasts held against what came and against simple rules, on days that nothing was learned from.

mod case;
mod field;
mod legacy;
mod rules;
mod skill;

pub use case::Case;
pub use field::Field;
pub use legacy::Legacy;
pub use rules::Rule;
pub use skill::{Evaluation, HorizonSkill, MIN_JUDGED, SkillTable};
