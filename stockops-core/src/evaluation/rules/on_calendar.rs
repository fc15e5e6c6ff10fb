//! OnCalendar: rules for volume and range that know what a half day or an expiry usually does.

use chrono::NaiveDate;

use super::SimpleRule;
use crate::dataset::{DayEffects, Past};
use crate::forecast::{Field, Rule};
use crate::market::{Bar, Days};

/// Bars that a rule looks back: the weights of older ones are under a millionth.
const LOOK_BACK: usize = 250;

/// Rules fitted on ordinary days, and what the calendar does to a day.
#[derive(Debug)]
pub(super) struct OnCalendar {
    effects: DayEffects,
    days: Days,
    rules: Vec<(Rule, Box<dyn SimpleRule>)>,
}

impl OnCalendar {
    /// Learn the effects of days from `history`, and fit the rules, which `fitted` makes, on its ordinary days.
    pub(super) fn fit(
        history: &[Bar],
        days: Days,
        fitted: impl Fn(Rule, &[Bar]) -> Option<Box<dyn SimpleRule>>,
    ) -> Self {
        let effects = DayEffects::fit(&[(history, days.clone())], None);
        let ordinary: Vec<Bar> = history.iter().map(|bar| effects.without(bar, &days)).collect();
        let rules =
            Rule::OF_CALENDAR.iter().filter_map(|(own, plain)| Some((*own, fitted(*plain, &ordinary)?))).collect();
        Self { effects, days, rules }
    }

    /// `bars` as they would have been on ordinary days.
    pub(super) fn ordinary(&self, bars: &[Bar]) -> Vec<Bar> {
        bars.iter().map(|bar| self.effects.without(bar, &self.days)).collect()
    }

    /// The last of `bars` likewise, as many as a rule looks back.
    pub(super) fn recent_ordinary(&self, bars: &[Bar]) -> Vec<Bar> {
        self.ordinary(&bars[bars.len().saturating_sub(LOOK_BACK)..])
    }

    /// What each rule says of `days`, the sessions after `history`, which is [`ordinary`](Self::ordinary); nothing for prices.
    pub(super) fn forecasts(
        &self,
        history: Past<'_>,
        days: &[NaiveDate],
        field: Field,
    ) -> Vec<(Rule, Vec<Option<f64>>)> {
        if field.is_price() {
            return Vec::new();
        }
        let ordinary = history.last(LOOK_BACK);
        let effects: Vec<f64> = days.iter().map(|day| self.effect(*day, field)).collect();
        let of = |(rule, fitted): &(Rule, Box<dyn SimpleRule>)| {
            let plain = fitted.forecasts(ordinary, field, days.len());
            (*rule, plain.into_iter().zip(&effects).map(|(value, effect)| Some(value? + effect)).collect())
        };
        self.rules.iter().map(of).collect()
    }

    fn effect(&self, day: NaiveDate, field: Field) -> f64 {
        let (volume, range) = self.effects.at(&self.days, day);
        if field == Field::Volume { volume } else { range }
    }
}
