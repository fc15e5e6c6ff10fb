//! The service as a newcomer, a restart, an attacker and an admin meet it: the built command, over HTTP.

#[path = "../../../stockops-core/tests/played/mod.rs"]
mod played;

mod access;
mod health;
mod hostile;
mod newcomer;
mod openbb;
mod replicas;
mod restart;
mod server;
