//! Flags of `models`.

use clap::Subcommand;
use stockops_core::Ticker;

use super::parse;

/// What can be done with versions.
#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// All versions, of one ticker or of all; each bundle is checked
    #[command(after_help = "Example:\n  stockops models list GOOG")]
    List {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Option<Ticker>,
    },
    /// One version with all that is known about it
    #[command(after_help = "Example:\n  stockops models show GOOG 2")]
    Show {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Version [default: the champion]
        version: Option<u32>,
    },
    /// Make a version the champion, or the parent that children come from
    #[command(after_help = "Examples:\n  stockops models promote GOOG 2\n  stockops models promote ^GSPC 0 --parent")]
    Promote {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
        /// Version; with --parent 0 is the parent that ships with the program
        version: u32,
        /// Make it the parent that children of all tickers come from, and leave the champion as it is
        #[arg(long)]
        parent: bool,
    },
    /// Make the champion before the current one champion again
    #[command(after_help = "Example:\n  stockops models rollback GOOG")]
    Rollback {
        /// Ticker
        #[arg(value_parser = parse::<Ticker>)]
        ticker: Ticker,
    },
}
