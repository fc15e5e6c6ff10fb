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

// the words of HTTP: bodies, errors, the document
mod fault;
mod hex;
mod json;
pub mod openapi;
mod params;
#[cfg(feature = "stockops")]
mod reply;
mod schema;

// around every route
pub mod guard;
pub mod limits;
pub mod logs;
pub mod metrics;
#[cfg(feature = "redis")]
pub mod shared;
#[cfg(feature = "otlp")]
pub mod traces;

// what is kept, and what takes long
pub mod bars;
#[cfg(feature = "stockops")]
pub mod jobs;
pub mod kept;
pub mod queue;

// what people see
pub mod pages;

// the service
#[cfg(feature = "stockops")]
mod app;
#[cfg(feature = "stockops")]
mod routes;

#[cfg(all(test, feature = "redis"))]
mod testing;

pub use fault::Fault;
pub use json::Json;
pub use params::{Path, Query};

#[cfg(feature = "stockops")]
pub use app::{App, AppConfig, Builder};
#[cfg(feature = "stockops")]
pub use routes::{app, probes};
