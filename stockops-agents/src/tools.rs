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
mod news;
mod number;
mod risk;
mod skill;
mod tool;
mod toolbox;
mod view;

pub(crate) use found::facts_of;

pub use converse::{Budget, Called, Conversation, converse};
pub use drift::{DriftAlarm, DriftAnswer};
pub use fault::ToolFault;
pub use forecast::{ForecastAnswer, SessionAnswer, Stated};
pub use history::{HistoryAnswer, PastSession};
pub use news::{NewsAnswer, NewsItem};
pub use risk::{Chance, RiskAnswer, TailLoss};
pub use skill::{SkillAnswer, SkillRow};
pub use tool::Tool;
pub use toolbox::Toolbox;
