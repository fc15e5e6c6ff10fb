//! Reports: the words, tables, charts, Markdown and HTML that all faces share, drawn when somebody asks for them.

#[cfg(feature = "learning")]
mod backtest;
#[cfg(feature = "learning")]
mod charts;
mod page;
mod scores;
mod words;

#[cfg(feature = "learning")]
pub use backtest::Judged;
#[cfg(feature = "learning")]
pub use charts::{charts, drift_svg, fan, own_fan};
#[cfg(feature = "learning")]
pub use page::Report;
pub use page::{drift_markdown, html};
pub use words::{drift_rows, forecast_rows, markdown, outlook_words, skill_rows, skill_words, table};
