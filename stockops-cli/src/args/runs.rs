//! Flags of `runs`.

use clap::Subcommand;
use stockops_core::Ticker;
use stockops_core::tracking::RunId;

use super::parse;

/// What can be done with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// The latest runs
    #[command(after_help = "Example:\n  stockops runs list GOOG --most 5")]
    List {
        /// Of this ticker alone
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Option<Ticker>,
        /// How many, at most
        #[arg(long, default_value_t = 20, value_name = "N")]
        most: usize,
    },
    /// One run with all that is known about it, epoch by epoch
    #[command(after_help = "Example:\n  stockops runs show 20260105T120000-1a2b3c4d")]
    Show {
        /// The run
        #[arg(value_parser = parse::<RunId>)]
        run: RunId,
    },
    /// Runs side by side: parameters and metrics that differ
    #[command(after_help = "Example:\n  stockops runs compare 20260105T120000-1a2b3c4d 20260106T120000-5e6f7a8b")]
    Compare {
        /// The runs
        #[arg(required = true, num_args = 2.., value_parser = parse::<RunId>)]
        runs: Vec<RunId>,
    },
    /// Send what the server of MLflow does not have: MLFLOW_TRACKING_URI says where it is
    #[command(after_help = "Example:\n  MLFLOW_TRACKING_URI=http://127.0.0.1:5000 stockops runs sync")]
    Sync,
}
