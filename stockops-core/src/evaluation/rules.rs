//! `Rules`: the forecasts of the simple rules. Each rule is a file with one type, and [`Rules::fit`] makes it.

mod drift;
mod ewma;
mod har;
mod mean_20;
mod on_calendar;
mod persistence;
mod seasonal_naive;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use chrono::NaiveDate;

use drift::Drift;
use ewma::Ewma;
use har::Har;
use mean_20::Mean20;
use on_calendar::OnCalendar;
use persistence::Persistence;
use seasonal_naive::SeasonalNaive;

use super::metrics::mae;
use crate::dataset::Past;
use crate::forecast::{Field, Rule};
use crate::market::{Bar, Days};

/// What every rule does.
trait SimpleRule: Debug + Send + Sync {
    /// What it says of the session `horizon` (0 is the next one) after the bars `history`, on the scale of `field`; `None`
    /// where it has nothing to say.
    fn forecast(&self, history: Past<'_>, field: Field, horizon: usize) -> Option<f64>;

    /// The same for each of the next sessions. A rule that says the same of all of them saves time here.
    fn forecasts(&self, history: Past<'_>, field: Field, horizons: usize) -> Vec<Option<f64>> {
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
/// let rules = Rules::fit(past, bars.calendar(), 5);
/// assert_eq!(rules.forecast(Rule::Persistence, past, Field::Close, 4), Some(0.0)); // log(close / last close)
/// assert!(rules.forecast(Rule::Har, past, Field::Range, 0).is_some());
/// assert!(rules.forecast(Rule::Har, past, Field::Close, 0).is_none()); // it has nothing to say of prices
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    fitted: Arc<BTreeMap<Rule, Box<dyn SimpleRule>>>,
    on_calendar: Arc<OnCalendar>,
    days: Days,
    /// Mean absolute error of persistence, one a horizon.
    scales: BTreeMap<Field, Vec<Option<f64>>>,
}

impl Rules {
    /// Learn from `history`, oldest first: the bars that are known before the first judged forecast.
    ///
    /// HAR and the effects of days are learned; HAR is left out where the history is too short for it: it takes about 56
    /// bars. `days` is what is known of days before they come: a calendar, or [`Bars::days`](crate::Bars::days) with events. A short history knows few effects, so that rules with the calendar are then near those without.
    pub fn fit(history: &[Bar], days: impl Into<Days>, horizons: usize) -> Self {
        let days = days.into();
        let fitted = |rule: Rule, history: &[Bar]| -> Option<Box<dyn SimpleRule>> {
            Some(match rule {
                Rule::Persistence => Box::new(Persistence),
                Rule::Drift => Box::new(Drift),
                Rule::Mean20 => Box::new(Mean20),
                Rule::SeasonalNaive => Box::new(SeasonalNaive),
                Rule::Har => Box::new(Har::fit(history, horizons)),
                Rule::Ewma => Box::new(Ewma),
                Rule::Mean20Calendar | Rule::HarCalendar | Rule::EwmaCalendar => return None,
            })
        };
        let scales = |field: Field| (field, (0..horizons).map(|horizon| scale(history, field, horizon)).collect());
        let all = Rule::ALL.iter().filter_map(|rule| Some((*rule, fitted(*rule, history)?))).collect();
        Self {
            fitted: Arc::new(all),
            on_calendar: Arc::new(OnCalendar::fit(history, days.clone(), fitted)),
            days,
            scales: Field::ALL.into_iter().map(scales).collect(),
        }
    }

    /// What `rule` forecasts after the bars `history`, `horizon` from 0, on the scale of `field`; `None` where it has
    /// nothing to say. The day that is forecast is that of the calendar.
    pub fn forecast(&self, rule: Rule, history: &[Bar], field: Field, horizon: usize) -> Option<f64> {
        if let Some(fitted) = self.fitted.get(&rule) {
            return fitted.forecast(Past::of(history), field, horizon);
        }
        let sessions = self.days.calendar().next_sessions(history.last()?.date, horizon + 1);
        let days: Vec<NaiveDate> = sessions.iter().map(|session| session.date).collect();
        let all = self.on_calendar.forecasts(Past::of(&self.recent_ordinary(history)), &days, field);
        all.into_iter().find(|(own, _)| *own == rule)?.1.get(horizon).copied().flatten()
    }

    /// `bars` as they would have been on ordinary days, for the rules that know the calendar.
    pub(super) fn ordinary(&self, bars: &[Bar]) -> Vec<Bar> {
        self.on_calendar.ordinary(bars)
    }

    /// The last of `bars` likewise, as many as these rules look back.
    pub(super) fn recent_ordinary(&self, bars: &[Bar]) -> Vec<Bar> {
        self.on_calendar.recent_ordinary(bars)
    }

    /// What each rule forecasts for each of `days`, the sessions after `history`; `ordinary` are the same bars, or the last of them,
    /// [without](Self::ordinary) effects of days.
    pub(super) fn forecasts(
        &self,
        history: Past<'_>,
        ordinary: Past<'_>,
        days: &[NaiveDate],
        field: Field,
    ) -> Vec<(Rule, Vec<Option<f64>>)> {
        let plain = self.fitted.iter().map(|(rule, fitted)| (*rule, fitted.forecasts(history, field, days.len())));
        plain.chain(self.on_calendar.forecasts(ordinary, days, field)).collect()
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
        Some(actual - Persistence.forecast(Past::of(known), field, horizon)?)
    };
    let errors: Vec<f64> = (0..history.len()).filter_map(error).collect();
    mae(&errors).filter(|mean| *mean > 0.0)
}

/// The last `count` known values of volume or range, oldest first.
fn last_values(history: Past<'_>, field: Field, count: usize) -> Vec<f64> {
    let mut last: Vec<f64> = history.logs().rev().filter_map(|day| field.of_logs(day)).take(count).collect();
    last.reverse();
    last
}

#[cfg(test)]
mod tests;
