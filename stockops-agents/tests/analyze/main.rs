//! The analysts from request to report: with scripted models for every branch, and without one.

#![allow(unreachable_pub, reason = "modules of one test")]

#[path = "../common/mod.rs"]
mod common;
mod drafts;
mod faults;
mod headlines;
mod kept;
mod script;
mod template;
