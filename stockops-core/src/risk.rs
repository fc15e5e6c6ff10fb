//! Risk: what a forecast says about losses, levels and wide days, and how such statements are judged.
//!
//! Everything is counted over the possible paths of a forecast, each as likely as the others, and nothing is drawn.

mod event;
mod exceedance;
mod joint;
mod judge;
mod losses;
mod of;
mod paths;
mod portfolio;
mod portfolio_judge;
mod portfolio_statement;
mod shortfall;
mod statement;
mod threshold;
mod touch;

#[cfg(test)]
mod golden;

pub use event::Event;
pub use exceedance::Exceedances;
pub use joint::PortfolioRisk;
pub use judge::{RiskScore, RiskTable, TailScore, judge_risk};
pub use losses::Losses;
pub use of::Risk;
pub use portfolio::{Holding, Portfolio, Position};
pub use portfolio_judge::PortfolioTable;
pub(crate) use portfolio_judge::judge_portfolio;
pub use portfolio_statement::{PortfolioStatement, PositionRisk};
pub use shortfall::{Shortfall, TailDay};
pub use statement::{ByHorizon, Probabilities, RiskQuestion, RiskStatement};
pub use threshold::Threshold;
pub use touch::{Reliability, TouchDay, TouchScore, walk_touches};

/// Levels of value at risk and expected shortfall that are stated and judged.
pub const LEVELS: [f64; 2] = [0.95, 0.99];

/// A level in percent: 0.99 is 99, 0.975 is 97.5.
fn percent(level: f64) -> Threshold {
    Threshold((level * 1e8).round() / 1e6)
}
