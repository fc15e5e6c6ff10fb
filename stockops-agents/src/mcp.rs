//! `stockops mcp`: the library as a server of the Model Context Protocol, for the assistants that people already use.
//!
//! ```text
//! assistant ─tools/call→ Server ─Call→ House (Stockops) ─Answer→ text and structured content
//!                          └─backtest, train→ Tasks ─id, then the answer
//! ```
//!
//! Eight tools at most, with flat arguments and an object as the answer. Each number that is forecast stands beside its
//! interval and its skill. Nothing but a training changes what is kept, and that has to be allowed. `docs/mcp.md` is the
//! page for those who use it.

mod answer;
mod arguments;
mod files;
mod house;
mod http;
mod lines;
mod progress;
mod prompts;
mod record;
mod resources;
mod server;
mod settings;
mod stdio;
mod tasks;
mod tool;

pub use http::{HttpService, ReplyBody, guarded_service, http_service, serve_http};
pub use record::Unkept;
pub use server::{Owner, Server};
pub use settings::{Admit, Settings};
pub use stdio::serve_stdio;
