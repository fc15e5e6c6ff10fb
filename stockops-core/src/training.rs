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
mod transfer;
mod watch;

pub use config::TrainConfig;
pub use fit::History;
pub use loss::ColumnWeights;
pub use recipe::Recipe;
pub use transfer::TransferTrainer;
pub use watch::{CancelFlag, Epoch, Event, Watch};
