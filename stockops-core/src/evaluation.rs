//! Judgement: forecasts held against what came and against simple rules, on days that nothing was learned from.

mod evaluated;
mod ewma;
mod legacy;
mod metrics;
mod rules;
mod table;
mod transfer;

#[cfg(test)]
mod golden;

pub use evaluated::Evaluation;
pub use ewma::ewma_volatility;
pub(crate) use ewma::walk_volatility;
pub use legacy::Legacy;
pub use metrics::{Difference, diebold_mariano, mae, pinball, rmse, wilson};
pub use rules::Rules;
pub use table::{DayError, Fold, day_errors, judge};
pub use transfer::Transfer;
pub(crate) use transfer::skill_over;
