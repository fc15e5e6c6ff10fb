//! `Prices`: what tokens cost.

use serde::{Deserialize, Serialize};

use super::Usage;

/// What a million tokens cost, in any currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// Of a prompt.
    pub prompt: f64,
    /// Of an answer.
    pub answer: f64,
}

impl Prices {
    /// What `usage` costs, in millionths of the currency, rounded up.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_agents::llm::{Prices, Usage};
    ///
    /// let prices = Prices { prompt: 0.15, answer: 0.60 };
    /// assert_eq!(prices.millionths(Usage { prompt: 1_000, answer: 500 }), 450);
    /// ```
    pub fn millionths(&self, usage: Usage) -> u64 {
        // A price of a million tokens in the currency is the price of one token in its millionths.
        (usage.prompt as f64 * self.prompt + usage.answer as f64 * self.answer).ceil() as u64
    }
}
