//! Flags of `train-parent` and `train-child`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args as ClapArgs;
use stockops_core::Strategy;

use super::parse;

/// How a child is trained.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Child {
    /// How it comes from the parent: freeze, fine-tune, zero-shot or scratch
    #[arg(long, default_value = "freeze", value_name = "WORD", value_parser = parse::<Strategy>)]
    pub(crate) strategy: Strategy,
    /// Keep only the last N bars before the test
    #[arg(long, value_name = "N")]
    pub(crate) history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle
    #[arg(long)]
    pub(crate) allow_parent_leak: bool,
}

/// Epochs and days of a training, and where its charts go.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Span {
    /// Epochs, at most [default: 20 for a parent, 10 for a child]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,
    /// First day that is used
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day that training, validation and calibration may see; later days are the test
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<NaiveDate>,
    /// Folder of training.json, training.html and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
