//! Flags of `backtest`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args as ClapArgs;
use stockops_core::Strategy;

use super::parse;

/// What a backtest does.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Backtest {
    /// Stretches of days that are judged one after the other
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub(crate) folds: usize,
    /// Train the child once, before the first fold, and not anew before each
    #[arg(long)]
    pub(crate) no_refit: bool,
    /// How the child comes from the parent: freeze, fine-tune, zero-shot or scratch
    #[arg(long, default_value = "freeze", value_name = "WORD", value_parser = parse::<Strategy>)]
    pub(crate) strategy: Strategy,
    /// Keep only the last N bars before each fold
    #[arg(long, value_name = "N")]
    pub(crate) history: Option<usize>,
    /// Hold zero-shot, freeze, fine-tune and scratch side by side, with histories of 100 to 1000 bars and with all
    #[arg(long)]
    pub(crate) ablation: bool,
    /// Do it with N seeds, one more each time, and show how far the skill varies
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seeds: usize,
    /// Epochs of a child, at most [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// First day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<NaiveDate>,
    /// Folder of backtest.json, backtest.html and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// File for the error of each forecast, and of each rule, as CSV: to test differences [default: nothing is written]
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
}
