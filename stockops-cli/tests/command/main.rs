//! The command as its users call it: words, exit codes, JSON, and nothing half written.

mod backtest;
mod batch;
mod calls;
mod check;
mod drift;
mod features;
mod forecast;
mod models;
mod place;
mod risk;
mod runs;
mod train;
mod upkeep;
