//! Learning: the loop with its schedule and events, and transfer from a parent to a child.

mod adam;
mod average;
mod clip;
mod config;
mod fit;
mod learner;
mod loss;
mod optimizer;
mod recipe;
mod samples;
mod side_by_side;
mod transfer;
mod watch;

pub use config::TrainConfig;
pub use fit::History;
pub use loss::ColumnWeights;
pub use recipe::Recipe;
pub(crate) use side_by_side::side_by_side;
pub use transfer::TransferTrainer;
pub use watch::{CancelFlag, Epoch, Event, Watch};
