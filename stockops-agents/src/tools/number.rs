//! Numbers with the decimals that a report prints, so that a model has nothing longer to quote.

use stockops_core::market::price_decimals;

/// A price with the decimals of its size.
pub(crate) fn price(price: f64) -> f64 {
    decimals(price, price_decimals(price))
}

/// A share or a skill as a fraction: 0.0123 is 1.23 %.
pub(crate) fn share(share: f64) -> f64 {
    decimals(share, 4)
}

/// `value` with at most `count` decimals.
pub(crate) fn decimals(value: f64, count: usize) -> f64 {
    // Adding 0 makes 0 of -0.
    format!("{value:.count$}").parse::<f64>().unwrap_or(value) + 0.0
}
