//! `Reached`: where a possible path stands at the end of each session.

use crate::market::Bar;

/// Where a possible path stands at the end of a session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reached {
    /// Close of the session.
    pub(super) close: f64,
    /// Highest price since the last close, that close among them.
    pub(super) high: f64,
    /// Lowest price likewise.
    pub(super) low: f64,
    /// Highest high of the sessions alone.
    pub(super) highest: f64,
    /// Lowest low likewise.
    pub(super) lowest: f64,
    /// High over low of the session, less 1.
    pub(super) width: f64,
    /// Largest width so far.
    pub(super) widest: f64,
}

/// Session by session along `path`, which begins at `last_close`.
pub(super) fn reached(last_close: f64, path: &[Bar]) -> impl Iterator<Item = Reached> {
    let mut state: Option<Reached> = None;
    path.iter().map(move |bar| {
        let width = bar.high / bar.low - 1.0;
        let (highest, lowest, widest) = state.map_or((bar.high, bar.low, width), |before| {
            (before.highest.max(bar.high), before.lowest.min(bar.low), before.widest.max(width))
        });
        let (high, low) = (highest.max(last_close), lowest.min(last_close));
        *state.insert(Reached { close: bar.close, high, low, highest, lowest, width, widest })
    })
}
