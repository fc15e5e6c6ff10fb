//! Everything that learns, from bars to a forecast that is watched: one program, since each would compile the network anew.

mod backtest;
mod drift;
mod drift_loop;
mod flow;
mod recipe;
mod refusals;
mod retraining;
mod service;
mod truth;
