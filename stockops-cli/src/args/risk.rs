//! Flags of `risk`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use stockops_core::Ticker;

use super::parse;

/// Whose risk, and what of it.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Risk {
    /// Ticker
    #[arg(value_parser = parse::<Ticker>, conflicts_with = "portfolio")]
    pub(crate) ticker: Option<Ticker>,
    /// Price that may be touched or closed beyond; several [default: 2 and 5 % on either side of the last close]
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true, conflicts_with = "portfolio")]
    pub(crate) level: Vec<f64>,
    /// Width of a day from low to high, with 0.03 for 3 %; several [default: 0.02, 0.03, 0.05]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, conflicts_with = "portfolio")]
    pub(crate) wider: Vec<f64>,
    /// Sessions that are stated [default: all that are forecast]
    #[arg(long, value_name = "N")]
    pub(crate) horizon: Option<usize>,
    /// CSV with the columns ticker and weight (a share of the capital) or shares; below 0 sold short
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: Option<PathBuf>,
    /// Folder of risk.json, risk.html and risk.svg [default: nothing is written]
    #[arg(long, value_name = "DIR", conflicts_with = "portfolio")]
    pub(crate) out: Option<PathBuf>,
}
