//! Judgement: forecasts held against what came and against simple rules, on days that nothing was learned from.

mod case;
mod distribution;
mod evaluated;
mod ewma;
mod field;
mod legacy;
mod metrics;
mod rules;
mod score;
mod table;
mod transfer;

#[cfg(test)]
mod golden;

pub use case::{Case, Spread};
pub use distribution::{Distribution, Shape, gaussian_crps};
pub use evaluated::Evaluation;
pub use ewma::ewma_volatility;
pub use field::Field;
pub use legacy::Legacy;
pub use metrics::{Difference, diebold_mariano, mae, pinball, rmse, wilson};
pub use rules::{Rule, Rules};
pub use score::{Direction, FieldTable, HorizonSkill, MIN_JUDGED, Score, SkillTable, skill_of};
pub use table::{Fold, judge};
pub use transfer::Transfer;
pub(crate) use transfer::skill_over;
