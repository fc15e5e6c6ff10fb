//! Benches of stockops, one file a stage: `cargo bench -p stockops-benches`.

use stockops_core::source::builtin_bars;
use stockops_core::{Bars, Result};

/// Bars of the index that ship with the crate: 5,357 days.
pub fn index() -> Result<Bars> {
    Ok(builtin_bars(&"^GSPC".parse()?)?.bars)
}
