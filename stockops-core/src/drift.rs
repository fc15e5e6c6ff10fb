//! Drift: have the data changed, and has the model got worse? Two questions with two answers.
//!
//! [`DriftMonitor`] holds a [`Reference`] (what is usual, learned from a long history) against the newest bars and against
//! the forecaster's own [`TrackRecord`], and gives a [`DriftReport`]. [`RetrainPolicy`] turns reports into decisions.
//! [`LegacyDrift`] is the original system's rule.

mod charts;
mod concept;
mod cusum;
mod episode;
mod fault;
mod health;
mod ks;
mod legacy;
mod monitor;
mod outcome;
mod policy;
mod reference;
mod report;
mod rows;
mod test;
mod words;

pub use concept::{BASELINE, BASELINE_MOST, Promise};
pub use cusum::{COVERAGE_ALARM, SKILL_ALARM};
pub use health::Health;
pub use ks::{ks_p_value, ks_statistic};
pub use legacy::{LegacyDrift, Shift};
pub use monitor::{DriftMonitor, Watched, reports};
pub use outcome::{FieldOutcome, Outcome, TrackRecord};
pub use policy::RetrainPolicy;
pub use reference::{DAYS_PER_EPISODE, Reference};
pub use report::{Direction, DriftReport, Kind, Retrain, Source, Status, TestReport, TrailDay};
pub use test::{BEFORE_ROWS, CURRENT_ROWS, Test};
