//! The analysts: four prompts, the form of their answers, and three lines each that join the two.
//!
//! ```text
//! performance_analyst ─Reading─┐
//! market_expert ───────Mood────┴→ report_generator ─Prose→ critic ─Review→
//! ```
//!
//! No prompt holds text of others but inside of its [fence](crate::llm::fence), and no answer moves the verdict: that is code.

mod asks;
mod briefing;
mod call;
pub mod critic;
mod fence;
mod line;
pub mod market_expert;
pub mod performance_analyst;
pub mod report_generator;

pub use asks::Asks;
pub use briefing::{Briefing, Exchange};
pub use call::{Asking, Call};
pub use line::Line;

/// Version of all prompts: it enters the key of kept answers and the settings of a thread.
pub const PROMPT_VERSION: u32 = 3;
