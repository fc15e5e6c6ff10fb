//! The vocabulary of forecasts, as data: what is forecast, how it is spread, and how it was judged.
//!
//! Everything here can be read, written and drawn without a network; what makes it lives in the rooms above.

mod case;
mod distribution;
mod errors;
mod field;
mod horizon;
mod interval;
mod levels;
mod outlook;
mod output;
mod own;
mod role;
mod rule;
mod sample;
mod score;
mod strategy;
mod units;

pub use case::{Case, Spread};
pub use distribution::{Distribution, Shape, gaussian_crps};
pub(crate) use errors::DayErrors;
pub use field::Field;
pub use horizon::Horizon;
pub use levels::LEVELS;
pub use outlook::{Outlook, Stance, Volatility};
pub use output::{Day, Forecast, IntervalDay, NextWeek, PastClose, Predictions};
pub(crate) use own::{Dated, OwnErrors};
pub use role::Role;
pub use rule::Rule;
pub use sample::Sampler;
pub(crate) use sample::{DatedPath, ENOUGH};
pub use score::{Direction, FieldTable, HorizonSkill, MIN_JUDGED, PathCoverage, Score, SkillTable, skill_of};
pub use strategy::Strategy;
pub(crate) use units::Units;
