//! Flags of every command.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args as ClapArgs;
use stockops_core::source::{DateOrder, Decimal};
use stockops_core::{Calendar, Device};

use super::parse;
use crate::source::SourceWord;

/// Flags of every command.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Common {
    /// Folder of registry, runs and caches, or a bucket: s3://BUCKET/PREFIX, gs://, az:// [default: ./stockops-home]
    #[arg(long, global = true, env = "STOCKOPS_HOME", value_name = "DIR|URL")]
    pub(crate) home: Option<PathBuf>,
    /// Bars of the ticker from CSV as sources write it, zip, Parquet; several as TICKER=FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) bars: Vec<String>,
    /// Where bars come from that --bars names no file of: yahoo, files (from none) or builtin [default: yahoo, with --bars files]
    #[arg(long, global = true, value_name = "yahoo|files|builtin", value_parser = parse::<SourceWord>)]
    pub(crate) source: Option<SourceWord>,
    /// Take today's bar of Yahoo although its session is not over
    #[arg(long, global = true)]
    pub(crate) partial: bool,
    /// Take what was known of Yahoo's bars at the end of this day, so that a call can be repeated as it was
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) as_of: Option<NaiveDate>,
    /// Take bars of Yahoo that end before the last finished session
    #[arg(long, global = true)]
    pub(crate) allow_stale: bool,
    /// Ask Yahoo for all of the history again, where what is kept of it is wrong
    #[arg(long, global = true, conflicts_with = "as_of")]
    pub(crate) refresh: bool,
    /// Events that are known beforehand, such as dates of earnings: CSV with the columns date, ticker and kind
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Where to compute: cpu, cuda, libtorch or libtorch:cuda [default: cpu]
    #[arg(long, global = true, env = "STOCKOPS_DEVICE", value_name = "WORD", value_parser = parse::<Device>)]
    pub(crate) device: Option<Device>,
    /// Seed of weights, order and dropout [default: 42]
    #[arg(long, global = true, env = "STOCKOPS_SEED", value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    /// Threads of the CPU [default: all]
    #[arg(long, global = true, env = "STOCKOPS_THREADS", value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Prices scaled by Adj Close where a file has it, or as they are [default: auto]
    #[arg(long, global = true, value_name = "auto|none", value_parser = ["auto", "none"])]
    pub(crate) adjust: Option<String>,
    /// Days of trading: a code such as XNYS, 24/7 or weekdays [default: what the ticker names, else what the rows show]
    #[arg(long, global = true, value_name = "WORD", value_parser = parse::<Calendar>)]
    pub(crate) calendar: Option<Calendar>,
    /// Order of day and month where a file leaves it open: dmy, mdy or ymd
    #[arg(long, global = true, value_name = "dmy|mdy|ymd", value_parser = parse::<DateOrder>)]
    pub(crate) dates: Option<DateOrder>,
    /// Mark of decimals where a file leaves it open: point or comma
    #[arg(long, global = true, value_name = "point|comma", value_parser = parse::<Decimal>)]
    pub(crate) decimal: Option<Decimal>,
    /// Drop rows that break a rule, and say so
    #[arg(long, global = true)]
    pub(crate) drop_bad_rows: bool,
    /// Fold bars of hours or minutes to days, by the hours of the exchange
    #[arg(long, global = true)]
    pub(crate) fold: bool,
    /// Redis, such as redis://127.0.0.1:6379: features online, and what servers share; STOCKOPS_REDIS_URL_FILE names a file that
    /// has the address [default: none]
    #[arg(long, global = true, env = "STOCKOPS_REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) redis: Option<String>,
    /// Settings file [default: stockops.toml in the working directory, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One JSON document on stdout and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// A line for each epoch
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// No progress
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}
