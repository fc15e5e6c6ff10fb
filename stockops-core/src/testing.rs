//! Bars for this crate's own tests.

use std::ops::Range;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::market::{Bar, Bars, Ticker};

/// Day `i` after the first of 2015.
pub(crate) fn day(i: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2015, 1, 1).unwrap() + Days::new(i)
}

/// Bars of a random walk with ranges and volumes above 0.
pub(crate) fn random_bars(count: Range<usize>) -> impl Strategy<Value = Bars> {
    let step = (-0.1f64..0.1, -0.05f64..0.05, 0.001f64..0.05, 0.001f64..0.05, 1.0f64..1e9);
    (1.0f64..1e4, prop::collection::vec(step, count)).prop_map(|(start, steps)| {
        let mut close = start;
        let bar = |(i, (gap, body, upper, lower, volume)): (usize, (f64, f64, f64, f64, f64))| {
            let open = close * gap.exp();
            close = open * body.exp();
            let (high, low) = (open.max(close) * upper.exp(), open.min(close) * (-lower).exp());
            Bar { date: day(i as u64), open, high, low, close, volume }
        };
        let bars = steps.into_iter().enumerate().map(bar).collect();
        Bars::new(Ticker::new("RANDOM").unwrap(), bars).unwrap()
    })
}
