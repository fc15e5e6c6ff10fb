//! `Account`: what may be spent on models, and what was; each call is paid for before it is made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Prices, Usage};
use crate::error::ModelFault;

/// What calls have cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Calls that reached a model, or may have.
    pub calls: u32,
    /// Those of them of which nobody said what they cost: they count with all that was reserved.
    pub uncounted: u32,
    /// Tokens of all calls.
    pub usage: Usage,
    /// Money in millionths of the currency; 0 where no prices are known.
    pub millionths: u64,
}

impl Cost {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let usage =
            Usage { prompt: self.usage.prompt + other.usage.prompt, answer: self.usage.answer + other.usage.answer };
        let millionths = self.millionths + other.millionths;
        Self { calls: self.calls + other.calls, uncounted: self.uncounted + other.uncounted, usage, millionths }
    }

    /// What is left where `other` is taken back.
    fn without(self, other: Self) -> Self {
        let usage = Usage {
            prompt: self.usage.prompt.saturating_sub(other.usage.prompt),
            answer: self.usage.answer.saturating_sub(other.usage.answer),
        };
        Self {
            calls: self.calls.saturating_sub(other.calls),
            uncounted: self.uncounted.saturating_sub(other.uncounted),
            usage,
            millionths: self.millionths.saturating_sub(other.millionths),
        }
    }
}

/// What was spent, in all and by who has not been asked yet.
#[derive(Debug, Default)]
struct Ledger {
    all: Cost,
    of: BTreeMap<String, Cost>,
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
    payer: String,
    ledger: Arc<Mutex<Ledger>>,
}

impl Account {
    /// An account of `tokens`, of prompts and answers together.
    pub fn new(tokens: u64) -> Self {
        Self { tokens, millionths: None, prices: None, payer: String::new(), ledger: Arc::default() }
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
        self.add(cost);
        self
    }

    /// The same account, with what is spent from now on noted under a name.
    #[must_use]
    pub fn paid_by(self, payer: &str) -> Self {
        Self { payer: payer.into(), ..self }
    }

    /// What `payer` has spent, with what is reserved, since this was last asked.
    pub fn take(&self, payer: &str) -> Cost {
        self.held().of.remove(payer).unwrap_or_default()
    }

    /// Count what was spent elsewhere.
    pub(crate) fn add(&self, cost: Cost) {
        let mut ledger = self.held();
        ledger.all = ledger.all.and(cost);
    }

    /// What so many tokens cost at most, whatever they are.
    pub(crate) fn dearest(&self, tokens: u64) -> u64 {
        let of = |prompt, answer| self.price(Usage { prompt, answer });
        of(tokens, 0).max(of(0, tokens))
    }

    /// What was spent, with what is reserved.
    pub fn cost(&self) -> Cost {
        self.held().all
    }

    /// Set aside what a call costs at most.
    ///
    /// # Errors
    ///
    /// [`ModelFault::OverBudget`] and [`ModelFault::OverCost`] where less is left, and then nothing is set aside.
    pub fn reserve(&self, most: Usage) -> Result<Reserved, ModelFault> {
        let mut ledger = self.held();
        let cost = ledger.all;
        let price = self.price(most);
        if total(cost.usage) + total(most) > self.tokens {
            return Err(self.is_spent());
        }
        if let Some(limit) = self.millionths.filter(|&limit| cost.millionths + price > limit) {
            return Err(ModelFault::OverCost { millionths: limit });
        }
        let most = Cost { calls: 1, uncounted: 1, usage: most, millionths: price };
        ledger.all = cost.and(most);
        let own = ledger.of.entry(self.payer.clone()).or_default();
        *own = own.and(most);
        drop(ledger);
        Ok(Reserved { account: self.clone(), most })
    }

    /// The error that says that no tokens are left.
    pub(super) fn is_spent(&self) -> ModelFault {
        ModelFault::OverBudget { limit: self.tokens }
    }

    fn price(&self, usage: Usage) -> u64 {
        self.prices.map_or(0, |prices| prices.millionths(usage))
    }

    fn held(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is set aside for a call. Dropped, all of it counts as spent: who does not know what a call has cost has paid for
/// it.
#[derive(Debug)]
pub struct Reserved {
    account: Account,
    most: Cost,
}

impl Reserved {
    /// Say what was spent, be it more or less.
    pub fn spent(self, usage: Usage) {
        let millionths = self.account.price(usage);
        self.is(Cost { calls: 1, uncounted: 0, usage, millionths });
    }

    /// Say that nobody was reached: there was no call.
    pub fn unused(self) {
        self.is(Cost::default());
    }

    fn is(self, cost: Cost) {
        let mut ledger = self.account.held();
        ledger.all = ledger.all.without(self.most).and(cost);
        let own = ledger.of.entry(self.account.payer.clone()).or_default();
        *own = own.without(self.most).and(cost);
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
