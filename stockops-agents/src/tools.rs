//! Tools: what a language model, or an assistant outside, may ask of the house while it works.
//!
//! ```text
//! Toolbox::call(name, JSON) ─checked arguments─→ Desk or NewsSource ─→ JSON: numbers, each with interval and skill
//! ```
//!
//! Tools read; none trains, and none keeps a forecast in the record. Arguments are flat objects with a JSON schema without references. What goes wrong is a
//! [`ToolFault`] whose text says what to do next.

mod arguments;
mod converse;
mod desk_tool;
mod drift;
mod fault;
mod forecast;
mod found;
mod history;
mod losses;
mod news;
pub(crate) mod number;
mod risk;
mod skill;
mod stated;
mod tool;
mod toolbox;
mod trust;
mod view;

pub(crate) use found::facts_of;

pub use converse::{Budget, Called, Conversation, converse};
pub use drift::{DriftAnswer, DriftTest};
pub use fault::ToolFault;
pub use forecast::ForecastAnswer;
pub use history::{HistoryAnswer, PastSession};
pub use losses::{Chance, KeptLosses, Losses};
pub use news::{NewsAnswer, NewsItem};
pub use risk::RiskAnswer;
pub use skill::SkillAnswer;
pub use stated::{SessionAnswer, Stated};
pub use tool::Tool;
pub use toolbox::Toolbox;
pub use trust::{SkillRow, Trust};
