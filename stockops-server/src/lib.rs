//! The server of stockops: a library that puts one [`Stockops`](stockops_core::Stockops) behind HTTP.
//!
//! It is a thin face, as the command and the wheel are: a request becomes a typed request of the service, and its answer
//! becomes JSON or a page. It holds no formula and no default of its own. The three rooms are laid out and not built yet;
//! each says in its first words what will live there.
//!
//! ```text
//! HTTP ──► routes ──typed request──► Stockops ──typed answer──► routes ──► JSON
//!            │                          ▲           └─────────► pages ───► HTML
//!            └── long work ──► jobs ────┘
//! ```

pub mod jobs;
pub mod pages;
pub mod routes;
