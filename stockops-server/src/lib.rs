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

pub mod pages;
