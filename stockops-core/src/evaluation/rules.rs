//! `Rules`: the forecasts of the simple rules. Each rule is a file with one type, and [`Rules::fit`] makes it.

mod drift;
mod ewma;
mod har;
mod mean_20;
mod persistence;
mod seasonal_naive;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use drift::Drift;
use ewma::Ewma;
use har::Har;
use mean_20::Mean20;
use persistence::Persistence;
use seasonal_naive::SeasonalNaive;

use super::metrics::mae;
use crate::forecast::{Field, Rule};
use crate::market::Bar;

/// What every rule does.
trait SimpleRule: Debug + Send + Sync {
    /// What it says of the session `horizon` (0 is the next one) after the bars `history`, on the scale of `field`; `None`
    /// where it has nothing to say.
    fn forecast(&self, history: &[Bar], field: Field, horizon: usize) -> Option<f64>;

    /// The same for each of the next sessions. A rule that says the same of all of them saves time here.
    fn forecasts(&self, history: &[Bar], field: Field, horizons: usize) -> Vec<Option<f64>> {
        (0..horizons).map(|horizon| self.forecast(history, field, horizon)).collect()
    }
}

/// The rules with what they learned, and the scale of errors of that time.
///
/// # Example
///
/// ```
/// use stockops_core::evaluation::Rules;
/// use stockops_core::forecast::{Field, Rule};
/// use stockops_core::source::builtin_bars;
///
/// let bars = builtin_bars(&"IBM".parse()?)?.bars;
/// let (past, _) = bars.as_slice().split_at(1000);
/// let rules = Rules::fit(past, 5);
/// assert_eq!(rules.forecast(Rule::Persistence, past, Field::Close, 4), Some(0.0)); // log(close / last close)
/// assert!(rules.forecast(Rule::Har, past, Field::Range, 0).is_some());
/// assert!(rules.forecast(Rule::Har, past, Field::Close, 0).is_none()); // it has nothing to say of prices
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    fitted: BTreeMap<Rule, Arc<dyn SimpleRule>>,
    /// Mean absolute error of persistence, one a horizon.
    scales: BTreeMap<Field, Vec<Option<f64>>>,
}

impl Rules {
    /// Learn from `history`, oldest first: the bars that are known before the first judged forecast.
    ///
    /// All but HAR need nothing learned; HAR is left out where the history is too short for it: it takes about 56 bars.
    pub fn fit(history: &[Bar], horizons: usize) -> Self {
        let fitted = |rule: Rule| -> Arc<dyn SimpleRule> {
            match rule {
                Rule::Persistence => Arc::new(Persistence),
                Rule::Drift => Arc::new(Drift),
                Rule::Mean20 => Arc::new(Mean20),
                Rule::SeasonalNaive => Arc::new(SeasonalNaive),
                Rule::Har => Arc::new(Har::fit(history, horizons)),
                Rule::Ewma => Arc::new(Ewma),
            }
        };
        let scales = |field: Field| (field, (0..horizons).map(|horizon| scale(history, field, horizon)).collect());
        Self {
            fitted: Rule::ALL.iter().map(|rule| (*rule, fitted(*rule))).collect(),
            scales: Field::ALL.into_iter().map(scales).collect(),
        }
    }

    /// What `rule` forecasts after the bars `history`, `horizon` from 0, on the scale of `field`; `None` where it has
    /// nothing to say.
    pub fn forecast(&self, rule: Rule, history: &[Bar], field: Field, horizon: usize) -> Option<f64> {
        self.fitted.get(&rule)?.forecast(history, field, horizon)
    }

    /// What each rule forecasts for each of so many horizons.
    pub(super) fn forecasts<'a>(
        &'a self,
        history: &'a [Bar],
        field: Field,
        horizons: usize,
    ) -> impl Iterator<Item = (Rule, Vec<Option<f64>>)> + 'a {
        self.fitted.iter().map(move |(rule, fitted)| (*rule, fitted.forecasts(history, field, horizons)))
    }

    /// Mean absolute error of persistence on the history, `horizon` from 0: the unit of MASE (Hyndman and Koehler 2006,
    /// there at one step; here at the horizon that is judged). `None` where no error is known or all are 0.
    pub fn scale(&self, field: Field, horizon: usize) -> Option<f64> {
        self.scales.get(&field)?.get(horizon).copied().flatten()
    }
}

fn scale(history: &[Bar], field: Field, horizon: usize) -> Option<f64> {
    let error = |origin: usize| {
        let known = &history[..=origin];
        let actual = field.value(history.get(origin + 1 + horizon)?, known[origin].close)?;
        Some(actual - Persistence.forecast(known, field, horizon)?)
    };
    let errors: Vec<f64> = (0..history.len()).filter_map(error).collect();
    mae(&errors).filter(|mean| *mean > 0.0)
}

/// The last `count` known values of volume or range, oldest first.
fn last_values(history: &[Bar], field: Field, count: usize) -> Vec<f64> {
    let mut last: Vec<f64> = history.iter().rev().filter_map(|bar| field.value(bar, 1.0)).take(count).collect();
    last.reverse();
    last
}

#[cfg(test)]
mod tests;
