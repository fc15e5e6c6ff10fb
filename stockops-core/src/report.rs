//! Reports: words, tables, charts, Markdown and HTML that all faces share, made when somebody asks for them.
//!
//! Words and tables come first, Markdown is made of them, and [`html`] turns Markdown into HTML that holds no script, no
//! link and nothing from elsewhere. Charts are SVG, drawn from results: a forecaster and its bars, a backtest, a drift report.
//!
//! # Example
//!
//! ```
//! use stockops_core::report::{Table, html};
//!
//! let mut table = Table::new(["session", "close"]);
//! table.push(["2024-05-01", "10.50"].map(String::from));
//! assert_eq!(table.to_string(), "session     close\n2024-05-01  10.50");
//! assert!(html(&table.markdown()).contains("<td>2024-05-01</td>"));
//! ```

#[cfg(feature = "learning")]
mod backtest;
mod charts;
mod drift;
mod forecast;
#[cfg(feature = "learning")]
mod forecaster;
mod full;
mod page;
mod percent;
mod portfolio;
mod risk;
mod scores;
mod skill;
mod table;

#[cfg(feature = "learning")]
pub use backtest::BacktestReport;
pub use charts::{Charts, candles, drift_svg, fan, own_fan};
pub use drift::{drift_markdown, drift_table, drift_words};
pub use forecast::{forecast_markdown, forecast_table, outlook_words};
#[cfg(feature = "learning")]
pub use forecaster::{charts, forecaster_markdown, residual_svg, training_markdown};
pub use full::Report;
pub use page::{escape, html, list, page};
pub use portfolio::{portfolio_table, portfolio_words, position_table};
pub use risk::{level_table, risk_markdown, risk_svg, risk_table, risk_words};
pub use skill::{skill_table, skill_words, transfer_words};
pub use table::Table;
