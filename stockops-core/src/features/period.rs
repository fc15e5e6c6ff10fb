//! `Period`: a checked number of sessions.

use std::fmt;

use crate::error::{Result, check};

/// How many sessions an indicator looks over.
///
/// Invariant: from 1 to 1000, about four years.
///
/// # Example
///
/// ```
/// use stockops_core::features::Period;
///
/// assert_eq!(Period::new(14)?, Period::RSI);
/// assert!(Period::new(0).is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(u16);

impl Period {
    /// The usual period of RSI and ATR, Wilder's 14.
    pub const RSI: Self = Self(14);

    /// Fast period of MACD.
    pub(super) const MACD_FAST: Self = Self(12);

    /// Slow period of MACD.
    pub(super) const MACD_SLOW: Self = Self(26);

    /// Check `sessions`; [`Error::Config`](crate::Error::Config) outside 1 to 1000.
    pub fn new(sessions: usize) -> Result<Self> {
        Self::checked(sessions, sessions)
    }

    /// The period of `sessions`; a refusal shows `got`, the word that held it.
    pub(super) fn checked(sessions: usize, got: impl ToString) -> Result<Self> {
        check((1..=1000).contains(&sessions), "period", "from 1 to 1000 sessions", got)?;
        Ok(Self(sessions as u16))
    }

    /// Number of sessions.
    pub fn get(self) -> usize {
        self.0.into()
    }

    /// The same number to calculate with.
    pub(super) fn as_f64(self) -> f64 {
        self.0.into()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_from_1_to_1000() {
        for good in [1, 14, 1000] {
            assert_eq!(Period::new(good).unwrap().get(), good);
        }
        for bad in [0, 1001, usize::MAX] {
            let message = Period::new(bad).unwrap_err().to_string();
            assert_eq!(message, format!("`period` must be from 1 to 1000 sessions, got {bad}"));
        }
    }
}
