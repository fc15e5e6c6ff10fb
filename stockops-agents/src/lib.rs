//! Analysts that write a report whose every number is true.
//!
//! ```text
//! Desk (bars, forecast, risk, drift) ─┐
//! NewsSource ─Headlines───────────────┴─Facts→ verdict (in code) ─→ graph of analysts ─Draft→ check ─→ Report
//! ```
//!
//! Facts come first, the verdict is computed from them, and only then somebody writes: a language model where one is named,
//! else a template. What is written is checked against the facts.

pub mod error;
mod http;

// what is known
pub mod desk;
pub mod facts;
pub mod news;
pub mod verdict;

// what is written
pub mod check;

// language models, and the template that stands in for them
pub mod embed;
pub mod language;
pub mod llm;
pub mod prose;
pub mod slots;
pub mod template;
mod truth;

// the analysts, their graph, and the report
pub mod analysts;
pub mod analyze;
pub mod graph;
pub mod report;
pub mod reports;

// tools that a model may call, and the shapes of what they take and answer
pub mod schema;
pub mod tools;

// what was answered, and how good it was
pub mod cache;
pub mod evaluation;

// for the assistants that people already use
#[cfg(feature = "mcp")]
pub mod mcp;

pub use analyze::{Analysis, Analyst, Request};
pub use desk::Desk;
pub use error::{Error, Result};
pub use facts::{Fact, Facts};
pub use language::Language;
pub use report::AnalystReport;
pub use reports::{Kept, Reports};
pub use verdict::{Action, Confidence, Verdict};
