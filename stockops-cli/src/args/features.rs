//! Flags of `features`.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Subcommand;
use stockops_core::Ticker;
use stockops_core::feature_store::Layout;

use super::parse;

/// What can be done with features.
#[derive(Debug, Subcommand)]
pub(crate) enum Features {
    /// Keep a view under the home from now on: the contract's stock_stats, or one from a file
    #[command(after_help = "Example:\n  stockops features apply --view momentum.json --layout buckets")]
    Apply {
        /// JSON with name, version, features and ttl_seconds [default: stock_stats]
        #[arg(long, value_name = "FILE")]
        view: Option<PathBuf>,
        /// How rows are spread over files: tickers (one each) or buckets (256, for more than some thousands of tickers)
        #[arg(long, value_name = "tickers|buckets", value_parser = parse::<Layout>)]
        layout: Option<Layout>,
    },
    /// Take the bars of tickers into the store, and send the newest rows of all to the online store
    #[command(
        after_help = "Example:\n  stockops features materialize GOOG --bars goog.csv --redis redis://127.0.0.1:6379"
    )]
    Materialize {
        /// Tickers [default: those that --bars names]
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Vec<Ticker>,
    },
    /// The newest row of tickers: from the online store, or from the files where none is named
    #[command(after_help = "Example:\n  stockops features get GOOG AMZN --json")]
    Get {
        /// Tickers
        #[arg(required = true, value_parser = parse::<Ticker>)]
        ticker: Vec<Ticker>,
        /// View, such as stock_stats or stock_stats_v2
        #[arg(long, default_value = "stock_stats", value_name = "NAME")]
        view: String,
    },
    /// All rows of a ticker, or the rows that were in force for a list of tickers and times
    #[command(
        after_help = "Examples:\n  stockops features history GOOG --known 2024-05-01\n  stockops features history --entities \
                      asked.csv --known-then --json"
    )]
    History {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>, conflicts_with = "entities")]
        ticker: Option<Ticker>,
        /// CSV with the columns ticker and event_timestamp, such as 2024-05-01T20:00:00Z; one row comes out for each
        #[arg(long, value_name = "FILE")]
        entities: Option<PathBuf>,
        /// Count only what was known at the time of each row of the list, and not what was corrected since
        #[arg(long)]
        known_then: bool,
        /// Rows as they were known at this time, such as 2024-05-01T20:00:00Z, or at the end of this day in UTC
        #[arg(long, value_name = "TIME|DATE", value_parser = parse_known, conflicts_with = "entities")]
        known: Option<DateTime<Utc>>,
        /// View, such as stock_stats or stock_stats_v2
        #[arg(long, default_value = "stock_stats", value_name = "NAME")]
        view: String,
    },
}

/// A time, or the end of a day.
fn parse_known(word: &str) -> Result<DateTime<Utc>, String> {
    let end = |day: NaiveDate| day.and_hms_micro_opt(23, 59, 59, 999_999).map(|time| time.and_utc());
    let time = word.parse().ok().or_else(|| word.parse().ok().and_then(end));
    time.ok_or_else(|| "must be a time with its zone, such as 2024-05-01T20:00:00Z, or a day".to_owned())
}
