//! `Rules`: the forecasts of the simple rules, with what some of them learn from the past.

mod fitted;
mod har;

pub use fitted::Rules;

#[cfg(test)]
mod tests;
