//! Pages: plain view values in, HTML out, and the files that the HTML loads.
//!
//! ```text
//! GET /app          ──► IndexView   ──► index   ──► a ticker: forecast, chart, risk, skill, drift, report
//! GET /app/monitor  ──► MonitorView ──► monitor ──► models, drift, evaluation, jobs, outputs, logs
//! GET /assets/NAME  ──► asset                   ──► scripts, style, icon
//! ```
//!
//! A page is whole without its scripts. With them it talks to the API, and then asks for itself again, so that numbers are
//! put into words in one place.

mod asset;
mod index;
mod markup;
mod monitor;
mod words;

pub use asset::{Asset, asset};
pub use index::{CacheRate, IndexView, index};
pub use monitor::{JobRow, MonitorView, OutputRow, monitor};

#[cfg(test)]
mod tests;
