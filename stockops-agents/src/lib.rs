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

// what is known
pub mod desk;
pub mod facts;
pub mod news;
pub mod verdict;

// what is written
pub mod check;

// who writes
pub mod embed;
pub mod llm;

pub use desk::Desk;
pub use error::{Error, Result};
pub use facts::{Fact, Facts};
pub use verdict::{Action, Confidence, Verdict};
