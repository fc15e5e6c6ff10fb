//! Forecasts, residuals, backtests and drift as SVG text, for reports, notebooks and pages.
//!
//! A chart follows the reader's light or dark setting, shrinks with its page, says what it shows in `<title>` and
//! `<desc>`, names values on hover, and holds neither script nor anything from the net. The same input gives the same
//! bytes. Numbers that cannot be drawn (NaN, infinite, 1e15 and beyond) are left out; where nothing is left the chart
//! says "no data". With the feature `png` a chart can be had in pixels.
//!
//! The SVG is written by hand. plotters rounds coordinates to whole pixels and writes colours and sizes into each
//! element, so neither dark mode, `<title>`, dashes nor a responsive width can be had from it.

mod ablation;
mod axis;
mod candle;
mod coverage;
mod drift;
mod forecast;
#[cfg(feature = "png")]
mod png;
mod residual;
mod risk;
mod skill;
mod svg;

pub use ablation::{AblationChart, AblationLine, AblationPanel, ablation_chart};
pub use candle::{Candle, CandleChart, candle_chart};
pub use coverage::{CoverageChart, CoverageRow, coverage_chart};
pub use drift::{DriftChart, DriftDay, drift_chart};
pub(crate) use forecast::sessions;
pub use forecast::{Band, ClosePoint, ForecastChart, ForecastPoint, forecast_chart};
#[cfg(feature = "png")]
pub use png::png;
pub use residual::{ResidualChart, ResidualPanel, ResidualPoint, residual_chart};
pub use risk::{RiskChart, RiskLevel, RiskLine, risk_chart};
pub use skill::{SkillChart, SkillGroup, skill_chart};
pub use svg::{STYLE, bare};

#[cfg(test)]
mod tests;
