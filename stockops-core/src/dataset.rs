//! From bars to samples: stationary rows, a split by date, scaling learned from training rows, windows that are views.

mod day_effects;
mod encoding;
mod index_days;
mod past;
mod scaler;
mod spans;
mod split;
mod windows;

pub use day_effects::DayEffects;
pub use encoding::{Encoding, Rows};
pub(crate) use encoding::{bar_within, position};
pub use index_days::{IndexDay, IndexDays};
pub(crate) use past::{DayLogs, Logged, Past, RANGE_FLOOR};
pub use past::{USUAL_DAYS, log_range, usual_log_volume, usual_range};
pub use scaler::{StandardScaler, TrainingRows};
pub(crate) use spans::{MONTH, QUARTER, WEEK};
pub use split::{Part, Split, SplitConfig};
pub use windows::{Dataset, DatasetConfig, Windows};
