//! The server of stockops: a library that puts one `Stockops` behind HTTP.
//!
//! It is a thin face, as the command and the wheel are: a request becomes a typed request of the service, and its answer
//! becomes JSON or a page. It holds no formula and no default of its own.
//!
//! ```text
//! HTTP ──► guard ──► routes ──typed request──► Stockops ──typed answer──► routes ──► JSON
//!                      │                          ▲           └─────────► pages ───► HTML
//!                      └── long work ──► jobs ────┘
//! ```

pub mod bars;
pub mod guard;
pub mod kept;
pub mod limits;
pub mod logs;
pub mod metrics;
mod refusal;
#[cfg(feature = "redis")]
pub mod shared;

#[cfg(all(test, feature = "redis"))]
mod testing;

pub use refusal::Refusal;
mod fault;
mod json;
pub mod openapi;
pub mod pages;
mod params;
mod schema;

pub use fault::Fault;
pub use json::Json;
pub use params::{Path, Query};
