//! `LEVELS`: the shares of outcomes that intervals are to hold.

/// Shares of outcomes that the intervals are to hold.
pub const LEVELS: [f64; 3] = [0.80, 0.90, 0.95];
