//! `Rules`: the simple rules, fitted on what was known before the judged days begin.

use std::collections::BTreeMap;

use super::har::{Har, LOOKBACK};
use crate::evaluation::ewma::{DECAY, decayed_mean};
use crate::evaluation::metrics::mean;
use crate::forecast::{Field, Rule};
use crate::market::Bar;

/// Days of the moving mean.
const MEAN_DAYS: usize = 20;

/// Sessions of a week.
const WEEK: usize = 5;

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
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// One regression a horizon; `None` where it could not be fitted.
    har: BTreeMap<Field, Vec<Option<Har>>>,
    /// Mean absolute error of persistence, one a horizon.
    scales: BTreeMap<Field, Vec<Option<f64>>>,
}

impl Rules {
    /// Learn from `history`, oldest first: the bars that are known before the first judged forecast.
    ///
    /// All but HAR need nothing learned; HAR is left out where the history is too short for it: it takes about 56 bars.
    pub fn fit(history: &[Bar], horizons: usize) -> Self {
        let har_of = |field: Field| {
            let series: Vec<Option<f64>> = history.iter().map(|bar| field.value(bar, 1.0)).collect();
            (field, (1..=horizons).map(|ahead| Har::fit(&series, ahead)).collect())
        };
        let learned =
            Self { har: [Field::Volume, Field::Range].into_iter().map(har_of).collect(), scales: BTreeMap::new() };
        let scale = |field: Field| (field, (0..horizons).map(|h| learned.scale_on(history, field, h)).collect());
        let scales = Field::ALL.into_iter().map(scale).collect();
        Self { scales, ..learned }
    }

    /// What `rule` forecasts after the bars `known`, `horizon` from 0, on the scale of `field`; `None` where it has
    /// nothing to say.
    pub fn forecast(&self, rule: Rule, known: &[Bar], field: Field, horizon: usize) -> Option<f64> {
        let close = known.last()?.close;
        match rule {
            Rule::Persistence => persistence(known, field, close),
            Rule::Drift => Some(persistence(known, field, close)? + drift(known, field, horizon)),
            Rule::Mean20 => mean_20(known, field, close),
            Rule::SeasonalNaive => seasonal_naive(known, field, horizon),
            Rule::Har => self.har.get(&field)?.get(horizon)?.as_ref()?.forecast(&logs(known, field, LOOKBACK)),
            Rule::Ewma if field.is_price() => None,
            Rule::Ewma => decayed_mean(known.iter().rev().map(|bar| field.value(bar, close)), DECAY),
        }
    }

    /// What `rule` forecasts for each of so many horizons.
    pub(in crate::evaluation) fn forecasts(
        &self,
        rule: Rule,
        known: &[Bar],
        field: Field,
        horizons: usize,
    ) -> Vec<Option<f64>> {
        match rule {
            // They say the same of each day ahead.
            Rule::Persistence | Rule::Mean20 | Rule::Ewma => vec![self.forecast(rule, known, field, 0); horizons],
            _ => (0..horizons).map(|horizon| self.forecast(rule, known, field, horizon)).collect(),
        }
    }

    /// Mean absolute error of persistence on the history, `horizon` from 0: the unit of MASE (Hyndman and Koehler 2006,
    /// there at one step; here at the horizon that is judged). `None` where no error is known or all are 0.
    pub fn scale(&self, field: Field, horizon: usize) -> Option<f64> {
        self.scales.get(&field)?.get(horizon).copied().flatten()
    }

    fn scale_on(&self, history: &[Bar], field: Field, horizon: usize) -> Option<f64> {
        let error = |origin: usize| {
            let known = &history[..=origin];
            let actual = field.value(history.get(origin + 1 + horizon)?, known[origin].close)?;
            Some((actual - self.forecast(Rule::Persistence, known, field, horizon)?).abs())
        };
        let errors: Vec<f64> = (0..history.len()).filter_map(error).collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        (mean > 0.0).then_some(mean)
    }
}

fn persistence(known: &[Bar], field: Field, close: f64) -> Option<f64> {
    match field {
        Field::Open => Some(0.0),
        _ => known.iter().rev().find_map(|bar| field.value(bar, close)),
    }
}

/// Mean daily log move of all known days, as often as there are days until then.
fn drift(known: &[Bar], field: Field, horizon: usize) -> f64 {
    let moves = known.len() - 1;
    if moves == 0 || !field.is_price() {
        return 0.0;
    }
    let daily = (known[moves].close / known[0].close).ln() / moves as f64;
    // An open is a night away from the close before it, and the days' moves are taken to be made after it.
    let days = if field == Field::Open { horizon } else { horizon + 1 };
    daily * days as f64
}

fn mean_20(known: &[Bar], field: Field, close: f64) -> Option<f64> {
    match field {
        Field::Open | Field::Close => {
            let prices = known[known.len().saturating_sub(MEAN_DAYS)..].iter().filter_map(|bar| field.value(bar, 1.0));
            mean(prices.map(f64::exp)).map(|price| (price / close).ln())
        }
        Field::High | Field::Low => {
            let recent = &known[known.len().saturating_sub(MEAN_DAYS + 1)..];
            mean(recent.windows(2).filter_map(|pair| field.value(&pair[1], pair[0].close)))
        }
        Field::Volume | Field::Range => mean(logs(known, field, MEAN_DAYS).into_iter()),
    }
}

fn seasonal_naive(known: &[Bar], field: Field, horizon: usize) -> Option<f64> {
    // Of day t + h + 1 the day 5 sessions before; one week more for each week that the forecast looks ahead.
    let back = WEEK - 1 - horizon % WEEK;
    let day = known.len().checked_sub(1 + back)?;
    match field {
        Field::Open | Field::Close => Some(0.0),
        Field::High | Field::Low => field.value(&known[day], known.get(day.checked_sub(1)?)?.close),
        Field::Volume | Field::Range => field.value(&known[day], 1.0),
    }
}

/// The last `count` known values of volume or range, oldest first.
fn logs(known: &[Bar], field: Field, count: usize) -> Vec<f64> {
    let mut last: Vec<f64> = known.iter().rev().filter_map(|bar| field.value(bar, 1.0)).take(count).collect();
    last.reverse();
    last
}
