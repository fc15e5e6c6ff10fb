//! Flags of `batch`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args as ClapArgs, Subcommand};
use stockops_core::service::Shard;

use super::{Child, parse};

/// What is done with each ticker of a list.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Batch {
    /// Make a child of the parent for each ticker and register it
    #[command(
        after_help = "Example:\n  stockops batch train --tickers tickers.txt --bars-dir bars --shard 1/4 --resume"
    )]
    Train {
        #[command(flatten)]
        list: BatchList,
        #[command(flatten)]
        child: Child,
        /// Hold each child against its parent and a network of its own, as train-child does: several times the work, same forecasts
        #[arg(long)]
        compare: bool,
        /// Epochs, at most [default: 10]
        #[arg(long, value_name = "N")]
        epochs: Option<usize>,
        /// First day that is used
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
        /// Last day that training, validation and calibration may see; later days are the test
        #[arg(long, value_name = "DATE")]
        to: Option<NaiveDate>,
    },
    /// Forecast the next sessions of each ticker and keep the forecasts
    #[command(after_help = "Example:\n  stockops batch forecast --tickers tickers.csv --json")]
    Forecast {
        #[command(flatten)]
        list: BatchList,
    },
    /// Drift of each ticker, and what is done about it
    #[command(after_help = "Example:\n  stockops batch monitor --tickers tickers.txt --bars-dir bars --retrain")]
    Monitor {
        #[command(flatten)]
        list: BatchList,
        /// Train where the policy says so; without it training is recommended and not done
        #[arg(long)]
        retrain: bool,
    },
}

/// Which tickers a batch is of.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct BatchList {
    /// One ticker a line, # begins a comment; or CSV, with files of bars in the second column or one called bars
    #[arg(long, value_name = "FILE")]
    pub(crate) tickers: PathBuf,
    /// Folder with files of bars that are named as their tickers: GOOG.csv, GOOG.csv.gz, GOOG.parquet or GOOG.zip
    #[arg(long, value_name = "DIR")]
    pub(crate) bars_dir: Option<PathBuf>,
    /// Part K, from 1, of N; `job` in the place of K is one more than JOB_COMPLETION_INDEX, which an Indexed Job sets [default: all]
    #[arg(long, value_name = "K/N", value_parser = parse_shard)]
    pub(crate) shard: Option<Shard>,
    /// Leave out what was done before with the same program, settings, bars and model
    #[arg(long)]
    pub(crate) resume: bool,
    /// End with exit code 0 although tickers failed; they stand in the last line
    #[arg(long)]
    pub(crate) keep_going: bool,
}

/// A part of a list; `job` is the part of the pod of an Indexed Job, which counts from 0.
fn parse_shard(word: &str) -> Result<Shard, String> {
    let Some(of) = word.strip_prefix("job/") else { return parse(word) };
    let index = std::env::var("JOB_COMPLETION_INDEX").ok().and_then(|index| index.parse::<u64>().ok());
    let index = index.ok_or("`job` wants JOB_COMPLETION_INDEX to be set, a number from 0; give K/N elsewhere")?;
    parse(&format!("{}/{of}", index.saturating_add(1)))
}
