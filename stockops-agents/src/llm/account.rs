//! `Account`: what may be spent on models, and what was; each call is paid for before it is made.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Prices, Usage};
use crate::error::ModelFault;

/// What calls have cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Calls that were begun.
    pub calls: u32,
    /// Those of them of which nobody said what they cost: they count with all that was reserved.
    pub uncounted: u32,
    /// Tokens of all calls.
    pub usage: Usage,
    /// Money in millionths of the currency; 0 where no prices are known.
    pub millionths: u64,
}

/// What may be spent. Clones are the same account.
///
/// # Example
///
/// ```
/// use stockops_agents::llm::{Account, Prices};
///
/// let account = Account::new(20_000).with_prices(Prices { prompt: 0.15, answer: 0.60 }).with_money(50_000);
/// assert_eq!(account.cost().usage.prompt, 0);
/// ```
#[derive(Debug, Clone)]
pub struct Account {
    tokens: u64,
    millionths: Option<u64>,
    prices: Option<Prices>,
    cost: Arc<Mutex<Cost>>,
}

impl Account {
    /// An account of `tokens`, of prompts and answers together.
    pub fn new(tokens: u64) -> Self {
        Self { tokens, millionths: None, prices: None, cost: Arc::default() }
    }

    /// What tokens cost.
    #[must_use]
    pub fn with_prices(self, prices: Prices) -> Self {
        Self { prices: Some(prices), ..self }
    }

    /// At most so many millionths of the currency may be spent. Without prices this limits nothing.
    #[must_use]
    pub fn with_money(self, millionths: u64) -> Self {
        Self { millionths: Some(millionths), ..self }
    }

    /// An account of which `cost` is spent already, for a run that goes on.
    #[must_use]
    pub fn after(self, cost: Cost) -> Self {
        Self { cost: Arc::new(Mutex::new(cost)), ..self }
    }

    /// What was spent, with what is reserved.
    pub fn cost(&self) -> Cost {
        *self.held()
    }

    /// Set aside what a call costs at most.
    ///
    /// # Errors
    ///
    /// [`ModelFault::OverBudget`] and [`ModelFault::OverCost`] where less is left, and then nothing is set aside.
    pub fn reserve(&self, most: Usage) -> Result<Reserved, ModelFault> {
        let mut cost = self.held();
        let price = self.price(most);
        if total(cost.usage) + total(most) > self.tokens {
            return Err(self.is_spent());
        }
        if let Some(limit) = self.millionths.filter(|&limit| cost.millionths + price > limit) {
            return Err(ModelFault::OverCost { millionths: limit });
        }
        cost.calls += 1;
        cost.uncounted += 1;
        cost.usage = Usage { prompt: cost.usage.prompt + most.prompt, answer: cost.usage.answer + most.answer };
        cost.millionths += price;
        Ok(Reserved { account: self.clone(), most })
    }

    /// The error that says that no tokens are left.
    pub(super) fn is_spent(&self) -> ModelFault {
        ModelFault::OverBudget { limit: self.tokens }
    }

    fn price(&self, usage: Usage) -> u64 {
        self.prices.map_or(0, |prices| prices.millionths(usage))
    }

    fn held(&self) -> MutexGuard<'_, Cost> {
        self.cost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is set aside for a call. Dropped, all of it counts as spent: who does not know what a call has cost has paid for
/// it.
#[derive(Debug)]
pub struct Reserved {
    account: Account,
    most: Usage,
}

impl Reserved {
    /// Say what was spent, be it more or less.
    pub fn spent(self, usage: Usage) {
        let mut cost = self.account.held();
        let changed = |was: u64, most: u64, is: u64| was.saturating_sub(most) + is;
        cost.uncounted -= 1;
        cost.millionths = changed(cost.millionths, self.account.price(self.most), self.account.price(usage));
        cost.usage = Usage {
            prompt: changed(cost.usage.prompt, self.most.prompt, usage.prompt),
            answer: changed(cost.usage.answer, self.most.answer, usage.answer),
        };
    }
}

pub(super) fn total(usage: Usage) -> u64 {
    usage.prompt + usage.answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Usage = Usage { prompt: 300, answer: 200 };

    #[test]
    fn what_is_left_over_goes_back() {
        let account = Account::new(1000);
        account.reserve(CALL).unwrap().spent(Usage { prompt: 100, answer: 10 });
        assert_eq!(account.cost(), Cost { calls: 1, usage: Usage { prompt: 100, answer: 10 }, ..Cost::default() });
        // 110 + 890 is all of it, 1 more is too much.
        let refused = account.reserve(Usage { prompt: 891, answer: 0 }).unwrap_err();
        assert_eq!(refused, ModelFault::OverBudget { limit: 1000 });
        assert_eq!(account.cost().calls, 1, "a refused call is none");
        account.reserve(Usage { prompt: 890, answer: 0 }).unwrap().spent(Usage { prompt: 990, answer: 0 });
        assert_eq!(account.cost().usage.prompt, 1090, "what was spent beyond counts too");
    }

    #[test]
    fn who_does_not_know_the_cost_has_paid_all() {
        let account = Account::new(1000);
        drop(account.reserve(CALL).unwrap());
        assert_eq!(account.cost(), Cost { calls: 1, uncounted: 1, usage: CALL, millionths: 0 });
    }

    #[test]
    fn money_is_reserved_too() {
        // A token of a prompt costs 2 millionths, one of an answer 10: a call of 300 and 200 costs 2,600.
        let account = Account::new(1_000_000).with_prices(Prices { prompt: 2.0, answer: 10.0 }).with_money(5_000);
        let first = account.reserve(CALL).unwrap();
        assert_eq!(account.cost().millionths, 2_600);
        let refused = account.reserve(CALL).unwrap_err();
        assert_eq!(refused.to_string(), "the budget of 0.005 in money is spent");
        first.spent(Usage { prompt: 300, answer: 100 });
        assert_eq!(account.cost().millionths, 1_600);
        assert!(account.reserve(CALL).is_ok());
    }

    #[test]
    fn a_run_goes_on_with_what_was_spent() {
        let account = Account::new(1000).after(Cost { usage: Usage { prompt: 600, answer: 0 }, ..Cost::default() });
        assert!(account.reserve(CALL).is_err());
    }
}
